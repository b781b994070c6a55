using OpenLedger.Grains.Ledger;

namespace OpenLedger.Grains.Attribution;

/// <summary>What accrual asks of the ledger. Every call may be repeated.</summary>
interface ICreditLedger
{
    Task OpenPool(string account);

    Task OpenAccounts(IReadOnlyList<string> accounts);

    Task<IReadOnlyList<TransferOutcome>> Transfer(IReadOnlyList<TransferOrder> transfers);

    /// <summary>The receipt of an id, or null where none is settled.</summary>
    Task<Receipt?> FindReceipt(string receiptId);
}

/// <summary>The network's own ledger.</summary>
sealed class CreditLedger : ICreditLedger
{
    readonly NetworkLedger _ledger;

    public CreditLedger(NetworkLedger ledger) => _ledger = ledger;

    public Task OpenPool(string account) => _ledger.OpenPools([account]);

    public Task OpenAccounts(IReadOnlyList<string> accounts) => _ledger.OpenAccounts(accounts);

    public Task<IReadOnlyList<TransferOutcome>> Transfer(IReadOnlyList<TransferOrder> transfers) => _ledger.Transfer(transfers);

    public Task<Receipt?> FindReceipt(string receiptId) => _ledger.FindReceipt(receiptId);
}
