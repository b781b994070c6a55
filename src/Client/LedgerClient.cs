using OpenLedger.Grains.Ledger;

namespace OpenLedger.Client;

/// <summary>The main book: accounts, transfers, receipts and the log.</summary>
public sealed class LedgerClient
{
    readonly ILedgerGrain _book;

    internal LedgerClient(IGrainFactory grains) => _book = grains.GetGrain<ILedgerGrain>(Books.Main);

    /// <summary>Opens accounts by address; those that are open stay as they are.</summary>
    public Task OpenAccounts(IReadOnlyList<string> accounts) => Repetition.Once(() => _book.OpenAccounts(accounts));

    public Task<IReadOnlyList<TransferOutcome>> Transfer(IReadOnlyList<TransferOrder> transfers) =>
        Repetition.Once(() => _book.Transfer(transfers));

    public Task<IReadOnlyList<AccountBalance>> GetBalances(IReadOnlyList<string> accounts) => _book.GetBalances(accounts);

    public Task<BookSummary> GetSummary() => _book.GetSummary();

    /// <summary>The newest receipts in short, the newest first.</summary>
    /// <param name="count">0 to 100.</param>
    public Task<LatestReceipts> GetLatestReceipts(int count) => _book.GetLatestReceipts(count);

    /// <exception cref="UserErrorException">No such receipt.</exception>
    public Task<StoredReceipt> GetReceipt(string receiptId) => _book.GetReceipt(receiptId);

    /// <summary>The receipt as a file that verifies offline (C2SP <c>tlog-proof</c>).</summary>
    public Task<byte[]> ExportReceipt(string receiptId) => _book.ExportReceipt(receiptId);
}
