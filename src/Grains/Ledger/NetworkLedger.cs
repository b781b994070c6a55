namespace OpenLedger.Grains.Ledger;

/// <summary>
/// How this silo's grains move money on the network's behalf: escrow, pools, treasury. The one place that knows how such orders are
/// authorised, so that a grain that pays somebody names accounts and amounts and nothing else.
/// </summary>
public sealed class NetworkLedger
{
    readonly IGrainFactory _grains;

    public NetworkLedger(IGrainFactory grains) => _grains = grains;

    ILedgerGrain Book => _grains.GetGrain<ILedgerGrain>(Books.Main);

    /// <inheritdoc cref="ILedgerGrain.Transfer"/>
    public Task<IReadOnlyList<TransferOutcome>> Transfer(IReadOnlyList<TransferOrder> transfers) => Book.Transfer(transfers);

    /// <inheritdoc cref="ILedgerGrain.Settle"/>
    public Task<SettledReceipt> Settle(SettlementOrder order) => Book.Settle(order);
}
