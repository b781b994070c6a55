using System.Text;
using Microsoft.Win32.SafeHandles;
using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>
/// A log's tiles as files, laid out as C2SP <c>tlog-tiles</c> names them, so that any web server can serve the folder as it is:
/// <c>checkpoint</c>, <c>tile/0/x001/x234/067</c>, <c>tile/entries/000.p/17</c>. A file is written beside and renamed, on another
/// thread than the one that gives it; until then it is read from memory. Tiles are flushed to the disk together, by <see cref="Flush"/>:
/// what a power cut takes before is written again by whoever replays the journal.
/// </summary>
public sealed class FileTileStore : ITileStore
{
    /// <summary>Files that are flushed one by one; more than these, by one flush of the file system.</summary>
    const int FlushedSinglyMax = 16;

    /// <summary>Files that may wait to be flushed.</summary>
    const int UnflushedMax = 8_192;

    /// <summary>Tiles that may wait to be written, some 8 KiB each.</summary>
    const int WaitingMax = 1_024;

    const string CheckpointName = "checkpoint";
    const string Temporary = ".new";
    readonly string folder;
    readonly Lock gate = new();
    readonly Lock flushing = new();
    readonly HashSet<string> unflushed = new(StringComparer.Ordinal);
    readonly TileQueue queue;

    /// <summary>Opens a folder, creating it. One process writes it at a time.</summary>
    public FileTileStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        this.folder = Path.GetFullPath(folder);
        _ = Directory.CreateDirectory(this.folder);
        queue = new TileQueue(WriteTile, WaitingMax);
    }

    public byte[]? Read(LogTile tile) => queue.Find(tile) ?? ReadFile(PathOf(tile));

    public void Write(IReadOnlyList<TileContent> tiles)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        Guarded(() => queue.Add(tiles), "written");
    }

    public void Flush()
    {
        // One at a time: whoever comes second must not return before what the first one took is durable.
        lock (flushing)
        {
            FlushAll();
        }
    }

    public void Settle()
    {
        try
        {
            queue.Drain();
        }
        catch (IOException)
        {
            // Nothing is under way after a failure.
        }
    }

    void FlushAll()
    {
        Guarded(queue.Drain, "written");
        string[] paths;
        lock (gate)
        {
            paths = [.. unflushed];
            unflushed.Clear();
        }
        // Outside the lock: whoever writes the next tiles does not wait for the disk.
        Guarded(() => FlushTaken(paths), "flushed");
    }

    void FlushTaken(string[] paths)
    {
        try
        {
            FlushFiles(paths);
        }
        catch
        {
            lock (gate)
            {
                unflushed.UnionWith(paths);
            }
            throw;
        }
    }

    void Guarded(Action action, string what)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TileStoreException($"the log's folder {folder} cannot be {what}: {exception.Message}", exception);
        }
    }

    public string? ReadCheckpoint() =>
        ReadFile(Path.Combine(folder, CheckpointName)) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public void WriteCheckpoint(ulong treeSize, string note)
    {
        PublishedCheckpoint.Check(note);
        Flush();
        lock (gate)
        {
            if (ReadCheckpoint() is { } before && IsLarger(before, treeSize))
            {
                return;
            }
            try
            {
                FileSync.WriteAtomically(Path.Combine(folder, CheckpointName), Encoding.UTF8.GetBytes(note));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new TileStoreException($"the log's checkpoint cannot be written to {folder}: {exception.Message}", exception);
            }
        }
    }

    void WriteTile(TileContent content)
    {
        var tile = content.Tile;
        var bytes = content.Bytes.Span;
        var path = PathOf(tile);
        // A replay finds most tiles as they should be. Whether they were flushed is not known.
        if (new FileInfo(path) is not { Exists: true } existing || existing.Length != bytes.Length
            || !bytes.SequenceEqual(File.ReadAllBytes(path)))
        {
            using (var file = Create(path + Temporary))
            {
                RandomAccess.Write(file, bytes, 0);
            }
            File.Move(path + Temporary, path, overwrite: true);
        }
        if (tile.IsFull && Directory.Exists(path + ".p"))
        {
            Directory.Delete(path + ".p", recursive: true);
        }
        string[] many = [];
        lock (gate)
        {
            _ = unflushed.Add(path);
            if (unflushed.Count > UnflushedMax)
            {
                many = [.. unflushed];
                unflushed.Clear();
            }
        }
        if (many.Length > 0)
        {
            FlushTaken(many);
        }
    }

    // One folder takes 256 files: it is there far more often than not.
    static SafeFileHandle Create(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None);
        }
        catch (DirectoryNotFoundException)
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None);
        }
    }

    void FlushFiles(string[] paths)
    {
        if (paths.Length > FlushedSinglyMax && FileSync.SyncFileSystem(folder))
        {
            return;
        }
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            try
            {
                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
                RandomAccess.FlushToDisk(file);
            }
            catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
            {
                // A partial tile may have made way for its full one meanwhile.
            }
            for (var each = Path.GetDirectoryName(path)!; each.Length >= folder.Length && folders.Add(each);)
            {
                each = Path.GetDirectoryName(each)!;
            }
        }
        foreach (var each in folders.Where(Directory.Exists))
        {
            FileSync.SyncFolder(each);
        }
    }

    byte[]? ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TileStoreException($"the log's folder {folder} cannot be read: {exception.Message}", exception);
        }
    }

    // A checkpoint that cannot be read is replaced by one that can.
    static bool IsLarger(string note, ulong treeSize)
    {
        try
        {
            return PublishedCheckpoint.TreeSizeOf(note) > treeSize;
        }
        catch (ProofFormatException)
        {
            return false;
        }
    }

    string PathOf(LogTile tile) => Path.Combine(folder, tile.Path);
}
