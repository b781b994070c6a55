using System.Diagnostics;
using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;
using OpenLedger.Ledger;
using OpenLedger.Storage;

namespace OpenLedger.Bench.Ledger;

/// <summary>What the log costs: appending with tiles written to a folder, proofs made out of them, and their checking.</summary>
static class LogFigures
{
    /// <summary>Leaves that are written to the store together, as many as a full commit of the ledger has.</summary>
    const int GroupLength = 8_190;

    const int ProofCount = 2_000;
    const double AppendsPerSecondGoal = 300_000;
    const double MadeMsGoal = 0.2;
    const double CheckedMsGoal = 0.5;

    /// <summary>The figures of a log of this many leaves.</summary>
    /// <param name="folder">Where the tiles are written; made where it is not there, and left.</param>
    public static IEnumerable<Figure> Measure(string folder, int leafCount = 10_000_000, CancellationToken cancellation = default)
    {
        var store = new FileTileStore(folder);
        var log = new MerkleLog(store);
        var digest = ContentHash.OfText("receipt");
        ProgressLine.Write($"log: appending {leafCount:#,0} leaves, tiles written to a folder");
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < leafCount; i++)
        {
            _ = log.Append(new LogLeaf(LogEntryKind.Receipt, (ulong)i, digest));
            if (i % GroupLength == GroupLength - 1)
            {
                log.Flush();
                cancellation.ThrowIfCancellationRequested();
            }
        }

        log.Publish();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        yield return new Figure("log, leaves appended, tiles durable", leafCount / seconds, "leaves/s", Goal.AtLeast(AppendsPerSecondGoal));
        yield return AppendedInMemory(Math.Min(leafCount, 1_000_000), digest);
        foreach (var figure in Proofs(log, digest))
        {
            yield return figure;
        }
    }

    /// <summary>Hashing and copying alone, without a disk.</summary>
    static Figure AppendedInMemory(int leafCount, ContentHash digest)
    {
        var log = new MerkleLog(new MemoryTileStore());
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < leafCount; i++)
        {
            _ = log.Append(new LogLeaf(LogEntryKind.Receipt, (ulong)i, digest));
        }

        return new Figure(
            "log, a leaf appended, tiles in memory", Stopwatch.GetElapsedTime(started).TotalMicroseconds / leafCount, "µs", Goal.AtMost(1));
    }

    /// <summary>Leaves all over the log, once with their tiles still on disk and once more with them in the cache.</summary>
    static IEnumerable<Figure> Proofs(MerkleLog log, ContentHash digest)
    {
        var size = log.Size;
        var root = log.Root;
        var random = new Random(7);
        var indexes = Enumerable.Range(0, ProofCount).Select(_ => (ulong)random.NextInt64((long)size)).ToArray();
        var proofs = new IReadOnlyList<ContentHash>[ProofCount];
        var name = $"log, proof made at {size:#,0} leaves";
        yield return new Figure($"{name}, tile read from disk", Made(indexes, proofs), "ms");
        var warm = indexes[..Math.Min(MerkleLog.CachedTilesDefault / 2, ProofCount)];
        _ = Made(warm, proofs);
        yield return new Figure(name, Made(warm, proofs), "ms", Goal.AtMost(MadeMsGoal));
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < warm.Length; i++)
        {
            var leaf = new LogLeaf(LogEntryKind.Receipt, warm[i], digest).Hash();
            if (!Merkle.VerifyInclusion(warm[i], size, leaf, proofs[i], root))
            {
                throw new InvalidOperationException($"The proof of leaf {warm[i]} does not hold.");
            }
        }

        yield return new Figure(
            $"log, proof checked at {size:#,0} leaves", Stopwatch.GetElapsedTime(started).TotalMilliseconds / warm.Length, "ms",
            Goal.AtMost(CheckedMsGoal));

        double Made(ulong[] leaves, IReadOnlyList<ContentHash>[] made)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < leaves.Length; i++)
            {
                made[i] = log.InclusionProof(leaves[i], size);
            }

            return Stopwatch.GetElapsedTime(started).TotalMilliseconds / leaves.Length;
        }
    }
}
