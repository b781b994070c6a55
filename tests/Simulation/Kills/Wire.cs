using System.Text.Json;
using OpenLedger;
using OpenLedger.Ledger;

namespace Simulation.Tests.Kills;

/// <summary>A transfer on the wire between a client and the host that is killed.</summary>
sealed record WireTransfer(string Id, string Debit, string Credit, string Amount, int Flags, string Pending)
{
    public static WireTransfer Of(Transfer transfer) => new(
        transfer.Id.ToString(), transfer.Debit, transfer.Credit, transfer.Amount.ToString(), (int)transfer.Flags,
        transfer.PendingId.ToString());

    public Transfer ToTransfer() => new(
        TransferId.Parse(Id), Debit, Credit, OpenLedger.Amount.Parse(Amount), (TransferFlags)Flags, TransferId.Parse(Pending));
}

/// <summary>One line from a client.</summary>
sealed record WireRequest(IReadOnlyList<WireTransfer> Transfers, byte[]? Receipt)
{
    public static WireRequest Of(LedgerRequest request) => new(
        [.. request.Transfers.Select(WireTransfer.Of)], request.Receipts.Count > 0 ? request.Receipts[0].Canonical : null);

    public LedgerRequest ToRequest() => new()
    {
        Transfers = [.. Transfers.Select(transfer => transfer.ToTransfer())],
        Receipts = Receipt is null ? [] : [new ReceiptDraft(Receipt, new byte[LogLeaf.SaltSizeBytes])],
        AllOrNothing = true,
    };
}

/// <summary>One line to a client: what became of its request, and a head of the log that holds it.</summary>
sealed record WireReply(IReadOnlyList<int> Transfers, ulong TreeSize, string Root);

/// <summary>Lines of JSON.</summary>
static class Wire
{
    public static string Line<T>(T message) => JsonSerializer.Serialize(message);

    public static T Parse<T>(string line) => JsonSerializer.Deserialize<T>(line)!;
}
