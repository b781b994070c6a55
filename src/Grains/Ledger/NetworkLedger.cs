using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Ledger;

/// <summary>
/// How this silo's grains move money on the network's behalf: escrow, pools, treasury. The one place that knows how such orders are
/// authorised, so that a grain that pays somebody names accounts and amounts and nothing else. Each call is authorised anew, so that a
/// repetition holds too.
/// </summary>
public sealed class NetworkLedger
{
    readonly IGrainFactory _grains;
    readonly NetworkAuthority _authority;

    public NetworkLedger(IGrainFactory grains, NetworkAuthority authority)
    {
        _grains = grains;
        _authority = authority;
    }

    ILedgerGrain Book => _grains.GetGrain<ILedgerGrain>(Books.Main);

    /// <summary>Mints the supply, once; see <see cref="ILedgerGrain.Genesis"/>.</summary>
    public Task Genesis() => Book.Genesis(Authorize(nameof(ILedgerGrain.Genesis), RequestBody.Nothing));

    /// <inheritdoc cref="ILedgerGrain.OpenAccounts"/>
    public Task OpenAccounts(IReadOnlyList<string> accounts) =>
        Book.OpenAccounts(accounts, Authorize(nameof(ILedgerGrain.OpenAccounts), RequestBody.Of(accounts)));

    /// <summary>Moves money of the network's own accounts, and posts or voids holds that were made out to them.</summary>
    /// <inheritdoc cref="ILedgerGrain.Transfer"/>
    public Task<IReadOnlyList<TransferOutcome>> Transfer(IReadOnlyList<TransferOrder> transfers) =>
        Book.Transfer(transfers, [Authorize(nameof(ILedgerGrain.Transfer), RequestBody.Of(transfers))]);

    /// <summary>Moves money that an account allowed to take: a hold, a stake, a fee.</summary>
    /// <param name="spender">
    /// The account's own request as the calling grain took and verified it. All that the transfers debit the account with is at most its
    /// <see cref="Authorization.SpendMax"/>.
    /// </param>
    public Task<IReadOnlyList<TransferOutcome>> Transfer(IReadOnlyList<TransferOrder> transfers, Authorization spender) =>
        Book.Transfer(transfers, [Authorize(nameof(ILedgerGrain.Transfer), RequestBody.Of(transfers)), spender]);

    /// <inheritdoc cref="ILedgerGrain.Settle"/>
    public Task<SettledReceipt> Settle(SettlementOrder order) =>
        Book.Settle(order, Authorize(nameof(ILedgerGrain.Settle), RequestBody.Of(order)));

    /// <inheritdoc cref="ILedgerGrain.GetBalances"/>
    public Task<IReadOnlyList<AccountBalance>> GetBalances(IReadOnlyList<string> accounts) => Book.GetBalances(accounts);

    /// <inheritdoc cref="ILedgerGrain.GetGenesisTime"/>
    public Task<long> GetGenesisTime() => Book.GetGenesisTime();

    /// <inheritdoc cref="ILedgerGrain.OpenPools"/>
    public Task OpenPools(IReadOnlyList<string> pools) =>
        Book.OpenPools(pools, Authorize(nameof(ILedgerGrain.OpenPools), RequestBody.Of(pools)));

    /// <summary>The receipt of an id, or null where the book holds none.</summary>
    public async Task<Receipt?> FindReceipt(string receiptId)
    {
        var stored = await Book.GetReceiptOrNone(receiptId);
        return stored is null ? null : Receipt.FromBytes(stored.Receipt.Span);
    }

    Authorization Authorize(string method, ContentHash body) => _authority.Authorize<ILedgerGrain>(Books.Main, method, body);
}
