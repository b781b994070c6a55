using OpenLedger.Grains;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Client;

/// <summary>The main book: accounts, transfers, receipts and the log.</summary>
public sealed class LedgerClient
{
    readonly ILedgerGrain _book;
    readonly Repetition _repetition;

    internal LedgerClient(IGrainFactory grains, Repetition repetition)
    {
        _book = grains.GetGrain<ILedgerGrain>(Books.Main);
        _repetition = repetition;
    }

    /// <summary>Opens accounts by address; those that are open stay as they are.</summary>
    public Task OpenAccounts(IReadOnlyList<string> accounts, CancellationToken cancellationToken = default) =>
        _repetition.Run(() => _book.OpenAccounts(accounts), cancellationToken);

    /// <summary>Applies transfers in order; a repetition of one, by its id, moves nothing again.</summary>
    public Task<IReadOnlyList<TransferOutcome>> Transfer(
        IReadOnlyList<TransferOrder> transfers, CancellationToken cancellationToken = default) =>
        _repetition.Run(() => _book.Transfer(transfers), cancellationToken);

    public Task<IReadOnlyList<AccountBalance>> GetBalances(
        IReadOnlyList<string> accounts, CancellationToken cancellationToken = default) =>
        _repetition.Run(() => _book.GetBalances(accounts), cancellationToken);

    public Task<BookSummary> GetSummary(CancellationToken cancellationToken = default) =>
        _repetition.Run(_book.GetSummary, cancellationToken);

    /// <summary>The newest receipts in short, the newest first.</summary>
    /// <param name="count">0 to 100.</param>
    public Task<LatestReceipts> GetLatestReceipts(int count) => _book.GetLatestReceipts(count);

    /// <exception cref="UserErrorException">No such receipt.</exception>
    public Task<StoredReceipt> GetReceipt(string receiptId, CancellationToken cancellationToken = default) =>
        _repetition.Run(() => _book.GetReceipt(receiptId), cancellationToken);

    /// <summary>The receipt as a file that verifies offline (C2SP <c>tlog-proof</c>).</summary>
    public Task<byte[]> ExportReceipt(string receiptId, CancellationToken cancellationToken = default) =>
        _repetition.Run(() => _book.ExportReceipt(receiptId), cancellationToken);
}
