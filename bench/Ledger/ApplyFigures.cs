using System.Diagnostics;
using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;
using OpenLedger.Ledger;
using OpenLedger.Storage;

namespace OpenLedger.Bench.Ledger;

/// <summary>
/// What <see cref="Book.Apply"/> does on one thread, with ten million ids in the book already: the older ones in files of a folder, as in a
/// silo.
/// </summary>
static class ApplyFigures
{
    const int RunCount = 5;
    const double StallGoalMs = 20;

    /// <param name="idCount">Transfers that are in the book before the clock runs.</param>
    public static IEnumerable<Figure> Measure(string folder, int idCount, int measuredCount)
    {
        foreach (var (name, accountCount, isMixed, goal) in new[]
        {
            ("apply, 10,000 accounts", 10_000, false, 4_000_000.0),
            ("apply, 1,000,000 accounts", 1_000_000, false, 2_500_000.0),
            ("apply, 10,000 accounts, two-phase and linked mixed in", 10_000, true, 1_500_000.0),
        })
        {
            ProgressLine.Write($"{name}: {idCount:n0} transfers, then {RunCount} runs of {measuredCount:n0}");
            using var files = new FolderLedgerFiles(Path.Combine(folder, $"{accountCount}-{isMixed}"));
            using var book = new Book(files);
            TransferMix.Fund(book, accountCount);
            var mix = new TransferMix(accountCount, isMixed, 1);
            _ = Run(book, mix, idCount);
            var runs = Enumerable.Range(0, RunCount).Select(_ => Run(book, mix, measuredCount)).ToList();
            yield return new Figure(name, runs.Max(run => run.PerSecond), "transfers/s", Goal.AtLeast(goal));
            var median = Repetition.Median([.. runs.Select(run => run.PerSecond)]);
            yield return new Figure($"{name}: median of {RunCount} runs", median, "transfers/s");
            yield return new Figure($"{name}: longest batch", runs.Max(run => run.LongestMs), "ms", Goal.AtMost(StallGoalMs));
        }
    }

    static (double PerSecond, double LongestMs) Run(Book book, TransferMix mix, int count)
    {
        var batch = new TransferEvent[Book.BatchMax];
        var results = new TransferStatus[batch.Length];
        var total = TimeSpan.Zero;
        var longest = TimeSpan.Zero;
        for (var done = 0; done < count; done += batch.Length)
        {
            mix.Fill(batch);
            var started = Stopwatch.GetTimestamp();
            book.Apply(batch, book.LastTimestampNs + 1, results);
            book.Seal();
            var elapsed = Stopwatch.GetElapsedTime(started);
            total += elapsed;
            longest = elapsed > longest ? elapsed : longest;
            if (results.AsSpan().ContainsAnyExcept(TransferStatus.Ok))
            {
                throw new InvalidOperationException("a transfer was refused");
            }
        }
        return (count / total.TotalSeconds, longest.TotalMilliseconds);
    }
}
