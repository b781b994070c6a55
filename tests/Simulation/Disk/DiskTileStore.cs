using System.Text;
using OpenLedger;
using OpenLedger.Ledger;

namespace Simulation.Tests.Disk;

/// <summary>
/// The log's tiles as files of a faulty disk, synced together as the product's are: after a crash any of them may be missing, old or torn,
/// and a replay of the journal must not mind.
/// </summary>
sealed class DiskTileStore(FaultyDisk disk) : ITileStore
{
    const string CheckpointName = "log-checkpoint";

    readonly HashSet<string> unsynced = new(StringComparer.Ordinal);

    public byte[]? Read(LogTile tile)
    {
        var bytes = ReadFile(NameOf(tile));
        return bytes is null || bytes.Length < tile.SizeBytes ? null : bytes[..tile.SizeBytes];
    }

    public void Write(IReadOnlyList<TileContent> tiles) => Guarded(() =>
    {
        foreach (var (tile, bytes) in tiles)
        {
            var name = NameOf(tile);
            if (Read(tile) is { } there && there.AsSpan().SequenceEqual(bytes.Span))
            {
                continue;
            }
            disk.Write(disk.Open(name, create: true)!, 0, bytes.Span);
            _ = unsynced.Add(name);
        }
        return true;
    });

    public void Flush() => Guarded(() =>
    {
        foreach (var name in unsynced.Order(StringComparer.Ordinal).ToList())
        {
            disk.Sync(disk.Open(name, create: false)!);
            _ = unsynced.Remove(name);
        }
        return true;
    });

    public string? ReadCheckpoint() => ReadFile(CheckpointName) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public void WriteCheckpoint(ulong treeSize, string note)
    {
        Flush();
        _ = Guarded(() =>
        {
            var file = disk.Open(CheckpointName, create: true)!;
            disk.Write(file, 0, Encoding.UTF8.GetBytes(note));
            disk.Sync(file);
            return true;
        });
    }

    byte[]? ReadFile(string name) => Guarded(() =>
    {
        if (disk.Open(name, create: false) is not { } file)
        {
            return null;
        }
        var bytes = new byte[file.Length];
        _ = disk.Read(file, 0, bytes);
        return bytes;
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

    static string NameOf(LogTile tile) => "log-" + tile.Path.Replace('/', '-');
}
