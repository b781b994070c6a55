using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using OpenLedger.Client;
using OpenLedger.Grains.Ledger;
using OpenLedger.Testing;

namespace OpenLedger.Cluster.Tests;

/// <summary>
/// Callers that move money without pause, each transfer under an id of its own, and remember which were acknowledged. Afterwards every
/// acknowledged transfer must stand exactly once.
/// </summary>
sealed class TransferTraffic : IAsyncDisposable
{
    const int CallersCount = 4;
    static readonly Amount amount = Amount.FromAtto(1_000);
    static readonly Amount funds = Amount.FromOpen(1_000);

    readonly OpenLedgerClient _client;
    readonly string _name;
    readonly string _account;
    readonly string _payer;
    readonly CancellationTokenSource _stopping = new();
    readonly ConcurrentQueue<string> _acknowledged = new();
    readonly ConcurrentQueue<Exception> _failures = new();
    readonly List<Task> _callers = [];
    readonly long[] _begun = new long[CallersCount];

    TransferTraffic(OpenLedgerClient client, string name)
    {
        _client = client;
        _name = name;
        _account = SampleNetwork.Account($"traffic/{name}");
        _payer = SampleNetwork.Account($"traffic payer/{name}");
    }

    public int AcknowledgedCount => _acknowledged.Count;

    public IReadOnlyCollection<Exception> Failures => _failures;

    /// <param name="name">Makes the ids, the account that pays and signs, and the one that is paid.</param>
    public static async Task<TransferTraffic> Start(SiloCluster cluster, string name)
    {
        var traffic = new TransferTraffic(cluster.Client, name);
        await cluster.Client.Ledger.OpenAccounts([traffic._account, traffic._payer]);
        await cluster.Network().Fund(traffic._payer, funds, $"funds/traffic/{name}");
        for (var caller = 0; caller < CallersCount; caller++)
        {
            traffic._callers.Add(traffic.Call(caller));
        }

        return traffic;
    }

    /// <summary>Waits until so many more transfers are acknowledged.</summary>
    public async Task More(int count)
    {
        var goal = AcknowledgedCount + count;
        var reached = await Polling.Until(() => Task.FromResult(AcknowledgedCount), now => now >= goal || !_failures.IsEmpty);
        reached.Should().BeGreaterThanOrEqualTo(goal, Reasons());
    }

    /// <summary>Waits until every caller has had a transfer acknowledged that it began after a moment.</summary>
    /// <returns>How long after it that was.</returns>
    public async Task<TimeSpan> Back(long since)
    {
        var oldest = await Polling.Until(
            () => Task.FromResult(_begun.Min()), begun => begun > since || !_failures.IsEmpty);
        var back = Stopwatch.GetElapsedTime(since);
        oldest.Should().BeGreaterThan(since, Reasons());
        return back;
    }

    /// <summary>Ends the traffic and holds the book to every acknowledgement.</summary>
    public async Task StopAndVerify()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_callers);
        _failures.Should().BeEmpty(Reasons());
        var balance = (await _client.Ledger.GetBalances([_account]))[0];
        var expected = Amount.FromAtto(amount.Atto * (UInt128)AcknowledgedCount);
        balance.Available.Should().Be(expected, "each of the {0} acknowledged transfers stands, and once", AcknowledgedCount);
        foreach (var part in _acknowledged.Chunk(500))
        {
            var outcomes = await _client.Ledger.Transfer([.. part.Select(Order)]);
            outcomes.Should().OnlyContain(outcome => outcome.Accepted && outcome.Repeated);
        }

        (await _client.Ledger.GetBalances([_account]))[0].Available.Should().Be(expected, "a repetition moves nothing");
        (await _client.Ledger.GetSummary()).Conserved.Should().BeTrue();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_callers);
        _stopping.Dispose();
    }

    async Task Call(int caller)
    {
        for (var number = 0; !_stopping.IsCancellationRequested; number++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"traffic/{_name}/{caller}/{number}");
            try
            {
                var begun = Stopwatch.GetTimestamp();

                // Not cancelled: a call that was begun is carried to its end, so that nothing issued is left unknown.
                var outcome = (await _client.Ledger.Transfer([Order(id)]))[0];
                outcome.Accepted.Should().BeTrue(outcome.Result);
                _acknowledged.Enqueue(id);
                Interlocked.Exchange(ref _begun[caller], begun);
            }
            catch (Exception exception)
            {
                _failures.Enqueue(exception);
                return;
            }
        }
    }

    TransferOrder Order(string id) =>
        new(TransferId.From(id).ToString(), TransferKind.Posted, _payer, _account, amount);

    string Reasons() => string.Join('\n', _failures.Select(failure => failure.ToString()));
}
