using System.Diagnostics;
using System.Globalization;
using OpenLedger.Client;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Placement;
using OpenLedger.Testing;

namespace OpenLedger.Cluster.Tests;

/// <summary>
/// Three silo processes over one PostgreSQL, callers that move money and ask questions, and one part after another killed. Whatever
/// dies: every acknowledged transfer stands once, money is conserved, and the service comes back by itself. Times are printed and not
/// asserted: the long run measures them.
/// </summary>
public sealed class FailureTests : IClassFixture<ThreeSilos>
{
    readonly ThreeSilos _silos;

    public FailureTests(ThreeSilos silos) => _silos = silos;

    [Fact]
    public async Task The_ledgers_silo_is_killed_and_no_acknowledged_transfer_is_lost_or_doubled()
    {
        var cluster = _silos.Cluster();
        await using var traffic = await TransferTraffic.Start(cluster, "ledger");
        await traffic.More(200);
        var holder = (await cluster.HolderOf(Books.Main))!;

        cluster.Silo(holder).Kill();
        var killed = Stopwatch.GetTimestamp();
        Print($"ledger's silo {holder} killed", await traffic.Back(killed));

        await traffic.More(200);
        (await cluster.HolderOf(Books.Main)).Should().NotBe(holder);
        await traffic.StopAndVerify();
        await cluster.StartSilo(holder);
    }

    [Fact]
    public async Task An_adapters_silo_is_killed_and_the_adapter_answers_again_elsewhere()
    {
        var cluster = _silos.Cluster();
        await TableOfAll(cluster);
        var network = await Networks.Trained(cluster);
        var before = await network.Client.Complete(SampleNetwork.Request("rq_before"));
        var holder = (await cluster.HolderOf(SampleNetwork.AdapterId))!;
        holder.Should().Be(ThreeSilos.WithDevice, "adapters go where there is a device, whoever calls");

        cluster.Silo(holder).Kill();
        var killed = Stopwatch.GetTimestamp();
        var after = await Networks.Ask(network, "rq_after");
        Print($"adapter's silo {holder} killed", Stopwatch.GetElapsedTime(killed));

        after.Text.Should().Be(before.Text, "the same seed on another silo draws the same tokens");
        after.Settlement.Lines.Should().Equal(before.Settlement.Lines);
        (await cluster.HolderOf(SampleNetwork.AdapterId)).Should().NotBe(holder);
        (await network.Client.Ledger.GetSummary()).Conserved.Should().BeTrue();
        await cluster.StartSilo(holder);
    }

    [Fact]
    public async Task The_database_is_killed_and_started_again_and_the_callers_never_notice_more_than_a_pause()
    {
        var cluster = _silos.Cluster();
        await using var traffic = await TransferTraffic.Start(cluster, "database");
        await traffic.More(200);

        await cluster.Server.Kill();
        await cluster.Server.StartAgain();
        var started = Stopwatch.GetTimestamp();
        Print("database killed, from its start on", await traffic.Back(started));

        await traffic.More(200);
        await traffic.StopAndVerify();
        foreach (var name in cluster.Names)
        {
            cluster.Silo(name).HasExited.Should().BeFalse("{0} outlives its database: {1}", name, cluster.Silo(name).Output);
        }
    }

    [Fact]
    public async Task A_silo_that_was_stopped_wakes_up_as_a_zombie_and_writes_nothing()
    {
        var cluster = _silos.Cluster();
        await using var traffic = await TransferTraffic.Start(cluster, "zombie");
        await traffic.More(200);
        var holder = (await cluster.HolderOf(Books.Main))!;

        cluster.Silo(holder).Pause();
        var paused = Stopwatch.GetTimestamp();
        Print($"ledger's silo {holder} stopped", await traffic.Back(paused));
        var isActive = await Polling.Until(() => cluster.IsActive(holder), active => !active);
        isActive.Should().BeFalse("a silo that does not answer is declared dead");
        await traffic.More(200);
        (await cluster.HolderOf(Books.Main)).Should().NotBe(holder);

        cluster.Silo(holder).Resume();
        await cluster.Silo(holder).WaitForExit().WaitAsync(TimeSpan.FromMinutes(1));

        await traffic.More(200);
        await traffic.StopAndVerify();
        await cluster.StartSilo(holder);
    }

    [Fact]
    public async Task Every_silo_tells_the_others_what_it_holds()
    {
        var table = await TableOfAll(_silos.Cluster());
        table.Should().HaveCount(3).And.OnlyContain(entry => entry.Age <= ResidencyTables.AgeMax && entry.Residency.DeviceFreeBytes > 0);
        table.Select(entry => entry.Residency.Accelerator).Should().BeEquivalentTo(Accelerators.Cpu, Accelerators.Cpu, Accelerators.Cuda);
    }

    /// <summary>Silos that another test killed or stopped are back, and say so; what those of before said has been forgotten.</summary>
    static async Task<IReadOnlyList<ResidencyEntry>> TableOfAll(SiloCluster cluster)
    {
        string[] active = [.. (await cluster.Statuses()).Where(silo => silo.Value == SiloStatus.Active)
            .Select(silo => silo.Key.ToParsableString())];
        return await Polling.Until(
            () => cluster.Grains.GetGrain<IResidencyGrain>(ResidencyTables.Main).GetTable(),
            entries => entries.Select(entry => entry.Residency.Silo).ToHashSet().SetEquals(active));
    }

    static void Print(string what, TimeSpan time) => TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what}: service back after {time.TotalSeconds:F1} s"));
}
