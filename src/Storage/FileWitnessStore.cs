using System.Text;
using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>
/// A witness's memory as files, <c>SHA-256 of the origin in hex/checkpoint</c>, which is also where the monitors of C2SP
/// <c>tlog-witness</c> look: the folder can be served as it is. One process writes it at a time.
/// </summary>
public sealed class FileWitnessStore : IWitnessStore, IDisposable
{
    readonly string folder;
    readonly FileStream held;

    /// <summary>Opens a folder, creating it.</summary>
    /// <exception cref="DataFolderException">Another process has it.</exception>
    public FileWitnessStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        this.folder = Path.GetFullPath(folder);
        _ = Directory.CreateDirectory(this.folder);
        held = DataFolder.Lock(this.folder);
    }

    public string? Read(string origin)
    {
        var path = PathOf(origin);
        return File.Exists(path) ? File.ReadAllText(path, Encoding.UTF8) : null;
    }

    public void Write(string origin, string note)
    {
        var path = PathOf(origin);
        if (!Directory.Exists(Path.GetDirectoryName(path)!))
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            FileSync.SyncFolder(folder);
        }
        FileSync.WriteAtomically(path, Encoding.UTF8.GetBytes(note));
    }

    public void Dispose() => held.Dispose();

    string PathOf(string origin) => Path.Combine(folder, ContentHash.OfText(origin).Hex, "checkpoint");
}
