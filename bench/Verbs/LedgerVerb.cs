using System.CommandLine;
using OpenLedger.Bench.Ledger;

namespace OpenLedger.Bench.Verbs;

/// <summary><c>ledger</c>: the book in memory, the journal on disk, restarts, receipts and settlement.</summary>
static class LedgerVerb
{
    public static Command Build()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object of figures instead of a table." };
        var only = new Option<string[]>("--only")
        {
            Description = "Parts to measure: " + string.Join(", ", LedgerBenchmark.Parts) + ". All of them where none is named.",
            HelpName = "part",
            AllowMultipleArgumentsPerToken = true,
        };
        _ = only.AcceptOnlyFromAmong(LedgerBenchmark.Parts);
        var postgres = new Option<string?>("--postgres")
        {
            Description = "A PostgreSQL server to measure on; a server of its own is started where none is named.",
            HelpName = "connection string",
        };
        var ids = new Option<int>("--ids")
        {
            Description = "Transfers that are in the book before the clock runs.",
            DefaultValueFactory = _ => 10_000_000,
        };
        var command = new Command("ledger", "Transfers in memory and durable, restarts, receipts, proofs, and the settlement of an epoch.")
        {
            json, only, postgres, ids,
        };
        command.SetAction(async (result, cancellation) =>
        {
            var parts = result.GetValue(only) is { Length: > 0 } named ? named : LedgerBenchmark.Parts;
            var settings = new LedgerSettings(parts, result.GetValue(ids), result.GetValue(postgres));
            return (await new LedgerBenchmark(settings).Run(cancellation)).Print(result.GetValue(json));
        });
        return command;
    }
}
