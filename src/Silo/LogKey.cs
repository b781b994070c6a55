using System.Security.Cryptography;
using OpenLedger.Grains.Identity;
using OpenLedger.Storage;

namespace OpenLedger.Silo;

/// <summary>The key that signs the log's checkpoints: the data folder's own, or the file that the options name.</summary>
public sealed class LogKey
{
    const int SizeBytesMax = 4_096;
    const string LocalAccountPurpose = "openledger/local-account/v1";

    readonly Func<NoteSigner> _open;

    LogKey(Func<NoteSigner> open) => _open = open;

    /// <param name="file">Null takes the folder's own key.</param>
    /// <exception cref="UserErrorException">The file is missing, readable by others, or no key.</exception>
    public static LogKey Of(DataFolder folder, string? file)
    {
        if (file is null)
        {
            return new LogKey(folder.OpenSigner);
        }

        var text = Read(file);
        try
        {
            using var signer = NoteSigner.Parse(text);
        }
        catch (Exception exception) when (exception is ProofFormatException)
        {
            throw new UserErrorException($"The log key file '{file}' is damaged, or not a log key: {exception.Message}");
        }

        return new LogKey(() => NoteSigner.Parse(text));
    }

    /// <summary>The key; the caller disposes it.</summary>
    public NoteSigner Open() => _open();

    /// <summary>The secret by which silos of this log know each other's orders.</summary>
    public NetworkKey OfNetwork()
    {
        using var signer = Open();
        return NetworkKey.Of(signer);
    }

    /// <summary>
    /// The key of the local account, which pays where a request to the gateway names no other: derived from the log's key, so that it
    /// lies where that one does, and that all silos of a cluster have one account.
    /// </summary>
    public AccountKey OpenLocalAccount(TimeProvider clock, IdSource ids)
    {
        using var signer = Open();
        var seed = signer.DeriveSecret(LocalAccountPurpose, Ed25519.SeedSizeBytes);
        try
        {
            return new AccountKey(Ed25519PrivateKey.FromSeed(seed), clock, ids);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    static string Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new UserErrorException(
                $"There is no log key file '{file}'. All silos of a cluster sign with one key: copy keys/log.key of the first one's "
                + "data folder.");
        }

        if (new FileInfo(file).Length > SizeBytesMax)
        {
            throw new UserErrorException($"The file '{file}' is too large to be a log key.");
        }

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & others) != 0)
        {
            throw new UserErrorException($"The log key file '{file}' can be read or written by others: chmod 600 it.");
        }

        return File.ReadAllText(file).Trim();
    }
}
