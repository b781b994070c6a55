using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;

namespace OpenLedger.Bench.Ledger;

/// <param name="IdCount">Transfers that are in the book before the clock runs.</param>
/// <param name="Postgres">A PostgreSQL server, or null to start one.</param>
sealed record LedgerSettings(IReadOnlyList<string> Parts, int IdCount, string? Postgres);

/// <summary>Everything that the ledger promises in figures.</summary>
sealed class LedgerBenchmark(LedgerSettings settings)
{
    const int MeasuredCount = 2_000_000;

    public static string[] Parts { get; } = ["apply", "durable", "restart", "receipts", "log", "epoch"];

    public async Task<BenchReport> Run(CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("openledger-bench-");
        await using var postgres = settings.Parts.Any(part => part is "durable" or "restart")
            ? await BenchPostgres.Open(settings.Postgres)
            : null;
        if (postgres is null)
        {
            ProgressLine.Write("PostgreSQL is not measured: none was named, or none is installed, or no part needs it");
        }
        try
        {
            var figures = new List<Figure>();
            foreach (var part in settings.Parts)
            {
                cancellation.ThrowIfCancellationRequested();
                var own = Path.Combine(folder.FullName, part);
                figures.AddRange(part switch
                {
                    "apply" => ApplyFigures.Measure(own, settings.IdCount, MeasuredCount),
                    "durable" => await DurableFigures.Measure(own, postgres),
                    "restart" => RestartFigures.Measure(own, postgres),
                    "receipts" => ReceiptFigures.Measure(own),
                    "epoch" => EpochFigures.Measure(own, seed: 1),
                    _ => LogFigures.Measure(own, cancellation: cancellation),
                });
                Directory.Delete(own, recursive: true);
            }
            return new BenchReport("Ledger", figures, []);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
