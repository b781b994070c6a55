using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;

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
