using Orleans.Concurrency;
using Orleans.Configuration;

namespace OpenLedger.Conformance;

public interface ISlowGrain : IGrainWithStringKey
{
    /// <summary>Takes effect only when its gate opens, long after its caller has given up.</summary>
    [ResponseTimeout("00:00:00.300")]
    Task Add(string gate, int amount);

    [ResponseTimeout("00:00:00.300")]
    Task Wait(string phase, CancellationToken cancellationToken);

    [AlwaysInterleave]
    Task<int> Sum();
}

public sealed class SlowGrain : Grain, ISlowGrain
{
    int sum;

    public async Task Add(string gate, int amount)
    {
        await Signals.Opened(gate);
        sum += amount;
        Signals.Open($"{gate}.done");
    }

    public async Task Wait(string phase, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(() => Signals.Open($"{phase}.cancelled"));
        await Signals.Opened($"{phase}.may-end");
    }

    public Task<int> Sum() => Task.FromResult(sum);
}

/// <summary>
/// A timeout says that no answer came, and nothing about what happened: the call may take effect afterwards, so whoever repeats it has
/// to be able to:
/// https://learn.microsoft.com/dotnet/orleans/implementation/messaging-delivery-guarantees.
/// </summary>
public sealed class TimeoutTests
{
    [Fact]
    public async Task A_call_whose_caller_gave_up_still_takes_effect()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("slow");
        var grain = cluster.Client.GetGrain<ISlowGrain>(key);

        var call = async () => await grain.Add($"{key}.gate", 5).Soon();
        await call.Should().ThrowAsync<TimeoutException>();
        (await grain.Sum()).Should().Be(0, "the caller cannot know which of both it will be");

        Signals.Open($"{key}.gate");
        await Signals.Reached($"{key}.gate.done");
        (await grain.Sum().Soon()).Should().Be(5);
    }

    [Fact]
    public async Task A_repeated_call_takes_effect_twice()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("slow");
        var grain = cluster.Client.GetGrain<ISlowGrain>(key);
        var call = async () => await grain.Add($"{key}.gate", 5).Soon();
        await call.Should().ThrowAsync<TimeoutException>();
        Signals.Open($"{key}.gate");
        await Signals.Reached($"{key}.gate.done");
        await grain.Add($"{key}.gate", 5).Soon();
        (await grain.Sum()).Should().Be(10, "the engine knows no repetitions: idempotency is the grain's own work");
    }

    [Fact]
    public async Task A_timeout_cancels_the_call_only_where_that_was_asked_for()
    {
        await using var asked = await TestClusters.Start(
            silo => silo.Configure<SiloMessagingOptions>(options => options.CancelRequestOnTimeout = true));
        await using var plain = await TestClusters.Start();
        var (cancelled, ignored) = (Signals.NewKey("cancelled"), Signals.NewKey("ignored"));
        await TimeOut(asked, cancelled);
        await TimeOut(plain, ignored);
        await Signals.Reached($"{cancelled}.cancelled");
        (await plain.Client.GetGrain<ISlowGrain>(ignored).Sum()).Should().Be(0);
        Signals.IsOpen($"{ignored}.cancelled").Should().BeFalse();
        Signals.Open($"{cancelled}.may-end");
        Signals.Open($"{ignored}.may-end");
    }

    static async Task TimeOut(Orleans.TestingHost.InProcessTestCluster cluster, string key)
    {
        using var never = new CancellationTokenSource();
        var grain = cluster.Client.GetGrain<ISlowCallerGrain>($"{key}.caller");
        var call = async () => await grain.Call(key, never.Token).Soon();
        await call.Should().ThrowAsync<TimeoutException>();
    }
}

/// <summary>Calls from within the silo, whose options decide there.</summary>
public interface ISlowCallerGrain : IGrainWithStringKey
{
    Task Call(string key, CancellationToken cancellationToken);
}

public sealed class SlowCallerGrain : Grain, ISlowCallerGrain
{
    public Task Call(string key, CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<ISlowGrain>(key).Wait(key, cancellationToken);
}
