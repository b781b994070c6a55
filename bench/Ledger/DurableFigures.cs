using System.Diagnostics;
using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;
using OpenLedger.Ledger;

namespace OpenLedger.Bench.Ledger;

/// <summary>Transfers that are on the disk when their caller is answered, beside hand-written SQL in the same run.</summary>
static class DurableFigures
{
    const int RunCount = 3;
    const double BatchPerSecondGoal = 800_000;
    const double BatchTimesGoal = 100;
    static readonly TimeSpan sqlTime = TimeSpan.FromSeconds(4);

    public static async Task<IReadOnlyList<Figure>> Measure(string folder, BenchPostgres? postgres)
    {
        var figures = new List<Figure>();
        double? sql = null;
        if (postgres is not null)
        {
            var rates = await HandWrittenSql.Measure(postgres.NewDatabase(), sqlTime);
            figures.AddRange(rates.Select(rate => new Figure(
                $"hand-written SQL, {rate.Connections} connections", rate.PerSecond, "transfers/s")));
            sql = rates.Max(rate => rate.PerSecond);
        }
        await Measure(figures, "SQLite", Path.Combine(folder, "sqlite"), null, sql, 3);
        if (postgres is not null)
        {
            await Measure(figures, "PostgreSQL", Path.Combine(folder, "postgres"), postgres.NewDatabase(), sql, 2);
        }
        return figures;
    }

    static async Task Measure(List<Figure> figures, string store, string folder, string? connectionString, double? sql, double singleGoal)
    {
        using var ledger = new BenchLedger(folder, connectionString);
        var core = ledger.Open();
        BenchLedger.Fund(core);
        var random = new Random(5);
        await using var writer = new LedgerWriter(core);
        foreach (var (batch, callers, count) in new[] { (1, 16, 40_000), (100, 16, 400_000), (Book.BatchMax, 4, 160 * Book.BatchMax) })
        {
            var name = $"{store}, batch of {batch:#,0}, {callers} callers";
            ProgressLine.Write($"{name}: {RunCount} runs of {count:#,0}");
            var rates = new List<double>();
            for (var run = 0; run < RunCount; run++)
            {
                rates.Add(await Run(writer, Requests(random, batch, count), callers));
            }
            figures.Add(new Figure(
                name, rates.Max(), "transfers/s", batch == Book.BatchMax ? Goal.AtLeast(BatchPerSecondGoal) : null));
            if (sql is { } beside && batch != 100)
            {
                var goal = batch == 1 ? singleGoal : BatchTimesGoal;
                figures.Add(new Figure($"{name}: times hand-written SQL", rates.Max() / beside, "×", Goal.AtLeast(goal)));
            }
        }
    }

    /// <summary>Callers who wait for each answer before they ask again.</summary>
    static async Task<double> Run(LedgerWriter writer, LedgerRequest[] requests, int callers)
    {
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < requests.Length; i = Interlocked.Increment(ref next))
            {
                var reply = await writer.CommitAsync(requests[i]);
                if (!reply.TransfersStand)
                {
                    throw new InvalidOperationException("a transfer was refused");
                }
            }
        })));
        return requests.Sum(request => (long)request.Transfers.Count) / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    internal static LedgerRequest[] Requests(Random random, int batch, int count)
    {
        var requests = new LedgerRequest[count / batch];
        Span<byte> id = stackalloc byte[16];
        for (var i = 0; i < requests.Length; i++)
        {
            var transfers = new Transfer[batch];
            for (var j = 0; j < batch; j++)
            {
                random.NextBytes(id);
                var debit = random.Next(BenchLedger.AccountCount);
                var credit = (debit + 1 + random.Next(BenchLedger.AccountCount - 1)) % BenchLedger.AccountCount;
                transfers[j] = new Transfer(
                    new TransferId(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(id)), BenchLedger.Openings[1 + debit].Name,
                    BenchLedger.Openings[1 + credit].Name, Amount.FromAtto((UInt128)(ulong)random.NextInt64(1, 1_000_000_000)), Code: 7);
            }
            requests[i] = new LedgerRequest { Transfers = transfers };
        }
        return requests;
    }
}
