using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>
/// A ledger's files in a folder, read by memory mapping, so that the system keeps of them what is used. A file is written beside and
/// renamed to its name, so that whoever has the old one open keeps it. Safe for several threads.
/// </summary>
public sealed class FolderLedgerFiles : ILedgerFiles
{
    const string Incoming = ".new";
    readonly string folder;
    readonly ConcurrentQueue<string> unflushed = new();

    /// <summary>
    /// Opens a folder, creating it, and removes what an interrupted write left behind. One process has a folder at a time.
    /// </summary>
    public FolderLedgerFiles(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        this.folder = folder;
        _ = Directory.CreateDirectory(folder);
        foreach (var leftover in Directory.EnumerateFiles(folder, "*" + Incoming))
        {
            File.Delete(leftover);
        }
    }

    public IReadOnlyList<string> List() =>
        [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public void Write(string name, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var path = PathOf(name);
        using (var file = File.OpenHandle(path + Incoming, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(file, parts, 0);
        }
        File.Move(path + Incoming, path, overwrite: true);
        unflushed.Enqueue(path);
    }

    public void Flush()
    {
        while (unflushed.TryDequeue(out var path))
        {
            if (File.Exists(path))
            {
                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
                RandomAccess.FlushToDisk(file);
            }
        }
        FileSync.SyncFolder(folder);
    }

    public ILedgerFile? Open(string name)
    {
        var path = PathOf(name);
        return File.Exists(path) ? new MappedFile(path) : null;
    }

    public void Delete(string name) => File.Delete(PathOf(name));

    public void Dispose()
    {
    }

    string PathOf(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        ? Path.Combine(folder, name)
        : throw new ArgumentException($"'{name}' cannot name a ledger's file", nameof(name));

    sealed unsafe class MappedFile : ILedgerFile
    {
        readonly MemoryMappedFile map;
        readonly MemoryMappedViewAccessor view;
        readonly byte* start;
        readonly int sizeBytes;

        public MappedFile(string path)
        {
            sizeBytes = checked((int)new FileInfo(path).Length);
            map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        }

        public ReadOnlySpan<byte> Bytes => new(start, sizeBytes);

        public void Dispose()
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
            map.Dispose();
        }
    }
}
