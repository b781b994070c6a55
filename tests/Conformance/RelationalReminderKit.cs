using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace OpenLedger.Conformance;

/// <summary>
/// Reminders in a relational database go on in the next silo over it, as they were changed last:
/// https://learn.microsoft.com/dotnet/orleans/grains/timers-and-reminders#configuration.
/// </summary>
public abstract class RelationalReminderKit
{
    static readonly TimeSpan Due = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    readonly FakeTime time = new();

    /// <summary>The database's ADO.NET invariant and connection string; the same one within a test.</summary>
    protected abstract Task<(string Invariant, string ConnectionString)> Database();

    [Fact]
    public async Task They_go_on_after_a_restart()
    {
        var key = Signals.NewKey("reminded");
        var due = time.GetUtcNow() + Due;
        await using (var first = await Start())
        {
            var grain = first.Client.GetGrain<IReminderGrain>(key);
            await grain.Set("bill", Due, Period);
            await grain.Set("letter", TimeSpan.FromDays(1), 3 * Period);
        }

        await using var second = await Start();
        await Eventually.Reached($"{key}.bill:2", time, Step);
        ReminderLog.Of($"{key}.bill").Should().OnlyContain(tick => tick.FirstTickTime == due.UtcDateTime && tick.Period == Period);
        (await second.Client.GetGrain<IReminderGrain>(key).Names()).Should().BeEquivalentTo("bill", "letter");
        Signals.Counted($"{key}.letter").Should().Be(0);
    }

    [Fact]
    public async Task What_was_changed_last_counts()
    {
        var key = Signals.NewKey("reminded");
        await using (var first = await Start())
        {
            var grain = first.Client.GetGrain<IReminderGrain>(key);
            await grain.Set("bill", TimeSpan.FromDays(1), TimeSpan.FromDays(1));
            await grain.Set("bill", Due, 2 * Period);
            await grain.Set("letter", Due, Period);
            (await grain.Unset("letter")).Should().BeTrue();
            (await grain.Names()).Should().Equal("bill");
        }

        await using var second = await Start();
        await Eventually.Reached($"{key}.bill:2", time, Step);
        ReminderLog.Of($"{key}.bill").Should().OnlyContain(tick => tick.Period == 2 * Period);
        Signals.Counted($"{key}.letter").Should().Be(0);
    }

    [Fact]
    public async Task Those_of_different_grains_are_kept_apart()
    {
        await using var cluster = await Start();
        var (one, two) = (Signals.NewKey("reminded"), Signals.NewKey("reminded"));
        await cluster.Client.GetGrain<IReminderGrain>(one).Set("bill", Due, Period);
        await cluster.Client.GetGrain<IReminderGrain>(two).Set("letter", Due, Period);
        (await cluster.Client.GetGrain<IReminderGrain>(one).Names()).Should().Equal("bill");
        (await cluster.Client.GetGrain<IReminderGrain>(two).Unset("bill")).Should().BeFalse();
        await Eventually.Reached($"{one}.bill:1", time, Step);
        await Eventually.Reached($"{two}.letter:1", time, Step);
    }

    async Task<InProcessTestCluster> Start()
    {
        var (invariant, connectionString) = await Database();
        return await TestClusters.Start(silo =>
        {
            silo.UseAdoNetReminderService(options =>
            {
                options.Invariant = invariant;
                options.ConnectionString = connectionString;
            });
            silo.Services.PostConfigureAll<Orleans.Configuration.ClusterOptions>(options => options.ServiceId = "conformance");
            silo.Services.AddSingleton<TimeProvider>(time);
            silo.Services.AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System);
            silo.Services.AddKeyedSingleton<TimeProvider>("Orleans.Reminders", time);
        });
    }
}
