using Orleans.Configuration;
using Orleans.TestingHost;

namespace OpenLedger.Conformance;

public interface IIdleGrain : IGrainWithStringKey
{
    Task<int> Activation();

    Task Keep();

    /// <summary>Asks for the end, and goes on until the gate opens.</summary>
    Task<int> EndLater(string gate);

    Task End();
}

public interface IKeptGrain : IIdleGrain;

public interface IAlwaysActiveGrain : IIdleGrain;

public interface IQuicklyIdleGrain : IIdleGrain;

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

    public async Task<int> EndLater(string gate)
    {
        DeactivateOnIdle();
        Signals.Open($"{gate}.begun");
        await Signals.Opened(gate);
        return number;
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

[KeepAlive]
public sealed class KeptGrain : IdleGrain, IKeptGrain;

[CollectionAgeLimit(AlwaysActive = true)]
public sealed class AlwaysActiveGrain : IdleGrain, IAlwaysActiveGrain;

public sealed class QuicklyIdleGrain : IdleGrain, IQuicklyIdleGrain;

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
    public async Task A_class_has_an_age_limit_of_its_own()
    {
        await using var cluster = await TestClusters.Start(silo => silo.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromMilliseconds(100);
            options.CollectionAge = TimeSpan.FromHours(1);
            options.ClassSpecificCollectionAge[typeof(QuicklyIdleGrain).FullName!] = TimeSpan.FromMilliseconds(300);
        }));
        var (quick, slow) = (Signals.NewKey("quick"), Signals.NewKey("slow"));
        var slowGrain = cluster.Client.GetGrain<IIdleGrain>(slow, typeof(IdleGrain).FullName);
        (await slowGrain.Activation()).Should().Be(1);
        (await cluster.Client.GetGrain<IQuicklyIdleGrain>(quick).Activation()).Should().Be(1);
        await Signals.Reached($"{quick}.1.{DeactivationReasonCode.ActivationIdle}");
        (await slowGrain.Activation()).Should().Be(1);
    }

    [Fact]
    public async Task A_class_may_say_its_limit_itself()
    {
        await using var cluster = await StartWithShortAges();
        var (always, idle) = (Signals.NewKey("always"), Signals.NewKey("idle"));
        var alwaysGrain = cluster.Client.GetGrain<IAlwaysActiveGrain>(always);
        (await alwaysGrain.Activation()).Should().Be(1);
        (await cluster.Client.GetGrain<IIdleGrain>(idle, typeof(IdleGrain).FullName).Activation()).Should().Be(1);
        await Signals.Reached($"{idle}.1.{DeactivationReasonCode.ActivationIdle}");
        (await alwaysGrain.Activation()).Should().Be(1);
        new CollectionAgeLimitAttribute { Minutes = 2 }.AgeLimit.Should().Be(TimeSpan.FromMinutes(2));
        new GrainCollectionOptions().CollectionAge.Should().Be(TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task A_call_under_way_is_finished_and_the_next_finds_another_activation()
    {
        await using var cluster = await TestClusters.Start();
        var key = Signals.NewKey("ending");
        var grain = cluster.Client.GetGrain<IKeptGrain>(key);
        var last = grain.EndLater($"{key}.gate");
        await Signals.Reached($"{key}.gate.begun");
        var next = grain.Activation();
        Signals.Open($"{key}.gate");
        (await last.Soon()).Should().Be(1);
        (await next.Soon()).Should().Be(2);
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
