using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace OpenLedger.Conformance;

[GrainType("conformance-relational-purse")]
public sealed class RelationalPurseGrain([PersistentState("conformance-relational-purse", "relational")] IPersistentState<Purse> state)
    : PurseGrainBase(state), IRelationalPurseGrain;

/// <summary>
/// States in a relational database outlive the silo, and a stale version is refused there too:
/// https://learn.microsoft.com/dotnet/orleans/grains/grain-persistence/relational-storage.
/// </summary>
public abstract class RelationalStateKit
{
    /// <summary>The database's ADO.NET invariant and connection string; the same one within a test.</summary>
    protected abstract Task<(string Invariant, string ConnectionString)> Database();

    [Fact]
    public async Task A_state_outlives_its_silo()
    {
        var key = Signals.NewKey("purse");
        var purse = new Purse { Owner = "acct_one", Amount = UInt128.MaxValue, Notes = ["a"], Shares = new() { ["acct_two"] = 1 } };
        await using (var first = await Start())
        {
            var grain = first.Client.GetGrain<IRelationalPurseGrain>(key);
            (await grain.Read()).Exists.Should().BeFalse();
            await grain.Write(purse);
            await grain.Write(purse with { Amount = 7 });
        }

        await using var second = await Start();
        var report = await second.Client.GetGrain<IRelationalPurseGrain>(key).Read();
        report.Purse.Should().BeEquivalentTo(purse with { Amount = 7 });
        report.Exists.Should().BeTrue();
        report.Etag.Should().Be("2");
    }

    [Fact]
    public async Task A_cleared_state_stays_cleared()
    {
        var key = Signals.NewKey("purse");
        await using (var first = await Start())
        {
            var grain = first.Client.GetGrain<IRelationalPurseGrain>(key);
            await grain.Write(new() { Owner = "acct_one" });
            await grain.Clear();
        }

        await using var second = await Start();
        var report = await second.Client.GetGrain<IRelationalPurseGrain>(key).Read();
        report.Purse.Should().BeEquivalentTo(new Purse());
        report.Exists.Should().BeFalse();
    }

    [Fact]
    public async Task A_stale_write_is_refused_and_leaves_the_record_alone()
    {
        await using var cluster = await Start();
        var grain = cluster.Client.GetGrain<IRelationalPurseGrain>(Signals.NewKey("purse"));
        await grain.Write(new() { Owner = "acct_one" });
        var store = cluster.Silos[0].ServiceProvider.GetRequiredKeyedService<IGrainStorage>("relational");
        var theirs = new GrainState<Purse>(new Purse());
        await store.ReadStateAsync("conformance-relational-purse", grain.GetGrainId(), theirs);
        theirs.State = theirs.State! with { Owner = "acct_rival" };
        await store.WriteStateAsync("conformance-relational-purse", grain.GetGrainId(), theirs);

        (await grain.TryWrite(new() { Owner = "acct_stale" })).Should().Be(nameof(InconsistentStateException));

        await grain.Reload();
        (await grain.Read()).Purse.Owner.Should().Be("acct_rival");
        (await grain.TryWrite(new() { Owner = "acct_last" })).Should().BeEmpty();
    }

    [Fact]
    public async Task Two_silos_that_both_think_the_state_new_do_not_both_win()
    {
        var key = Signals.NewKey("purse");
        await using var one = await Start();
        await using var two = await Start();
        var first = one.Client.GetGrain<IRelationalPurseGrain>(key);
        var second = two.Client.GetGrain<IRelationalPurseGrain>(key);
        await Task.WhenAll(first.Read(), second.Read());
        (await first.TryWrite(new() { Owner = "acct_first" })).Should().BeEmpty();
        (await second.TryWrite(new() { Owner = "acct_second" })).Should().Be(nameof(InconsistentStateException));
        await second.Reload();
        (await second.Read()).Purse.Owner.Should().Be("acct_first");
    }

    async Task<InProcessTestCluster> Start()
    {
        var (invariant, connectionString) = await Database();
        return await TestClusters.Start(silo =>
        {
            silo.AddAdoNetGrainStorage("relational", options =>
            {
                options.Invariant = invariant;
                options.ConnectionString = connectionString;
            });
            silo.Services.PostConfigureAll<Orleans.Configuration.ClusterOptions>(options => options.ServiceId = "conformance");
        });
    }
}
