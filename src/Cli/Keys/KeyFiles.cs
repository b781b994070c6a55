using OpenLedger.Grains.Identity;

namespace OpenLedger.Cli.Keys;

/// <summary>Accounts' key files on disk: written whole or not at all, for their owner's eyes alone.</summary>
static class KeyFiles
{
    /// <exception cref="UserErrorException">There is no such file, or it is no key file; the message names it.</exception>
    public static AccountKeyFile Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new UserErrorException($"There is no key file '{path}'. 'openledger keys new' makes one.");
        }

        if (new FileInfo(path).Length > AccountKeyFile.SizeBytesMax)
        {
            throw new UserErrorException($"'{path}' is too large to be an account's key file.");
        }

        try
        {
            return AccountKeyFile.Parse(File.ReadAllBytes(path));
        }
        catch (UserErrorException exception)
        {
            throw new UserErrorException($"'{path}': {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The key file '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>A key that signs requests, from a file and its passphrase; the caller disposes it.</summary>
    public static AccountKey Open(string path, string? passphraseFile)
    {
        var file = Read(path);
        var key = file.Open(Passphrase.Of(passphraseFile, $"Passphrase of {file.Address}"));
        return new AccountKey(key, TimeProvider.System, IdSource.Secure());
    }

    /// <param name="replace">Whether a file of this name may be there already.</param>
    /// <exception cref="UserErrorException">A file is there already, or the folder cannot be written.</exception>
    public static void Write(string path, AccountKeyFile file, bool replace)
    {
        var full = Path.GetFullPath(path);
        if (!replace && Path.Exists(full))
        {
            throw new UserErrorException(
                $"'{path}' is there already, and a key that is overwritten is lost with its account: name another with --out, or say "
                + "--force.");
        }

        // Beside it, so that the renaming is within one file system; readable by the owner alone from its first byte on.
        var temporary = $"{full}.{Environment.ProcessId}.new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(file.ToBytes());
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: replace);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new UserErrorException($"The key file '{path}' cannot be written: {exception.Message}", exception);
        }
    }
}
