using OpenLedger.Ledger;

namespace OpenLedger.Grains.Ledger;

/// <summary>Messages of the ledger's grain to and from the core's own types.</summary>
static class TransferOrders
{
    public static Transfer ToTransfer(TransferOrder order)
    {
        var id = TransferId.Parse(order.Id);
        var transfer = order.Kind switch
        {
            TransferKind.Posted => new Transfer(id, order.Debit, order.Credit, order.Amount),
            TransferKind.Pending =>
                OpenLedger.Ledger.Transfer.Hold(id, order.Debit, order.Credit, order.Amount, checked((uint)order.TimeoutSeconds)),
            TransferKind.PostPending => OpenLedger.Ledger.Transfer.Post(id, TransferId.Parse(order.PendingId), order.Amount),
            TransferKind.VoidPending => OpenLedger.Ledger.Transfer.Void(id, TransferId.Parse(order.PendingId)),
            _ => throw new RefusedException($"Transfer {order.Id} is of an unknown kind."),
        };
        return order.Linked ? transfer with { Flags = transfer.Flags | TransferFlags.Linked } : transfer;
    }

    public static TransferOutcome ToOutcome(string id, TransferStatus status) => new(
        id,
        status is TransferStatus.Ok or TransferStatus.Exists,
        Describe(status),
        status.ToString().StartsWith("Exists", StringComparison.Ordinal));

    public static AccountBalance ToBalance(string account, OpenLedger.Ledger.AccountBalance? balance) => balance is null
        ? new AccountBalance(account, false, Amount.Zero, Amount.Zero, Amount.Zero, Amount.Zero)
        : new AccountBalance(account, true, balance.Available, balance.Held, balance.DebitsPosted, balance.CreditsPosted);

    /// <summary>The status in words that a payer understands; the ledger's own name where there are none.</summary>
    public static string Describe(TransferStatus status) => status switch
    {
        TransferStatus.Ok => "done",
        TransferStatus.Exists => "done before",
        TransferStatus.ExceedsCredits => "its funds are too low",
        TransferStatus.DebitAccountNotFound => "the paying account is not open",
        TransferStatus.CreditAccountNotFound => "the receiving account is not open",
        _ => status.ToString(),
    };
}
