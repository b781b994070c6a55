using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OpenLedger.Ledger;

/// <summary>
/// The keys of a range of records, sorted, with a filter in front; immutable, and a file. Little-endian: magic (8 bytes), first number
/// (8), count of keys (8), keys (8 each, ascending), numbers less the first (4 each), filling to 32 bytes, filter, XXH3-128 of all before
/// it (16).
/// </summary>
sealed class IdRun : IDisposable
{
    /// <summary>Keys of a run; runs that would have more together are not merged.</summary>
    public const int KeysMax = 1 << 26;

    const ulong Magic = 0x3130_6E75_7249_4C4F;
    const int HeaderSizeBytes = 24;
    const int CopiedFilterSizeBytesMax = 32 << 20;

    readonly ILedgerFile file;
    readonly long first;
    readonly FilterBlocks filter;

    // Asked for every transfer: in memory of large pages where it is small enough, and there are few such runs.
    readonly byte[]? copiedFilter;

    IdRun(string name, ILedgerFile file)
    {
        Name = name;
        this.file = file;
        first = (long)BinaryPrimitives.ReadUInt64LittleEndian(file.Bytes[8..]);
        Count = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.Bytes[16..]);
        ReadOnlySpan<byte> mapped =
            file.Bytes.Slice(FilterAt(Count), SplitBlockFilter.BlockCount(Count) * SplitBlockFilter.BlockSizeBytes);
        if (mapped.Length <= CopiedFilterSizeBytesMax)
        {
            copiedFilter = LargePages.Allocate<byte>(mapped.Length);
            mapped.CopyTo(copiedFilter);
        }
        filter = new FilterBlocks(copiedFilter ?? mapped);
    }

    public string Name { get; }

    public int Count { get; }

    ReadOnlySpan<ulong> Keys => MemoryMarshal.Cast<byte, ulong>(file.Bytes.Slice(HeaderSizeBytes, Count * sizeof(ulong)));

    ReadOnlySpan<uint> Numbers =>
        MemoryMarshal.Cast<byte, uint>(file.Bytes.Slice(HeaderSizeBytes + (Count * sizeof(ulong)), Count * sizeof(uint)));

    /// <summary>Opens a run.</summary>
    /// <exception cref="LedgerFileException">It is missing, or not a run.</exception>
    public static IdRun Open(ILedgerFiles files, string name)
    {
        var file = files.Open(name) ?? throw new LedgerFileException(name, "is missing");
        var bytes = file.Bytes;
        var fits = bytes.Length > HeaderSizeBytes && BinaryPrimitives.ReadUInt64LittleEndian(bytes) == Magic
            && BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) is > 0 and <= KeysMax;
        if (!fits || bytes.Length != SizeBytes((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..])))
        {
            file.Dispose();
            throw new LedgerFileException(name, "is not an index, or is cut short");
        }
        return new IdRun(name, file);
    }

    /// <summary>Sorts the keys of a table and writes them as a run.</summary>
    /// <param name="nameOf">Gives the name, from the first and the last number.</param>
    public static IdRun Write(ILedgerFiles files, IdTable table, Func<long, long, string> nameOf)
    {
        var count = table.Count;
        var keys = ArrayPool<ulong>.Shared.Rent(count);
        var numbers = ArrayPool<long>.Shared.Rent(count);
        try
        {
            table.CopyTo(keys, numbers);
            long first = long.MaxValue, last = 0;
            foreach (var number in numbers.AsSpan(0, count))
            {
                (first, last) = (Math.Min(first, number), Math.Max(last, number));
            }
            using var content = new Content(first, count);
            for (var i = 0; i < count; i++)
            {
                content.Set(i, keys[i], numbers[i]);
            }
            return content.Write(files, nameOf(first, last));
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(keys);
            ArrayPool<long>.Shared.Return(numbers);
        }
    }

    /// <summary>Writes several runs as one.</summary>
    public static IdRun Merge(ILedgerFiles files, string name, IReadOnlyList<IdRun> runs)
    {
        using var content = new Content(runs.Min(run => run.first), runs.Sum(run => run.Count));
        var heads = runs.Select(run => new Head(run)).ToArray();
        for (var i = 0; i < content.Count; i++)
        {
            var least = 0;
            for (var run = 1; run < heads.Length; run++)
            {
                least = heads[run].Key < heads[least].Key || (heads[least].IsAtEnd && !heads[run].IsAtEnd) ? run : least;
            }
            content.Set(i, heads[least].Key, heads[least].Number);
            heads[least].Advance();
        }
        return content.Write(files, name);
    }

    public bool MayContain(ulong key) => filter.MayContain(key);

    /// <summary>Marks the keys that may be in the run.</summary>
    public void MayContain(ReadOnlySpan<ulong> sought, Span<bool> marks) => filter.MayContain(sought, marks);

    /// <summary>Index of the first key that is not smaller.</summary>
    public int LowerBound(ulong key)
    {
        var keys = Keys;
        int low = 0, high = keys.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = keys[middle] < key ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    /// <summary>The number at an index, if its key is this one; −1 otherwise.</summary>
    public long NumberAt(int index, ulong key) => index < Count && Keys[index] == key ? first + Numbers[index] : -1;

    /// <summary>Reads the whole file and compares its hash.</summary>
    public void Verify() => LedgerFileFormat.Verify(Name, file.Bytes);

    public void Dispose() => file.Dispose();

    static int FilterAt(int count) => (HeaderSizeBytes + (count * (sizeof(ulong) + sizeof(uint))) + 31) & ~31;

    static int SizeBytes(int count) =>
        FilterAt(count) + (SplitBlockFilter.BlockCount(count) * SplitBlockFilter.BlockSizeBytes) + LedgerFileFormat.HashSizeBytes;

    /// <summary>A run as it is made.</summary>
    sealed class Content : IDisposable
    {
        readonly byte[] bytes;
        readonly int sizeBytes;
        readonly long first;

        public Content(long first, int count)
        {
            this.first = first;
            Count = count;
            sizeBytes = SizeBytes(count) - LedgerFileFormat.HashSizeBytes;
            bytes = ArrayPool<byte>.Shared.Rent(sizeBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), (ulong)first);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), (ulong)count);
            bytes.AsSpan(HeaderSizeBytes + (count * (sizeof(ulong) + sizeof(uint))), FilterAt(count) - HeaderSizeBytes
                - (count * (sizeof(ulong) + sizeof(uint)))).Clear();
            Filter.Clear();
        }

        public int Count { get; }

        Span<byte> Filter => bytes.AsSpan(FilterAt(Count), sizeBytes - FilterAt(Count));

        public void Set(int index, ulong key, long number)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HeaderSizeBytes + (index * sizeof(ulong))), key);
            var numbersAt = HeaderSizeBytes + (Count * sizeof(ulong));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(numbersAt + (index * sizeof(uint))), checked((uint)(number - first)));
            SplitBlockFilter.Add(Filter, key);
        }

        public IdRun Write(ILedgerFiles files, string name)
        {
            LedgerFileFormat.Write(files, name, [bytes.AsMemory(0, sizeBytes)]);
            return Open(files, name);
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>Where a merge stands in one run.</summary>
    unsafe struct Head
    {
        readonly ulong* keys;
        readonly uint* numbers;
        readonly long first;
        readonly int count;
        int at;

        public Head(IdRun run)
        {
            keys = (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(run.Keys));
            numbers = (uint*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(run.Numbers));
            first = run.first;
            count = run.Count;
            Key = keys[0];
        }

        /// <summary>The key that comes next; the largest of all at the end.</summary>
        public ulong Key { get; private set; }

        public readonly bool IsAtEnd => at == count;

        public readonly long Number => first + numbers[at];

        public void Advance() => Key = ++at < count ? keys[at] : ulong.MaxValue;
    }
}
