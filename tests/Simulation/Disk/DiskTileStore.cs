using System.Text;
using OpenLedger;
using OpenLedger.Ledger;

namespace Simulation.Tests.Disk;

/// <summary>
/// The log's tiles as files of a faulty disk, written beside, renamed and synced together as the product's are: after a crash any of them
/// may be missing, old or torn, and a replay of the journal must not mind.
/// </summary>
sealed class DiskTileStore(FaultyDisk disk) : ITileStore
{
    const string Prefix = "log-";

    readonly SortedSet<string> unsynced = new(StringComparer.Ordinal);

    public byte[]? Read(LogTile tile)
    {
        var bytes = Guarded(() => disk.ReadAll(NameOf(tile)));
        return bytes?.Length == tile.SizeBytes ? bytes : null;
    }

    public void Write(IReadOnlyList<TileContent> tiles) => Guarded(() =>
    {
        foreach (var (tile, bytes) in tiles)
        {
            var name = NameOf(tile);
            _ = unsynced.Add(name);
            if (Read(tile) is not { } there || !there.AsSpan().SequenceEqual(bytes.Span))
            {
                disk.Replace(name, bytes.Span);
            }
        }
        return true;
    });

    public void Flush() => Guarded(() =>
    {
        disk.SyncAll(unsynced);
        unsynced.Clear();
        return true;
    });

    public string? ReadCheckpoint() =>
        Guarded(() => disk.ReadAll(Prefix + "checkpoint")) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public void WriteCheckpoint(ulong treeSize, string note) => Guarded(() =>
    {
        Flush();
        disk.Replace(Prefix + "checkpoint", Encoding.UTF8.GetBytes(note));
        disk.SyncAll([Prefix + "checkpoint"]);
        return true;
    });

    static T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (DiskFaultException exception)
        {
            throw new TileStoreException(exception.Message, exception);
        }
    }

    static string NameOf(LogTile tile) => Prefix + tile.Path.Replace('/', '-');
}
