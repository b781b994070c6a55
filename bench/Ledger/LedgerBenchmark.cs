using OpenLedger.Bench.Reports;

namespace OpenLedger.Bench.Ledger;

/// <param name="IdCount">Transfers that are in the book before the clock runs.</param>
/// <param name="Postgres">A PostgreSQL server, or null to start one.</param>
sealed record LedgerSettings(IReadOnlyList<string> Parts, int IdCount, string? Postgres);

/// <summary>Everything that the ledger promises in figures.</summary>
sealed class LedgerBenchmark(LedgerSettings settings)
{
    const int MeasuredCount = 2_000_000;

    public static string[] Parts { get; } = ["apply"];

    public Task<BenchReport> Run(CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("openledger-bench-");
        try
        {
            var figures = new List<Figure>();
            if (settings.Parts.Contains("apply"))
            {
                figures.AddRange(ApplyFigures.Measure(Path.Combine(folder.FullName, "apply"), settings.IdCount, MeasuredCount));
            }
            return Task.FromResult(new BenchReport("Ledger", figures, []));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
