namespace OpenLedger.Ledger;

/// <summary>A part of what an account was credited.</summary>
/// <param name="TreeSize">Size of the tree that the proofs are for.</param>
/// <param name="CheckpointNote">The signed checkpoint of that size, on the first part; empty on the others.</param>
/// <param name="NextReceipt">Where the next part begins; -1 after the last.</param>
public sealed record CreditScan(
    IReadOnlyList<StatementReceipt> Receipts, ulong TreeSize, string CheckpointNote, long NextReceipt);

/// <content>What accounts were credited, out of receipts.</content>
public sealed partial class LedgerCore
{
    /// <summary>Receipts that one part looks at, whoever they pay.</summary>
    public const int ReceiptsScannedMax = 256;

    /// <summary>Bytes of receipts after which a part ends.</summary>
    public const int ScannedSizeBytesMax = 1 << 20;

    /// <summary>A receipt is made before it is committed; clocks of silos differ by less than this.</summary>
    static readonly TimeSpan receiptAgeMax = TimeSpan.FromHours(1);

    /// <summary>
    /// Looks for receipts that pay an account, a bounded number at a time, from a time on: the first part finds its beginning by the
    /// journal's own timestamps.
    /// </summary>
    /// <param name="fromMs">First millisecond of receipts, since 1970-01-01 UTC.</param>
    /// <param name="toMs">The first one after them.</param>
    /// <param name="fromReceipt">-1 for the first part; then what the part before gave.</param>
    /// <param name="treeSize">0 for the first part; then what the part before gave.</param>
    /// <exception cref="ArgumentOutOfRangeException">The log is smaller than the tree size.</exception>
    public CreditScan ScanCredits(string account, long fromMs, long toMs, long fromReceipt = -1, ulong treeSize = 0)
    {
        RefuseWhenPoisoned();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(treeSize, log.Size);
        var note = "";
        if (treeSize == 0)
        {
            (treeSize, note) = cosigned ?? (log.Size, SignedCheckpoint());
        }
        var number = fromReceipt >= 0 ? fromReceipt : FirstReceiptSince(fromMs);
        var found = new List<StatementReceipt>();
        var sizeBytes = 0;
        JournalRecord? record = null;
        for (var looked = 0; number < receipts.Count && receipts[number].Index < treeSize; number++, looked++)
        {
            if (looked == ReceiptsScannedMax || sizeBytes > ScannedSizeBytesMax)
            {
                return new CreditScan(found, treeSize, note, number);
            }
            var place = receipts[number];
            record = record?.Sequence == place.RecordSequence ? record : journal.Find(place.RecordSequence);
            var stored = Stored(place, record);
            var receipt = Receipt.FromBytes(stored.Canonical);
            if (receipt.TimeMs >= fromMs && receipt.TimeMs < toMs && receipt.Split.Any(line => line.Account == account && !IsNothing(line)))
            {
                var proof = log.InclusionProof(stored.Index, treeSize);
                found.Add(new StatementReceipt(stored.Index, stored.Salt, stored.Canonical, proof));
                sizeBytes += stored.Canonical.Length;
            }
        }
        return new CreditScan(found, treeSize, note, -1);
    }

    static bool IsNothing(ReceiptSplit line) => line.Amount == Amount.Zero;

    // Records are in the order of their timestamps, and receipts in that of their records.
    long FirstReceiptSince(long fromMs)
    {
        var since = fromMs - (long)receiptAgeMax.TotalMilliseconds;
        long low = 0, high = receipts.Count;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var record = journal.Find(receipts[middle].RecordSequence)
                ?? throw new JournalCorruptException(receipts[middle].RecordSequence, "is missing");
            if ((long)(record.TimestampNs / 1_000_000) < since)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }
}
