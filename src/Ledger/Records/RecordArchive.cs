using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OpenLedger.Ledger;

/// <summary>
/// Records that have left memory: segments of a fixed length each (65,536 in the product), and runs of their keys. Segments are written as
/// they fill, runs as a table of recent ids is given up; four runs of a size are merged into one, so that few are asked. What is not yet
/// written is still answered from memory. Used by one thread; the writing is <see cref="BackgroundWork"/>.
/// </summary>
/// <param name="prefix">Begins the names of the files: <c>prefix-segment-…</c>, <c>prefix-ids-…</c>.</param>
/// <param name="segmentBits">Logarithm of a segment's length.</param>
sealed class RecordArchive<T>(ILedgerFiles files, string prefix, BackgroundWork work, int segmentBits) : IDisposable
    where T : unmanaged
{
    /// <summary>Runs of about the same size that are merged into one.</summary>
    const int MergedRuns = 4;

    const int SpareSegmentsMax = 32;
    const int SpareTablesMax = 3;

    readonly List<Segment> segments = [];
    readonly List<Run> runs = [];
    readonly List<Segment> releasing = [];
    List<string> retired = [];
    bool isPreparing;
    readonly ConcurrentQueue<IdTable> spareTables = [];
    readonly Stack<T[]> spareSegments = [];

    /// <summary>Whether everything is in its file.</summary>
    public bool IsWritten => work.IsIdle && runs.TrueForAll(run => run.File is not null && run.Merging is null);

    /// <summary>Names of the runs, oldest first.</summary>
    public IEnumerable<string> RunNames => runs.Select(run => run.File!.Name);

    /// <summary>Takes a full segment, which nobody changes any more, and writes it.</summary>
    public void Seal(T[] records)
    {
        var segment = new Segment { Records = records };
        var name = SegmentName(segments.Count);
        segments.Add(segment);
        work.Add(() =>
        {
            LedgerFileFormat.Write(files, name, [new RecordBytes<T>(records).Memory]);
            segment.IsWritten = true;
        });
    }

    /// <summary>Forgets a segment's memory once its file can be read instead.</summary>
    public void Release(int segment) => releasing.Add(segments[segment]);

    /// <summary>Takes a table of ids over as a run.</summary>
    public void AddRun(IdTable table)
    {
        if (table.Count == 0)
        {
            return;
        }
        var run = new Run { Table = table };
        runs.Add(run);
        work.Add(() =>
        {
            run.Written = IdRun.Write(files, table, RunName);
        });
    }

    /// <summary>Adopts what was written meanwhile, and merges runs where there are many of a size.</summary>
    public void Advance()
    {
        work.ThrowIfFailed();
        _ = releasing.RemoveAll(TryRelease);
        foreach (var run in runs)
        {
            if (run.File is null && Volatile.Read(ref run.Written) is { } written)
            {
                run.File = written;
                Reuse(run.Table!);
                run.Table = null;
            }
        }
        AdoptMerge();
        BeginMerge();
    }

    /// <summary>Names of files that have become useless since the last time: those of merged runs.</summary>
    public IReadOnlyList<string> TakeRetired()
    {
        var names = retired;
        retired = [];
        return names;
    }

    /// <summary>An empty table of ids with all its slots: one that was prepared or used before, where there is one.</summary>
    public IdTable NewTable(int slotsMax) => spareTables.TryDequeue(out var spare) ? spare : IdTable.Whole(slotsMax);

    /// <summary>Makes a table on the background, so that <see cref="NewTable"/> finds one.</summary>
    public void PrepareTable(int slotsMax)
    {
        // Two, since a merge may keep the background busy for longer than a table takes to fill.
        if (spareTables.Count < 2 && !Volatile.Read(ref isPreparing))
        {
            isPreparing = true;
            work.Add(() =>
            {
                spareTables.Enqueue(IdTable.Whole(slotsMax));
                Volatile.Write(ref isPreparing, false);
            });
        }
    }

    /// <summary>An array for a segment, a used one where there is one.</summary>
    public T[] NewSegment() => spareSegments.TryPop(out var spare)
        ? spare
        : GC.AllocateUninitializedArray<T>(1 << segmentBits, pinned: true);

    /// <summary>Marks the keys that a run may hold.</summary>
    public void MayContain(ReadOnlySpan<ulong> keys, Span<bool> marks)
    {
        foreach (var run in runs)
        {
            if (run.File is { } file)
            {
                file.MayContain(keys, marks);
            }
            else
            {
                run.Table!.Contains(keys, marks);
            }
        }
    }

    /// <summary>The record that is meant, or −1.</summary>
    public long Find<TMatch>(in TMatch match)
        where TMatch : struct, IRecordMatch<T>
    {
        for (var i = runs.Count - 1; i >= 0; i--)
        {
            var number = runs[i].File is { } file ? FindIn(file, match) : FindIn(runs[i].Table!, match);
            if (number >= 0)
            {
                return number;
            }
        }
        return -1;
    }

    public T Read(long number) => SegmentOf(number)[(int)number & ((1 << segmentBits) - 1)];

    /// <summary>A whole segment.</summary>
    public ReadOnlySpan<T> SegmentOf(long number)
    {
        var index = (int)(number >> segmentBits);
        var segment = segments[index];
        return segment.Records is { } records ? records : Records(index, segment);
    }

    /// <summary>Restores what a snapshot names; the files are checked on the background, and a damaged one stops the ledger.</summary>
    public void Restore(int segmentCount, IEnumerable<string> runNames)
    {
        for (var i = 0; i < segmentCount; i++)
        {
            segments.Add(new Segment { IsWritten = true });
        }
        foreach (var name in runNames)
        {
            var file = IdRun.Open(files, name);
            runs.Add(new Run { File = file });
            work.Add(file.Verify);
        }
    }

    /// <summary>Checks the segments [from, to) on the background: those that nobody has read yet.</summary>
    public void VerifySegments(int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var name = SegmentName(i);
            work.Add(() =>
            {
                using var file = files.Open(name) ?? throw new LedgerFileException(name, "is missing");
                LedgerFileFormat.Verify(name, file.Bytes);
            });
        }
    }

    public string SegmentName(int index) => $"{prefix}-segment-{index.ToString("d8", CultureInfo.InvariantCulture)}";

    public void Dispose()
    {
        foreach (var run in runs)
        {
            (run.File ?? run.Written)?.Dispose();
        }
        foreach (var segment in segments)
        {
            segment.File?.Dispose();
        }
    }

    static long FindIn<TMatch>(IdTable table, in TMatch match, RecordArchive<T> archive)
        where TMatch : struct, IRecordMatch<T>
    {
        var at = table.Start(match.Key);
        long number;
        while ((number = table.Next(match.Key, ref at)) >= 0)
        {
            if (match.Is(archive.Read(number)))
            {
                return number;
            }
        }
        return -1;
    }

    long FindIn<TMatch>(IdTable table, in TMatch match)
        where TMatch : struct, IRecordMatch<T> => FindIn(table, match, this);

    long FindIn<TMatch>(IdRun run, in TMatch match)
        where TMatch : struct, IRecordMatch<T>
    {
        if (!run.MayContain(match.Key))
        {
            return -1;
        }
        long number;
        for (var i = run.LowerBound(match.Key); (number = run.NumberAt(i, match.Key)) >= 0; i++)
        {
            if (match.Is(Read(number)))
            {
                return number;
            }
        }
        return -1;
    }

    ReadOnlySpan<T> Records(int index, Segment segment)
    {
        var name = SegmentName(index);
        segment.File ??= files.Open(name) ?? throw new LedgerFileException(name, "is missing");
        var bytes = segment.File.Bytes;
        var sizeBytes = (1 << segmentBits) * Marshal.SizeOf<T>();
        return bytes.Length == sizeBytes + LedgerFileFormat.HashSizeBytes
            ? MemoryMarshal.Cast<byte, T>(bytes[..sizeBytes])
            : throw new LedgerFileException(name, "has another size than it should");
    }

    // A table is cleared on the background, since that takes longer than a batch may.
    void Reuse(IdTable table)
    {
        if (spareTables.Count < SpareTablesMax)
        {
            work.Add(() =>
            {
                table.Clear();
                spareTables.Enqueue(table);
            });
        }
    }

    bool TryRelease(Segment segment)
    {
        if (!Volatile.Read(ref segment.IsWritten))
        {
            return false;
        }
        if (segment.Records is { } records && spareSegments.Count < SpareSegmentsMax)
        {
            spareSegments.Push(records);
        }
        segment.Records = null;
        return true;
    }

    void AdoptMerge()
    {
        var merged = runs.FindIndex(run => run.Merging is { } merging && Volatile.Read(ref merging.Written) is not null);
        if (merged < 0)
        {
            return;
        }
        var into = runs[merged].Merging!;
        foreach (var run in runs.Where(run => run.Merging == into))
        {
            // Its file stays until no snapshot names it any more.
            retired.Add(run.File!.Name);
            work.Add(run.File.Dispose);
        }
        runs[merged] = new Run { File = into.Written };
        _ = runs.RemoveAll(run => run.Merging == into);
    }

    void BeginMerge()
    {
        if (runs.Exists(run => run.Merging is not null))
        {
            return;
        }
        for (var first = 0; first + MergedRuns <= runs.Count; first++)
        {
            var group = runs.GetRange(first, MergedRuns);
            var size = group[0].File?.Count ?? 0;
            var alike = group.TrueForAll(run => run.File is { } file && file.Count <= 2 * size && size <= 2 * file.Count);
            if (alike && group.Sum(run => (long)run.File!.Count) <= IdRun.KeysMax)
            {
                Merge(group);
                return;
            }
        }
    }

    void Merge(List<Run> group)
    {
        var into = new Run();
        foreach (var run in group)
        {
            run.Merging = into;
        }
        var parts = group.ConvertAll(run => run.File!);
        work.Add(() => into.Written = IdRun.Merge(files, MergedName(parts[0].Name, parts[^1].Name), parts));
    }

    string RunName(long first, long last) => $"{prefix}-ids-{Digits(first)}-{Digits(last)}";

    string MergedName(string first, string last) => $"{prefix}-ids-{first.Split('-')[^2]}-{last.Split('-')[^1]}";

    static string Digits(long number) => number.ToString("d13", CultureInfo.InvariantCulture);

    sealed class Segment
    {
        public T[]? Records;
        public ILedgerFile? File;
        public bool IsWritten;
    }

    sealed class Run
    {
        public IdTable? Table;
        public IdRun? File;
        public IdRun? Written;
        public Run? Merging;
    }
}
