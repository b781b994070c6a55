using OpenLedger.Ledger;

namespace OpenLedger.Grains.Ledger;

/// <summary>Receipts in short, for operators.</summary>
static class ReceiptSummaries
{
    public static ReceiptSummary Of(OpenLedger.Ledger.StoredReceipt stored)
    {
        var receipt = Receipt.FromBytes(stored.Canonical);
        return new ReceiptSummary(
            receipt.Id,
            checked((long)stored.Index),
            receipt.TimeMs,
            receipt.Payer,
            receipt.ModelId,
            receipt.AdapterId,
            receipt.PromptTokens,
            receipt.CompletionTokens,
            receipt.Price,
            [.. receipt.Split.GroupBy(line => line.Role, StringComparer.Ordinal).Select(Share)]);
    }

    static RoleShare Share(IGrouping<string, ReceiptSplit> lines) => new(
        lines.Key, Amount.Sum(lines.Select(line => line.Amount)), lines.Count(), lines.MaxBy(line => line.Amount)!.Account);
}
