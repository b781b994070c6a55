using System.Diagnostics;
using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;
using OpenLedger.Ledger;

namespace OpenLedger.Bench.Ledger;

/// <summary>How long a start takes: from the journal alone, and behind a snapshot.</summary>
static class RestartFigures
{
    const int JournalOnlyCount = 1_000_000;
    const int SnapshotCount = 10_000_000;
    const double SecondsGoal = 3;

    public static IEnumerable<Figure> Measure(string folder, BenchPostgres? postgres)
    {
        foreach (var (store, connectionString) in Stores(postgres))
        {
            using (var ledger = new BenchLedger(Path.Combine(folder, $"{store}-journal"), connectionString()))
            {
                Fill(ledger, store, JournalOnlyCount);
                ledger.RemoveFiles();
                yield return Start(ledger, $"{store}, start from a journal of {JournalOnlyCount:#,0} transfers");
            }
            using (var ledger = new BenchLedger(Path.Combine(folder, $"{store}-snapshot"), connectionString()))
            {
                Fill(ledger, store, SnapshotCount);
                yield return Start(ledger, $"{store}, start behind a snapshot, {SnapshotCount:#,0} transfers");
            }
        }
    }

    static IEnumerable<(string Name, Func<string?> ConnectionString)> Stores(BenchPostgres? postgres)
    {
        yield return ("SQLite", () => null);
        if (postgres is not null)
        {
            yield return ("PostgreSQL", postgres.NewDatabase);
        }
    }

    static void Fill(BenchLedger ledger, string store, int count)
    {
        ProgressLine.Write($"{store}: {count:#,0} transfers to start again from");
        using var core = ledger.Open();
        BenchLedger.Fund(core);
        var random = new Random(11);
        for (var done = 0; done < count; done += Book.BatchMax)
        {
            _ = core.Commit(DurableFigures.Requests(random, Book.BatchMax, Book.BatchMax)[0]);
        }
    }

    static Figure Start(BenchLedger ledger, string name)
    {
        var started = Stopwatch.GetTimestamp();
        using var core = ledger.Open();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return core.CheckSums().Conserved
            ? new Figure(name, seconds, "s", Goal.AtMost(SecondsGoal))
            : throw new InvalidOperationException("the book does not balance after the start");
    }
}
