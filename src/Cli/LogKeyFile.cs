using OpenLedger.Storage;

namespace OpenLedger.Cli;

/// <summary>A log's public key as a file: one line, a C2SP signed-note verifier key.</summary>
static class LogKeyFile
{
    public const string Name = DataFolder.LogKeyName;

    const int SizeBytesMax = 4_096;

    /// <summary>Reads a key given as such or as a file's path.</summary>
    public static string Read(string keyOrPath)
    {
        if (!File.Exists(keyOrPath))
        {
            return keyOrPath.Contains('+', StringComparison.Ordinal)
                ? keyOrPath.Trim()
                : throw new UserErrorException($"'{keyOrPath}' is neither a log key (name+hash+base64) nor a file that holds one.");
        }

        return new FileInfo(keyOrPath).Length <= SizeBytesMax
            ? File.ReadAllText(keyOrPath).Trim()
            : throw new UserErrorException($"'{keyOrPath}' is too large to be a log key.");
    }

    /// <summary>The key file beside a receipt, or in the data folder above it.</summary>
    public static string? FindBeside(string receiptPath)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(receiptPath))!;
        return new[] { Path.Combine(folder, Name), Path.Combine(folder, "..", Name) }.Select(Path.GetFullPath).FirstOrDefault(File.Exists);
    }
}
