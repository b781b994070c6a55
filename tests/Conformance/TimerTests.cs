using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Configuration;

namespace OpenLedger.Conformance;

public interface ITimerGrain : IGrainWithStringKey
{
    Task Begin(bool interleave);

    Task Stop();

    Task Hold(string gate);

    [AlwaysInterleave]
    Task Probe();

    Task End();
}

/// <summary>Timers that do one thing each.</summary>
public interface ITickingGrain : IGrainWithStringKey
{
    /// <summary>Throws at its first tick.</summary>
    Task BeginFailing();

    Task BeginOnce();

    /// <summary>Each tick waits for a gate of its own, and for the end of its timer.</summary>
    Task BeginSlow();

    /// <summary>Ticks in real time and keeps its activation, or does not.</summary>
    Task<int> BeginKeeping(bool keepAlive);

    Task Change(TimeSpan dueTime, TimeSpan period);

    [AlwaysInterleave]
    Task Stop();

    [AlwaysInterleave]
    Task<int> Activation();
}

public sealed class TickingGrain : Grain, ITickingGrain
{
    static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Often = TimeSpan.FromMilliseconds(50);

    IGrainTimer? timer;
    int number;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        number = Signals.Count($"{this.GetPrimaryKeyString()}.activations");
        return Task.CompletedTask;
    }

    public Task BeginFailing() => Begin(new(Period, Period), _ => Signals.Count($"{this.GetPrimaryKeyString()}.ticks") == 1
        ? throw new RefusalException("not this time")
        : Task.CompletedTask);

    public Task BeginOnce() => Begin(new(Period, Timeout.InfiniteTimeSpan), _ =>
    {
        Signals.Count($"{this.GetPrimaryKeyString()}.ticks");
        return Task.CompletedTask;
    });

    public Task BeginSlow() => Begin(new(Period, Period), async cancellationToken =>
    {
        var tick = $"{this.GetPrimaryKeyString()}.ticks:{Signals.Count($"{this.GetPrimaryKeyString()}.ticks")}";
        try
        {
            await Signals.Opened($"{tick}.may-end").WaitAsync(cancellationToken);
            Signals.Open($"{tick}.ended");
        }
        catch (OperationCanceledException)
        {
            Signals.Open($"{tick}.cancelled");
        }
    });

    public async Task<int> BeginKeeping(bool keepAlive)
    {
        await Begin(new(Often, Often) { KeepAlive = keepAlive }, _ =>
        {
            Signals.Count($"{this.GetPrimaryKeyString()}.ticks");
            return Task.CompletedTask;
        });
        return number;
    }

    public Task Change(TimeSpan dueTime, TimeSpan period)
    {
        timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        timer?.Dispose();
        return Task.CompletedTask;
    }

    public Task<int> Activation() => Task.FromResult(number);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Open($"{this.GetPrimaryKeyString()}.{number}.ended");
        return Task.CompletedTask;
    }

    Task Begin(GrainTimerCreationOptions options, Func<CancellationToken, Task> tick)
    {
        timer = this.RegisterGrainTimer(tick, options);
        return Task.CompletedTask;
    }
}

public sealed class TimerGrain : Grain, ITimerGrain
{
    IGrainTimer? timer;

    public Task Begin(bool interleave)
    {
        timer = this.RegisterGrainTimer(
            Tick, new GrainTimerCreationOptions(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        timer?.Dispose();
        return Task.CompletedTask;
    }

    public async Task Hold(string gate)
    {
        Signals.Open($"{this.GetPrimaryKeyString()}.held");
        await Signals.Opened(gate);
    }

    public Task Probe() => Task.CompletedTask;

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Open($"{this.GetPrimaryKeyString()}.ended");
        return Task.CompletedTask;
    }

    Task Tick(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        Signals.Open(TaskScheduler.Current == TaskScheduler.Default ? $"{key}.astray" : $"{key}.at-home");
        Signals.Count($"{key}.ticks");
        return Task.CompletedTask;
    }
}

/// <summary>
/// Ticks of a grain's timer are turns of the grain; they wait for the call under way unless told otherwise, and end with the activation:
/// https://learn.microsoft.com/en-us/dotnet/orleans/grains/timers-and-reminders#timers.
/// </summary>
public sealed class TimerTests
{
    static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Ticks_again_and_again_on_the_grain_until_disposed()
    {
        var (cluster, time, grain, key) = await Start();
        await using var _ = cluster;
        await grain.Begin(false);
        for (var tick = 1; tick <= 3; tick++)
        {
            time.Advance(Period);
            await Signals.Reached($"{key}.ticks:{tick}");
            await grain.Hold(OpenGate(key)).Soon();
        }

        Signals.IsOpen($"{key}.astray").Should().BeFalse();
        Signals.IsOpen($"{key}.at-home").Should().BeTrue();
        await grain.Stop();
        time.Advance(Period * 3);
        await grain.Hold(OpenGate(key)).Soon();
        Signals.Counted($"{key}.ticks").Should().Be(3);
    }

    [Fact]
    public async Task A_tick_waits_for_the_call_under_way()
    {
        var (cluster, time, grain, key) = await Start();
        await using var _ = cluster;
        await grain.Begin(false);
        var call = grain.Hold($"{key}.gate");
        await Signals.Reached($"{key}.held");
        time.Advance(Period);
        await grain.Probe().Soon();
        Signals.Counted($"{key}.ticks").Should().Be(0);
        Signals.Open($"{key}.gate");
        await call.Soon();
        await Signals.Reached($"{key}.ticks:1");
    }

    [Fact]
    public async Task An_interleaving_tick_does_not_wait()
    {
        var (cluster, time, grain, key) = await Start();
        await using var _ = cluster;
        await grain.Begin(true);
        var call = grain.Hold($"{key}.gate");
        await Signals.Reached($"{key}.held");
        time.Advance(Period);
        await Signals.Reached($"{key}.ticks:1");
        Signals.Open($"{key}.gate");
        await call.Soon();
    }

    [Fact]
    public async Task A_timer_ends_with_its_activation()
    {
        var (cluster, time, grain, key) = await Start();
        await using var _ = cluster;
        await grain.Begin(false);
        await grain.End();
        await Signals.Reached($"{key}.ended");
        time.Advance(Period * 3);
        await grain.Hold(OpenGate(key)).Soon();
        Signals.Counted($"{key}.ticks").Should().Be(0);
    }

    [Fact]
    public async Task A_tick_that_throws_does_not_end_the_timer()
    {
        var (cluster, time, _, key) = await Start();
        await using var __ = cluster;
        await cluster.Client.GetGrain<ITickingGrain>(key).BeginFailing();
        await Eventually.Reached($"{key}.ticks:3", time, Period);
    }

    [Fact]
    public async Task A_timer_without_a_period_ticks_once_until_it_is_changed()
    {
        var (cluster, time, _, key) = await Start();
        await using var __ = cluster;
        var grain = cluster.Client.GetGrain<ITickingGrain>(key);
        await grain.BeginOnce();
        time.Advance(Period);
        await Signals.Reached($"{key}.ticks:1");
        await grain.Activation().Soon();
        time.Advance(Period * 5);
        await grain.Change(Period, Timeout.InfiniteTimeSpan).Soon();
        Signals.Counted($"{key}.ticks").Should().Be(1);
        time.Advance(Period);
        await Signals.Reached($"{key}.ticks:2");
    }

    [Fact]
    public async Task A_tick_waits_for_the_one_before_it_and_the_period_begins_when_that_has_ended()
    {
        var (cluster, time, _, key) = await Start();
        await using var __ = cluster;
        var grain = cluster.Client.GetGrain<ITickingGrain>(key);
        await grain.BeginSlow();
        time.Advance(Period);
        await Signals.Reached($"{key}.ticks:1");
        time.Advance(Period * 5);
        await grain.Activation().Soon();
        Signals.Counted($"{key}.ticks").Should().Be(1);
        Signals.Open($"{key}.ticks:1.may-end");
        await Signals.Reached($"{key}.ticks:1.ended");
        await Eventually.Reached($"{key}.ticks:2", time, Period);
        await grain.Stop();
    }

    [Fact]
    public async Task A_tick_under_way_learns_that_its_timer_was_disposed()
    {
        var (cluster, time, _, key) = await Start();
        await using var __ = cluster;
        var grain = cluster.Client.GetGrain<ITickingGrain>(key);
        await grain.BeginSlow();
        time.Advance(Period);
        await Signals.Reached($"{key}.ticks:1");
        await grain.Stop();
        await Signals.Reached($"{key}.ticks:1.cancelled");
    }

    [Fact]
    public async Task Ticks_keep_an_activation_only_if_they_say_so()
    {
        await using var cluster = await TestClusters.Start(silo => silo.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromMilliseconds(200);
            options.CollectionAge = TimeSpan.FromSeconds(2);
        }));
        var (keeping, idle) = (Signals.NewKey("keeping"), Signals.NewKey("idle"));
        (await cluster.Client.GetGrain<ITickingGrain>(keeping).BeginKeeping(keepAlive: true)).Should().Be(1);
        (await cluster.Client.GetGrain<ITickingGrain>(idle).BeginKeeping(keepAlive: false)).Should().Be(1);
        await Signals.Reached($"{idle}.1.ended");
        Signals.Counted($"{idle}.ticks").Should().BeGreaterThan(0);
        await Signals.Reached($"{keeping}.ticks:{Signals.Counted($"{keeping}.ticks") + 5}");
        (await cluster.Client.GetGrain<ITickingGrain>(keeping).Activation()).Should().Be(1);
    }

    static string OpenGate(string key)
    {
        Signals.Open($"{key}.open");
        return $"{key}.open";
    }

    static async Task<(Orleans.TestingHost.InProcessTestCluster Cluster, FakeTime Time, ITimerGrain Grain, string Key)> Start()
    {
        // The response timeout is out of reach of the time that the tests let pass.
        var time = new FakeTime();
        var cluster = await TestClusters.Start(silo =>
        {
            // Grains live in the test's time, the silo's own loops in real time: else moving the clock would run those within the move.
            silo.Services.AddSingleton<TimeProvider>(time);
            silo.Services.AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System);
            silo.Services.AddKeyedSingleton<TimeProvider>("Orleans.Grains", time);
            silo.RespondWithin(TimeSpan.FromHours(1));
        });
        var key = Signals.NewKey("timer");
        return (cluster, time, cluster.Client.GetGrain<ITimerGrain>(key), key);
    }
}
