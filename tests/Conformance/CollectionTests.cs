using Orleans.Configuration;
using Orleans.TestingHost;

namespace OpenLedger.Conformance;

public interface IIdleGrain : IGrainWithStringKey
{
    Task<int> Activation();

    Task Keep();

    Task End();
}

public interface IKeptGrain : IIdleGrain;

public class IdleGrain : Grain, IIdleGrain
{
    int number;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        number = Signals.Count($"{this.GetPrimaryKeyString()}.activations");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Open($"{this.GetPrimaryKeyString()}.{number}.{reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<int> Activation() => Task.FromResult(number);

    public Task Keep()
    {
        DelayDeactivation(TimeSpan.FromDays(1));
        return Task.CompletedTask;
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

[KeepAlive]
public sealed class KeptGrain : IdleGrain, IKeptGrain;

/// <summary>
/// Idle activations end after their age limit, unless they are kept; the next call makes another:
/// https://learn.microsoft.com/en-us/dotnet/orleans/host/configuration-guide/activation-collection and
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/grain-lifecycle.
/// </summary>
public sealed class CollectionTests
{
    [Fact]
    public async Task An_idle_activation_ends_and_the_next_call_makes_another()
    {
        await using var cluster = await StartWithShortAges();
        var key = Signals.NewKey("idle");
        var grain = cluster.Client.GetGrain<IIdleGrain>(key, nameof(OpenLedger) + ".Conformance.IdleGrain");
        (await grain.Activation()).Should().Be(1);
        await Signals.Reached($"{key}.1.{DeactivationReasonCode.ActivationIdle}");
        (await grain.Activation().Soon()).Should().Be(2);
    }

    [Fact]
    public async Task Those_that_are_kept_outlive_those_that_are_not()
    {
        await using var cluster = await StartWithShortAges();
        var (kept, delayed, idle) = (Signals.NewKey("kept"), Signals.NewKey("delayed"), Signals.NewKey("idle"));
        (await cluster.Client.GetGrain<IKeptGrain>(kept).Activation()).Should().Be(1);
        var delayedGrain = cluster.Client.GetGrain<IIdleGrain>(delayed, nameof(OpenLedger) + ".Conformance.IdleGrain");
        await delayedGrain.Keep();
        (await cluster.Client.GetGrain<IIdleGrain>(idle, nameof(OpenLedger) + ".Conformance.IdleGrain").Activation()).Should().Be(1);
        await Signals.Reached($"{idle}.1.{DeactivationReasonCode.ActivationIdle}");

        (await cluster.Client.GetGrain<IKeptGrain>(kept).Activation().Soon()).Should().Be(1);
        (await delayedGrain.Activation().Soon()).Should().Be(1);
    }

    [Fact]
    public async Task A_grain_ends_its_own_activation()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("ending");
        var grain = cluster.Client.GetGrain<IKeptGrain>(key);
        await grain.End();
        await Signals.Reached($"{key}.1.{DeactivationReasonCode.ApplicationRequested}");
        (await grain.Activation().Soon()).Should().Be(2);
    }

    [Fact]
    public async Task A_silo_that_stops_ends_its_activations()
    {
        var cluster = await TestClusters.Start();
        var keys = Enumerable.Range(0, 20).Select(_ => Signals.NewKey("stopping")).ToArray();
        foreach (var key in keys)
        {
            await cluster.Client.GetGrain<IKeptGrain>(key).Activation();
        }

        await cluster.DisposeAsync();

        keys.Should().OnlyContain(key => Signals.IsOpen($"{key}.1.{DeactivationReasonCode.ShuttingDown}"));
    }

    static Task<InProcessTestCluster> StartWithShortAges() => TestClusters.Start(silo =>
        silo.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromMilliseconds(100);
            options.CollectionAge = TimeSpan.FromMilliseconds(300);
        }));
}
