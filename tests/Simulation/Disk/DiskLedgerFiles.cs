using OpenLedger.Ledger;

namespace Simulation.Tests.Disk;

/// <summary>
/// Snapshots, old transfers and their index as files of a faulty disk, written beside, renamed and synced together as the product's are.
/// </summary>
sealed class DiskLedgerFiles(FaultyDisk disk) : ILedgerFiles
{
    const string Prefix = "book-";
    const string Incoming = ".new";

    readonly SortedSet<string> unsynced = new(StringComparer.Ordinal);

    public IReadOnlyList<string> List() =>
    [
        .. disk.Names.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && !name.EndsWith(Incoming, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..]),
    ];

    public void Write(string name, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        _ = unsynced.Add(Prefix + name);
        disk.Replace(Prefix + name, [.. parts.SelectMany(part => part.ToArray())]);
    }

    public void Flush()
    {
        disk.SyncAll(unsynced);
        unsynced.Clear();
    }

    public ILedgerFile? Open(string name) => disk.ReadAll(Prefix + name) is { } bytes ? new OpenBytes(bytes) : null;

    public void Delete(string name) => disk.Delete(Prefix + name, syncDirectory: false);

    public void Dispose()
    {
    }

    sealed class OpenBytes(byte[] bytes) : ILedgerFile
    {
        public ReadOnlySpan<byte> Bytes => bytes;

        public void Dispose()
        {
        }
    }
}
