using Orleans.Configuration;

namespace OpenLedger.Conformance;

/// <summary>
/// A mailbox with a limit refuses what goes beyond it:
/// https://learn.microsoft.com/en-us/dotnet/api/orleans.configuration.silomessagingoptions.maxenqueuedrequestshardlimit.
/// </summary>
public sealed class MailboxTests
{
    [Fact]
    public async Task A_full_mailbox_refuses_calls_and_recovers()
    {
        await using var cluster = await TestClusters.Start(silo =>
            silo.Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = 5));
        var key = Signals.NewKey("mailbox");
        var grain = cluster.Client.GetGrain<IInterleavingGrain>(key, typeof(InterleavingGrain).FullName);
        var first = grain.Plain(key);
        await Signals.Reached($"{key}.begun");
        var more = Enumerable.Range(0, 20).Select(_ => grain.Plain(key)).ToArray();
        var refused = async () => await Task.WhenAny(more).Unwrap().Soon();
        await refused.Should().ThrowAsync<LimitExceededException>();

        Signals.Open($"{key}.may-end");
        await first.Soon();
        var rest = async () => await Task.WhenAll(more).Soon();
        await rest.Should().ThrowAsync<LimitExceededException>();
        more.Count(call => call.IsCompletedSuccessfully).Should().BeInRange(4, 6);
        await grain.Plain(key).Soon();
    }

    [Fact]
    public async Task A_stateless_worker_has_a_limit_of_its_own()
    {
        await using var cluster = await TestClusters.Start(silo => silo.Configure<SiloMessagingOptions>(options =>
        {
            options.MaxEnqueuedRequestsHardLimit = 1;
            options.MaxEnqueuedRequestsHardLimit_StatelessWorker = 5;
        }));
        var key = Signals.NewKey("worker");
        var grain = cluster.Client.GetGrain<IWorkerGrain>(key);
        var calls = Enumerable.Range(0, 40).Select(_ => grain.Work($"{key}.gate")).ToArray();
        var refused = async () => await Task.WhenAny(calls).Unwrap().Soon();
        await refused.Should().ThrowAsync<LimitExceededException>();
        Signals.Open($"{key}.gate");
        var rest = async () => await Task.WhenAll(calls).Soon();
        await rest.Should().ThrowAsync<LimitExceededException>();
        calls.Count(call => call.IsCompletedSuccessfully).Should().BeInRange(8, 12, "two activations take about five each");
    }
}
