using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace OpenLedger.Ledger;

/// <summary>
/// Numbered records that never change, found by keys. The latest are in memory with their keys, in two tables of which the older is given
/// up when the newer is full; what is older is in the archive. Memory does not grow with the number of records.
/// </summary>
sealed class RecordTable<T> : IDisposable
    where T : unmanaged
{
    const int FirstLengthMax = 64;

    // Ids from which on the next table is made ahead.
    const int PreparedFrom = 1 << 12;

    readonly RecordArchive<T> archive;
    readonly int segmentBits;
    readonly int slotsMax;

    // The segments that are in memory, the one that fills last.
    readonly List<T[]> window = [];
    int windowFirst;
    int sealedCount;
    IdTable recent;
    IdTable before;
    long recentFirst;
    long beforeFirst;

    public RecordTable(ILedgerFiles files, string prefix, BackgroundWork work, RecordSizes sizes)
    {
        (segmentBits, slotsMax) = (sizes.SegmentBits, sizes.IdsMax * 2);
        archive = new RecordArchive<T>(files, prefix, work, segmentBits);
        recent = new IdTable(slotsMax);
        before = new IdTable(slotsMax);
    }

    int SegmentLength => 1 << segmentBits;

    /// <summary>Records so far; the next one gets this number.</summary>
    public long Count { get; private set; }

    public RecordArchive<T> Archive => archive;

    public T this[long number] => (int)(number >> segmentBits) is var segment && segment >= windowFirst
        ? window[segment - windowFirst][(int)number & (SegmentLength - 1)]
        : archive.Read(number);

    /// <summary>Makes room for a batch, so that nothing moves while it is applied; at most one table is given up.</summary>
    /// <param name="keysMax">Keys that the batch adds at most.</param>
    public void BeginBatch(int keysMax)
    {
        archive.Advance();
        if (!recent.Takes(keysMax))
        {
            archive.AddRun(before);
            (before, beforeFirst) = (recent, recentFirst);
            (recent, recentFirst) = (archive.NewTable(slotsMax), Count);
            Release();
        }
        if (recent.Count > PreparedFrom)
        {
            archive.PrepareTable(slotsMax);
        }
        if (recent.NeedsWhole(keysMax))
        {
            var whole = archive.NewTable(slotsMax);
            whole.AddAll(recent);
            recent = whole;
        }
        recent.Reserve(keysMax);
    }

    /// <summary>Hands full segments to the archive: after the batch, when nothing is taken back any more.</summary>
    public void EndBatch()
    {
        while ((sealedCount + 1L) << segmentBits <= Count)
        {
            archive.Seal(window[sealedCount - windowFirst]);
            sealedCount++;
        }
    }

    /// <summary>Adds a record and returns its number. Its keys follow, by <see cref="AddKey"/>.</summary>
    public long Add(in T record)
    {
        var index = (int)(Count >> segmentBits) - windowFirst;
        var at = (int)Count & (SegmentLength - 1);
        if (index == window.Count)
        {
            window.Add(Count == 0 ? new T[Math.Min(FirstLengthMax, SegmentLength)] : archive.NewSegment());
        }
        var segment = window[index];
        if (at == segment.Length)
        {
            segment = window[index] = Longer(segment);
        }
        segment[at] = record;
        return Count++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddKey(ulong key, long number) => recent.Add(key, number);

    public void RemoveKey(ulong key, long number) => recent.Remove(key, number);

    /// <summary>Forgets the records that this batch added last; their keys have been removed.</summary>
    public void Truncate(long count)
    {
        Invariant.Check(count <= Count && count >= (long)sealedCount << segmentBits, "records are taken back that are in the archive");
        Count = count;
        while (window.Count > 0 && (windowFirst + window.Count - 1L) << segmentBits >= Math.Max(1, count))
        {
            window.RemoveAt(window.Count - 1);
        }
    }

    /// <summary>The record that is meant, or −1.</summary>
    /// <param name="mayBeOld">False where <see cref="MarkOld"/> left it unmarked: the archive is not asked.</param>
    public long Find<TMatch>(in TMatch match, bool mayBeOld = true)
        where TMatch : struct, IRecordMatch<T>
    {
        var number = FindIn(recent, match);
        if (number < 0 && before.Count > 0)
        {
            number = FindIn(before, match);
        }
        return number < 0 && mayBeOld ? archive.Find(match) : number;
    }

    /// <summary>Marks the keys that the archive may hold.</summary>
    public void MarkOld(ReadOnlySpan<ulong> keys, Span<bool> marks) => archive.MayContain(keys, marks);

    /// <summary>Asks for what a key's lookup will touch, ahead of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong key)
    {
        recent.Prefetch(key);
        if (before.Count > 0)
        {
            before.Prefetch(key);
        }
    }

    /// <summary>Whether everything older than the segment that fills is in its file.</summary>
    public bool IsWritten()
    {
        archive.Advance();
        return archive.IsWritten;
    }

    /// <summary>Where the two tables begin, and the segment that fills: with the archive, all there is.</summary>
    public RecordTableState<T> Save()
    {
        var filling = (int)Count & (SegmentLength - 1);
        var records = filling == 0 ? [] : window[^1].AsSpan(0, filling).ToArray();
        return new RecordTableState<T>(Count, recentFirst, beforeFirst, [.. archive.RunNames], records);
    }

    /// <summary>Restores what was saved, reading the segments of the window again.</summary>
    /// <param name="keysOf">Adds the keys of a record.</param>
    public void Restore(RecordTableState<T> state, Action<RecordTable<T>, T, long> keysOf)
    {
        Invariant.Check(Count == 0, "a table is restored twice");
        sealedCount = (int)(state.Count >> segmentBits);
        archive.Restore(sealedCount, state.RunNames);
        (recentFirst, beforeFirst) = (state.RecentFirst, state.BeforeFirst);
        windowFirst = (int)(beforeFirst >> segmentBits);
        for (var segment = windowFirst; segment < sealedCount; segment++)
        {
            var records = archive.NewSegment();
            archive.SegmentOf((long)segment << segmentBits).CopyTo(records);
            window.Add(records);
        }
        if (state.Filling.Length > 0)
        {
            var records = archive.NewSegment();
            state.Filling.CopyTo(records);
            window.Add(records);
        }
        Count = state.Count;
        AddKeys(keysOf);
        archive.VerifySegments(0, sealedCount);
    }

    public void Dispose() => archive.Dispose();

    // Twice as long, until a segment has its length; only the very first one begins short, so that a small book is small.
    T[] Longer(T[] segment)
    {
        var longer = segment.Length * 8 < SegmentLength ? new T[segment.Length * 8] : archive.NewSegment();
        segment.CopyTo(longer, 0);
        return longer;
    }

    bool IsMatch<TMatch>(in TMatch match, ReadOnlySpan<T> segment, long number)
        where TMatch : struct, IRecordMatch<T> => match.Is(segment[(int)number & (SegmentLength - 1)]);

    long FindIn<TMatch>(IdTable table, in TMatch match)
        where TMatch : struct, IRecordMatch<T>
    {
        var at = table.Start(match.Key);
        long number;
        while ((number = table.Next(match.Key, ref at)) >= 0)
        {
            if (IsMatch(match, window[(int)(number >> segmentBits) - windowFirst], number))
            {
                return number;
            }
        }
        return -1;
    }

    void AddKeys(Action<RecordTable<T>, T, long> keysOf)
    {
        // The older table first, as it came about; then the newer.
        for (var number = beforeFirst; number < recentFirst; number++)
        {
            recent.Reserve(2);
            keysOf(this, this[number], number);
        }
        (before, recent) = (recent, before);
        for (var number = recentFirst; number < Count; number++)
        {
            recent.Reserve(2);
            keysOf(this, this[number], number);
        }
    }

    void Release()
    {
        var first = (int)(beforeFirst >> segmentBits);
        for (; windowFirst < first; windowFirst++)
        {
            window.RemoveAt(0);
            archive.Release(windowFirst);
        }
    }
}

/// <summary>How many records are kept in memory.</summary>
/// <param name="SegmentBits">Logarithm of the records that go to a file together.</param>
/// <param name="IdsMax">Keys of a table of recent ids, a power of two; there are two tables, of which the older may be full.</param>
readonly record struct RecordSizes(int SegmentBits, int IdsMax)
{
    /// <summary>65,536 records a file (4 MiB of transfers), a million ids a table (32 MiB): at most two million recent transfers.</summary>
    public static RecordSizes Default => new(16, 1 << 20);
}

/// <summary>What a snapshot keeps of a <see cref="RecordTable{T}"/>.</summary>
sealed record RecordTableState<T>(
    long Count, long RecentFirst, long BeforeFirst, IReadOnlyList<string> RunNames, T[] Filling);
