using Orleans.Concurrency;

namespace OpenLedger.Conformance;

public interface IInterleavingGrain : IGrainWithStringKey
{
    Task Plain(string phase);

    [ReadOnly]
    Task ReadOnly(string phase);

    [AlwaysInterleave]
    Task Always(string phase);

    /// <summary>Answers whatever else runs: by then, whatever was sent before has begun or has been made to wait.</summary>
    [AlwaysInterleave]
    Task Probe();
}

public interface IReentrantGrain : IInterleavingGrain;

public sealed class InterleavingGrain : Grain, IInterleavingGrain
{
    public Task Plain(string phase) => Phase.Run(phase);

    public Task ReadOnly(string phase) => Phase.Run(phase);

    public Task Always(string phase) => Phase.Run(phase);

    public Task Probe() => Task.CompletedTask;
}

[Reentrant]
public sealed class ReentrantGrain : Grain, IReentrantGrain
{
    public Task Plain(string phase) => Phase.Run(phase);

    public Task ReadOnly(string phase) => Phase.Run(phase);

    public Task Always(string phase) => Phase.Run(phase);

    public Task Probe() => Task.CompletedTask;
}

static class Phase
{
    public static async Task Run(string phase)
    {
        Signals.Open($"{phase}.begun");
        await Signals.Opened($"{phase}.may-end");
    }
}

/// <summary>
/// Which calls may begin while another is under way:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/request-scheduling#reentrancy.
/// </summary>
public sealed class ReentrancyTests
{
    [Theory]
    [InlineData("Plain", "Plain", false)]
    [InlineData("Plain", "ReadOnly", false)]
    [InlineData("Plain", "Always", true)]
    [InlineData("ReadOnly", "Plain", false)]
    [InlineData("ReadOnly", "ReadOnly", true)]
    [InlineData("ReadOnly", "Always", true)]
    [InlineData("Always", "Plain", true)]
    [InlineData("Always", "ReadOnly", true)]
    [InlineData("Always", "Always", true)]
    public async Task On_a_plain_class(string running, string incoming, bool interleaves)
    {
        await using var cluster = await TestClusters.Start();
        await Check(cluster.Client.GetGrain<IInterleavingGrain>(Signals.NewKey("interleaving")), running, incoming, interleaves);
    }

    [Theory]
    [InlineData("Plain", "Plain")]
    [InlineData("Plain", "ReadOnly")]
    [InlineData("ReadOnly", "Plain")]
    public async Task On_a_reentrant_class_everything_interleaves(string running, string incoming)
    {
        await using var cluster = await TestClusters.Start();
        await Check(cluster.Client.GetGrain<IReentrantGrain>(Signals.NewKey("reentrant")), running, incoming, true);
    }

    [Fact]
    public async Task Those_that_wait_run_in_the_order_of_their_arrival()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("order");
        var grain = cluster.Client.GetGrain<IInterleavingGrain>(key);
        var first = grain.Plain($"{key}.0");
        await Signals.Reached($"{key}.0.begun");
        var second = grain.Plain($"{key}.1");
        await grain.Probe();
        var third = grain.Plain($"{key}.2");
        await grain.Probe();
        Signals.Open($"{key}.0.may-end");
        await Signals.Reached($"{key}.1.begun");
        await grain.Probe();
        Signals.IsOpen($"{key}.2.begun").Should().BeFalse();
        Signals.Open($"{key}.1.may-end");
        await Signals.Reached($"{key}.2.begun");
        Signals.Open($"{key}.2.may-end");
        await Task.WhenAll(first, second, third).Soon();
    }

    static async Task Check(IInterleavingGrain grain, string running, string incoming, bool interleaves)
    {
        var key = grain.GetPrimaryKeyString();
        var first = Call(grain, running, $"{key}.first");
        await Signals.Reached($"{key}.first.begun");
        var second = Call(grain, incoming, $"{key}.second");
        if (interleaves)
        {
            await Signals.Reached($"{key}.second.begun");
        }
        else
        {
            await grain.Probe().Soon();
            Signals.IsOpen($"{key}.second.begun").Should().BeFalse();
        }

        Signals.Open($"{key}.first.may-end");
        await Signals.Reached($"{key}.second.begun");
        Signals.Open($"{key}.second.may-end");
        await Task.WhenAll(first, second).Soon();
    }

    static Task Call(IInterleavingGrain grain, string kind, string phase) => kind switch
    {
        "Plain" => grain.Plain(phase),
        "ReadOnly" => grain.ReadOnly(phase),
        _ => grain.Always(phase),
    };
}
