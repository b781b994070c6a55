using OpenLedger.Grains.Ledger;
using OpenLedger.Silo.Console;

namespace OpenLedger.Silo.Tests.Console;

/// <summary>A network in which nothing is, and how often somebody looked.</summary>
sealed class StillView : IOperatorView
{
    int _looks;

    public int Looks => Volatile.Read(ref _looks);

    public Task<OperatorSnapshot> Take(CancellationToken cancellationToken)
    {
        var looks = Interlocked.Increment(ref _looks);
        return Task.FromResult(new OperatorSnapshot(
            DateTimeOffset.UnixEpoch.AddSeconds(looks),
            "still",
            "nowhere",
            new Part<SiloList>(null, "There is no cluster."),
            new Part<GrainList>(new GrainList(0, 0, []), null),
            new AdapterList(0, 0, []),
            new TrainingList(0, []),
            new Part<BookSummary>(null, "There is no book."),
            new Part<LatestReceipts>(new LatestReceipts(0, []), null),
            new Part<IReadOnlyList<AccountBalance>>(null, "There is no book.")));
    }
}
