using OpenLedger;
using OpenLedger.Ledger;
using Simulation.Tests.Running;

namespace Simulation.Tests.Mutants;

/// <summary>A ledger that says that it released a hold, and did not.</summary>
sealed class HoldKeepingDoor(ILedgerDoor inner) : ILedgerDoor
{
    public async Task<IReadOnlyList<LedgerReply>> Commit(IReadOnlyList<LedgerRequest> requests)
    {
        var passed = requests.Select(request =>
            request with { Transfers = [.. request.Transfers.Where(transfer => !Releases(transfer))] }).ToList();
        var replies = await inner.Commit(passed);
        return [.. replies.Select((reply, i) => reply with { Transfers = Merge(requests[i], reply) })];
    }

    public Task<T> Ask<T>(Func<LedgerCore, T> question) => inner.Ask(question);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    static bool Releases(Transfer transfer) => transfer.Flags == TransferFlags.VoidPending;

    static List<TransferStatus> Merge(LedgerRequest request, LedgerReply reply)
    {
        var passed = new Queue<TransferStatus>(reply.Transfers);
        return [.. request.Transfers.Select(transfer => Releases(transfer) ? TransferStatus.Ok : passed.Dequeue())];
    }
}

/// <summary>A ledger that takes a retry for something new.</summary>
sealed class ForgetfulDoor(ILedgerDoor inner) : ILedgerDoor
{
    readonly HashSet<LedgerRequest> seen = new(ReferenceEqualityComparer.Instance);

    public Task<IReadOnlyList<LedgerReply>> Commit(IReadOnlyList<LedgerRequest> requests) =>
        inner.Commit([.. requests.Select(request => seen.Add(request) ? request : Renamed(request))]);

    public Task<T> Ask<T>(Func<LedgerCore, T> question) => inner.Ask(question);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    static LedgerRequest Renamed(LedgerRequest request) => request with
    {
        Transfers = [.. request.Transfers.Select(transfer => transfer with { Id = TransferId.From($"again/{transfer.Id}") })],
    };
}
