using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace OpenLedger.Conformance;

public interface IReminderGrain : IGrainWithStringKey
{
    Task<string> Set(string name, TimeSpan dueTime, TimeSpan period);

    /// <summary>False where there is no such reminder.</summary>
    Task<bool> Unset(string name);

    Task<List<string>> Names();

    Task End();
}

public sealed class ReminderGrain : Grain, IReminderGrain, IRemindable
{
    public async Task<string> Set(string name, TimeSpan dueTime, TimeSpan period) =>
        (await this.RegisterOrUpdateReminder(name, dueTime, period)).ReminderName;

    public async Task<bool> Unset(string name)
    {
        if (await this.GetReminder(name) is not { } reminder)
        {
            return false;
        }

        await this.UnregisterReminder(reminder);
        return true;
    }

    public async Task<List<string>> Names() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName)];

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        var id = $"{this.GetPrimaryKeyString()}.{reminderName}";
        ReminderLog.Of(id).Enqueue(status);
        var count = Signals.Count(id);
        Signals.Open(TaskScheduler.Current == TaskScheduler.Default ? $"{id}.astray" : $"{id}.at-home");
        return count == 1 && reminderName == "failing" ? throw new RefusalException("not this time") : Task.CompletedTask;
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Signals.Count($"{this.GetPrimaryKeyString()}.activations");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Open($"{this.GetPrimaryKeyString()}.ended");
        return Task.CompletedTask;
    }
}

static class ReminderLog
{
    static readonly ConcurrentDictionary<string, ConcurrentQueue<TickStatus>> Ticks = new();

    public static ConcurrentQueue<TickStatus> Of(string id) => Ticks.GetOrAdd(id, static _ => new());
}

/// <summary>
/// A reminder is kept in a table: it ticks on the grain whether that is active or not, again and again until it is unregistered, and
/// goes on after a restart of the silo; no tick is early, and one that fails does not end it:
/// https://learn.microsoft.com/dotnet/orleans/grains/timers-and-reminders#reminders.
/// </summary>
public sealed class ReminderTests
{
    static readonly TimeSpan Due = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    readonly FakeTime time = new();
    readonly SharedReminderTable table = new();

    [Fact]
    public async Task It_ticks_when_it_is_due_and_then_every_period()
    {
        await using var cluster = await Start();
        var key = Signals.NewKey("reminded");
        var due = time.GetUtcNow() + Due;

        (await cluster.Client.GetGrain<IReminderGrain>(key).Set("bill", Due, Period)).Should().Be("bill");

        table.Count.Should().Be(1, "it is kept before the caller hears of it");
        ReminderLog.Of($"{key}.bill").Should().BeEmpty();
        await Eventually.Reached($"{key}.bill:3", time, Step);
        var ticks = ReminderLog.Of($"{key}.bill").Take(3).ToList();
        ticks.Should().OnlyContain(tick => tick.Period == Period);
        ticks.Should().OnlyContain(tick => tick.FirstTickTime == due.UtcDateTime);
        for (var tick = 0; tick < ticks.Count; tick++)
        {
            ticks[tick].CurrentTickTime.Should().BeOnOrAfter(due.UtcDateTime + tick * Period, "no tick is early");
        }

        Signals.IsOpen($"{key}.bill.astray").Should().BeFalse("a tick is a turn of the grain");
    }

    [Fact]
    public async Task It_goes_on_while_its_table_is_away()
    {
        await using var cluster = await Start();
        var key = Signals.NewKey("reminded");
        await cluster.Client.GetGrain<IReminderGrain>(key).Set("bill", Due, Period);
        table.IsAway = true;

        await Eventually.Reached($"{key}.bill:3", time, Step);
    }

    [Fact]
    public async Task It_wakes_a_grain_that_is_not_active()
    {
        await using var cluster = await Start();
        var key = Signals.NewKey("reminded");
        var grain = cluster.Client.GetGrain<IReminderGrain>(key);
        await grain.Set("bill", Due, Period);
        await grain.End();
        await Signals.Reached($"{key}.ended");

        await Eventually.Reached($"{key}.bill:1", time, Step);

        Signals.Counted($"{key}.activations").Should().Be(2);
    }

    [Fact]
    public async Task It_goes_on_after_a_restart()
    {
        var key = Signals.NewKey("reminded");
        await using (var first = await Start())
        {
            await first.Client.GetGrain<IReminderGrain>(key).Set("bill", Due, Period);
        }

        Signals.Counted($"{key}.bill").Should().Be(0);
        await using var second = await Start();
        await Eventually.Reached($"{key}.bill:2", time, Step);
        (await second.Client.GetGrain<IReminderGrain>(key).Names()).Should().Equal("bill");
    }

    [Fact]
    public async Task What_came_due_while_no_silo_ran_is_made_up_for()
    {
        var key = Signals.NewKey("reminded");
        var due = time.GetUtcNow() + Due;
        await using (var first = await Start())
        {
            await first.Client.GetGrain<IReminderGrain>(key).Set("bill", Due, Period);
        }

        time.Advance(Due + 10 * Period + Step);
        await using var second = await Start();
        await Eventually.Reached($"{key}.bill:1", time, Step);
        var tick = ReminderLog.Of($"{key}.bill").First();
        tick.FirstTickTime.Should().Be(due.UtcDateTime, "the grain can tell from it how many ticks it missed");
        tick.CurrentTickTime.Should().BeOnOrAfter(due.UtcDateTime + 10 * Period);
    }

    [Fact]
    public async Task Registering_it_again_changes_it()
    {
        await using var cluster = await Start();
        var key = Signals.NewKey("reminded");
        var grain = cluster.Client.GetGrain<IReminderGrain>(key);
        await grain.Set("bill", TimeSpan.FromDays(1), TimeSpan.FromDays(1));
        await grain.Set("bill", Due, 2 * Period);

        await Eventually.Reached($"{key}.bill:2", time, Step);

        (await grain.Names()).Should().Equal("bill");
        ReminderLog.Of($"{key}.bill").Should().OnlyContain(tick => tick.Period == 2 * Period);
    }

    [Fact]
    public async Task It_ends_when_it_is_unregistered()
    {
        await using var cluster = await Start();
        var key = Signals.NewKey("reminded");
        var grain = cluster.Client.GetGrain<IReminderGrain>(key);
        await grain.Set("bill", Due, Period);
        await grain.Set("other", Due, Period);
        await Eventually.Reached($"{key}.bill:1", time, Step);

        (await grain.Unset("bill")).Should().BeTrue();
        var ticks = Signals.Counted($"{key}.bill");
        await Eventually.Reached($"{key}.other:{Signals.Counted($"{key}.other") + 3}", time, Step);

        Signals.Counted($"{key}.bill").Should().Be(ticks);
        (await grain.Names()).Should().Equal("other");
        (await grain.Unset("bill")).Should().BeFalse();
    }

    [Fact]
    public async Task A_tick_that_fails_does_not_end_it()
    {
        await using var cluster = await Start();
        var key = Signals.NewKey("reminded");
        await cluster.Client.GetGrain<IReminderGrain>(key).Set("failing", Due, Period);
        await Eventually.Reached($"{key}.failing:2", time, Step);
    }

    [Fact]
    public async Task A_period_below_the_minimum_is_refused()
    {
        await using var cluster = await Start();
        var grain = cluster.Client.GetGrain<IReminderGrain>(Signals.NewKey("reminded"));
        var tooOften = async () => await grain.Set("bill", Due, Period - TimeSpan.FromSeconds(1));
        (await tooOften.Should().ThrowAsync<ArgumentException>()).WithMessage("*less than minimum allowed reminder period*");
        var backwards = async () => await grain.Set("bill", -Due, Period);
        await backwards.Should().ThrowAsync<ArgumentException>();
        (await grain.Names()).Should().BeEmpty();
        new ReminderOptions().MinimumReminderPeriod.Should().Be(Period);
    }

    [Fact]
    public async Task A_table_in_memory_serves_one_silo()
    {
        await using var cluster = await TestClusters.Start(silo => silo.UseInMemoryReminderService().Configure<ReminderOptions>(
            options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(100)));
        var key = Signals.NewKey("reminded");
        var grain = cluster.Client.GetGrain<IReminderGrain>(key);
        await grain.Set("bill", TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        await Signals.Reached($"{key}.bill:3");
        (await grain.Unset("bill")).Should().BeTrue();
        (await grain.Names()).Should().BeEmpty();
    }

    Task<InProcessTestCluster> Start() => TestClusters.Start(silo =>
    {
        silo.AddReminders();
        silo.Services.AddSingleton<IReminderTable>(table);
        silo.Services.AddSingleton<TimeProvider>(time);
        silo.Services.AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System);
        silo.Services.AddKeyedSingleton<TimeProvider>("Orleans.Reminders", time);
    });
}
