using OpenLedger.Grains;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Client;

/// <summary>The main book: accounts, transfers, receipts and the log.</summary>
public sealed class LedgerClient
{
    readonly ILedgerGrain _book;
    readonly Repetition _repetition;
    readonly RequestSigner _signer;

    internal LedgerClient(IGrainFactory grains, Repetition repetition, RequestSigner signer)
    {
        _signer = signer;
        _book = grains.GetGrain<ILedgerGrain>(Books.Main);
        _repetition = repetition;
    }

    /// <summary>Opens accounts by address; those that are open stay as they are. Signed by the client's first key.</summary>
    public async Task OpenAccounts(IReadOnlyList<string> accounts, CancellationToken cancellationToken = default)
    {
        var signed = await Sign(null, nameof(ILedgerGrain.OpenAccounts), RequestBody.Of(accounts));
        await _repetition.Run(() => _book.OpenAccounts(accounts, signed), cancellationToken);
    }

    /// <summary>
    /// Applies transfers in order; a repetition of one, by its id, moves nothing again. Signed by every account that pays: all are the
    /// client's own.
    /// </summary>
    public async Task<IReadOnlyList<TransferOutcome>> Transfer(
        IReadOnlyList<TransferOrder> transfers, CancellationToken cancellationToken = default)
    {
        var body = RequestBody.Of(transfers);
        var signed = new List<Authorization>();
        foreach (var payer in transfers.Select(transfer => transfer.Debit).Distinct(StringComparer.Ordinal))
        {
            signed.Add(await Sign(payer, nameof(ILedgerGrain.Transfer), body));
        }

        return await _repetition.Run(() => _book.Transfer(transfers, signed), cancellationToken);
    }

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

    /// <summary>The log's origin, which is the network's name.</summary>
    public Task<string> GetOrigin(CancellationToken cancellationToken = default) => _repetition.Run(_book.GetOrigin, cancellationToken);

    /// <summary>The receipt as a file that verifies offline (C2SP <c>tlog-proof</c>).</summary>
    public Task<byte[]> ExportReceipt(string receiptId, CancellationToken cancellationToken = default) =>
        _repetition.Run(() => _book.ExportReceipt(receiptId), cancellationToken);

    /// <summary>
    /// What an account was credited in a time, as a file that verifies offline (<see cref="StatementVerifier"/>).
    /// </summary>
    /// <param name="from">First moment.</param>
    /// <param name="to">The first one after it.</param>
    /// <exception cref="UserErrorException">More than a statement holds: ask for a shorter time.</exception>
    public Task<byte[]> ExportStatement(
        string account, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default) =>
        StatementExport.Run(
            query => _repetition.Run(() => _book.GetCredits(query), cancellationToken),
            account, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), cancellationToken);

    Task<Authorization> Sign(string? account, string method, ContentHash body) =>
        _signer.Sign<ILedgerGrain>(account, Books.Main, method, body);
}
