namespace OpenLedger.Grains.Ledger;

/// <summary>Makes a contributor's statement out of the parts that the ledger gives.</summary>
public static class StatementExport
{
    /// <summary>Every credit of an account in a time, each proved against one checkpoint.</summary>
    /// <param name="read">Asks the ledger for a part.</param>
    /// <param name="account">Whose credits.</param>
    /// <param name="fromMs">First millisecond since 1970-01-01 UTC.</param>
    /// <param name="toMs">The first one after it.</param>
    /// <exception cref="UserErrorException">More receipts or bytes than a statement has.</exception>
    public static async Task<byte[]> Run(
        Func<CreditQuery, Task<CreditPage>> read, string account, long fromMs, long toMs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        var query = new CreditQuery(account, fromMs, toMs);
        var receipts = new List<StatementReceipt>();
        var checkpoint = "";
        long sizeBytes = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            var page = await read(query);
            checkpoint = checkpoint.Length == 0 ? page.Checkpoint : checkpoint;
            receipts.AddRange(page.Credits.Select(ToReceipt));
            sizeBytes += page.Credits.Sum(credit => (2L * credit.Receipt.Length) + (2L * credit.Proof.Length) + 100);
            if (receipts.Count > Statement.ReceiptsMax || sizeBytes > Statement.SizeBytesMax)
            {
                throw new UserErrorException(
                    $"a statement has at most {Statement.ReceiptsMax} receipts and {Statement.SizeBytesMax} bytes: ask for a shorter time");
            }

            query = query with { FromReceipt = page.NextReceipt, TreeSize = page.TreeSize };
        }
        while (query.FromReceipt >= 0);

        return new Statement(account, fromMs, toMs, receipts, checkpoint).ToBytes();
    }

    static StatementReceipt ToReceipt(ProvenCredit credit)
    {
        var proof = new ContentHash[credit.Proof.Length / ContentHash.SizeBytes];
        for (var i = 0; i < proof.Length; i++)
        {
            proof[i] = new ContentHash(credit.Proof.Span.Slice(i * ContentHash.SizeBytes, ContentHash.SizeBytes));
        }

        return new StatementReceipt((ulong)credit.LogIndex, credit.Salt.ToArray(), credit.Receipt.ToArray(), proof);
    }
}
