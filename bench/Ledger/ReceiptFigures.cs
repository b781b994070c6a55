using System.Diagnostics;
using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;
using OpenLedger.Ledger;

namespace OpenLedger.Bench.Ledger;

/// <summary>Receipts that are in the journal and in the log's tiles when their caller is answered.</summary>
static class ReceiptFigures
{
    const int RunCount = 3;
    const int GroupLength = 8;
    const int ReceiptCount = 192 * GroupLength * LedgerRequest.ReceiptsMax;
    const double PerSecondGoal = 300_000;

    public static IEnumerable<Figure> Measure(string folder)
    {
        using var ledger = new BenchLedger(folder, null);
        using var core = ledger.Open();
        var rates = new List<double>();
        var sizeBytes = 0;
        for (var run = 0; run < RunCount; run++)
        {
            ProgressLine.Write($"receipts, run {run + 1} of {RunCount}: {ReceiptCount:#,0}");
            var requests = Requests(run, ReceiptCount / RunCount);
            sizeBytes = requests[0].Receipts[0].Canonical.Length;
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < requests.Length; i += GroupLength)
            {
                if (core.Commit(requests[i..(i + GroupLength)])[0].Receipts[0].Status != ReceiptStatus.Ok)
                {
                    throw new InvalidOperationException("a receipt was refused");
                }
            }
            // What is still on its way to the log's folder counts as well.
            ledger.Tiles!.Flush();
            rates.Add(requests.Length * LedgerRequest.ReceiptsMax / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        var name = $"SQLite, receipts of {sizeBytes} bytes, tiles written";
        yield return new Figure(name, rates.Max(), "receipts/s", Goal.AtLeast(PerSecondGoal));
    }

    // Validated as a caller's thread would have done before the ledger's sees them.
    static LedgerRequest[] Requests(int run, int count)
    {
        var requests = new LedgerRequest[count / LedgerRequest.ReceiptsMax];
        for (var i = 0; i < requests.Length; i++)
        {
            var drafts = new ReceiptDraft[LedgerRequest.ReceiptsMax];
            for (var j = 0; j < drafts.Length; j++)
            {
                drafts[j] = new ReceiptDraft(Sample($"rc_{run}_{i}_{j}").ToBytes(), new byte[LogLeaf.SaltSizeBytes]);
            }
            requests[i] = new LedgerRequest { Receipts = drafts };
            requests[i].Validate();
        }
        return requests;
    }

    static Receipt Sample(string id) => new()
    {
        Id = id,
        TimeMs = 1,
        Payer = "acct_payer",
        RequestHash = ContentHash.OfText("request"),
        ResponseHash = ContentHash.OfText("response"),
        ModelId = "md_bench",
        ModelHash = ContentHash.OfText("model"),
        PromptTokens = 100,
        CompletionTokens = 50,
        Price = Amount.One,
        Split = [new ReceiptSplit(SystemAccounts.Platform, "platform", Amount.One)],
        Transfers = [TransferId.From(id)],
    };
}
