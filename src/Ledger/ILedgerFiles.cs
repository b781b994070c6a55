namespace OpenLedger.Ledger;

/// <summary>
/// Where a ledger keeps what follows from its journal, so that a start need not read all of it: old transfers, their index, snapshots.
/// Immutable files by name; a name is made of a–z, 0–9 and '-'. Losing all of them costs time and nothing else. Safe for several threads.
/// </summary>
public interface ILedgerFiles : IDisposable
{
    /// <summary>The names of all files, in ordinal order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Writes a file, or replaces it. It is durable after <see cref="Flush"/>; a crash before may leave anything of it.</summary>
    /// <param name="parts">Its bytes, in order.</param>
    void Write(string name, IReadOnlyList<ReadOnlyMemory<byte>> parts);

    /// <summary>Makes everything durable that was written before.</summary>
    void Flush();

    /// <summary>Opens a file for reading, or gives null where there is none.</summary>
    ILedgerFile? Open(string name);

    /// <summary>Removes a file; one that is open stays readable.</summary>
    void Delete(string name);
}

/// <summary>An open file: its bytes, mapped or pinned, stay where they are until it is disposed.</summary>
public interface ILedgerFile : IDisposable
{
    ReadOnlySpan<byte> Bytes { get; }
}

/// <summary>Files in memory, for tests and for silos that keep nothing.</summary>
public sealed class MemoryLedgerFiles : ILedgerFiles
{
    readonly Lock gate = new();
    readonly SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);

    public IReadOnlyList<string> List()
    {
        lock (gate)
        {
            return [.. files.Keys];
        }
    }

    public void Write(string name, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var bytes = GC.AllocateUninitializedArray<byte>(parts.Sum(part => part.Length), pinned: true);
        var at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(bytes.AsMemory(at));
            at += part.Length;
        }
        lock (gate)
        {
            files[name] = bytes;
        }
    }

    public void Flush()
    {
    }

    public ILedgerFile? Open(string name)
    {
        lock (gate)
        {
            return files.TryGetValue(name, out var bytes) ? new MemoryFile(bytes) : null;
        }
    }

    public void Delete(string name)
    {
        lock (gate)
        {
            _ = files.Remove(name);
        }
    }

    /// <summary>Forgets nothing: the next core may open the files again.</summary>
    public void Dispose()
    {
    }

    sealed class MemoryFile(byte[] bytes) : ILedgerFile
    {
        public ReadOnlySpan<byte> Bytes => bytes;

        public void Dispose()
        {
        }
    }
}
