namespace OpenLedger.Conformance;

public interface ICountedGrain : IGrainWithStringKey
{
    Task<SiloAddress> Where();
}

public sealed class CountedGrain(ILocalSiloDetails silo) : Grain, ICountedGrain
{
    public Task<SiloAddress> Where() => Task.FromResult(silo.SiloAddress);
}

/// <summary>
/// The management grain tells which silos there are and what is active on them, by type and by silo, and collects idle activations:
/// https://learn.microsoft.com/dotnet/api/orleans.runtime.imanagementgrain and
/// https://learn.microsoft.com/dotnet/orleans/host/configuration-guide/activation-collection#explicit-control-of-activation-collection.
/// </summary>
public sealed class ManagementTests
{
    const int GrainCount = 7;

    [Fact]
    public async Task It_counts_activations_by_type_and_silo()
    {
        await using var cluster = await TestClusters.Start();
        var management = cluster.Client.GetGrain<IManagementGrain>(0);
        (await Counted(management)).Should().BeEmpty();
        var keys = Enumerable.Range(0, GrainCount).Select(_ => Signals.NewKey("counted")).ToList();
        var silo = await Activate(cluster.Client, keys);

        var counted = (await Counted(management)).Should().ContainSingle().Subject;
        counted.ActivationCount.Should().Be(GrainCount);
        counted.SiloAddress.Should().Be(silo);

        (await management.GetTotalActivationCount()).Should().BeGreaterThanOrEqualTo(GrainCount);
        var detailed = (await management.GetDetailedGrainStatistics()).Where(each => each.GrainType == counted.GrainType).ToList();
        detailed.Select(each => each.GrainId.Key.ToString()).Should().BeEquivalentTo(keys);
        detailed.Should().OnlyContain(each => each.SiloAddress.Equals(silo));
    }

    [Fact]
    public async Task It_knows_the_silos()
    {
        await using var cluster = await TestClusters.Start();
        var management = cluster.Client.GetGrain<IManagementGrain>(0);
        var silo = await Activate(cluster.Client, [Signals.NewKey("counted")]);
        (await management.GetHosts(onlyActive: true)).Should().ContainSingle()
            .Which.Should().Be(new KeyValuePair<SiloAddress, SiloStatus>(silo, SiloStatus.Active));
        var host = (await management.GetDetailedHosts(onlyActive: true)).Should().ContainSingle().Subject;
        host.SiloAddress.Should().Be(silo);
        host.Status.Should().Be(SiloStatus.Active);
    }

    [Fact]
    public async Task It_collects_what_is_idle()
    {
        await using var cluster = await TestClusters.Start();
        var management = cluster.Client.GetGrain<IManagementGrain>(0);
        await Activate(cluster.Client, [.. Enumerable.Range(0, GrainCount).Select(_ => Signals.NewKey("counted"))]);
        await Eventually.IsTrue(
            async () =>
            {
                await management.ForceActivationCollection(TimeSpan.Zero);
                return (await Counted(management)).Count == 0;
            },
            "idle activations are collected when that is asked for");
    }

    static async Task<List<SimpleGrainStatistic>> Counted(IManagementGrain management) =>
    [
        .. (await management.GetSimpleGrainStatistics())
            .Where(each => each.GrainType.Contains(nameof(CountedGrain), StringComparison.Ordinal)),
    ];

    static async Task<SiloAddress> Activate(IGrainFactory grains, IReadOnlyList<string> keys)
    {
        SiloAddress? silo = null;
        foreach (var key in keys)
        {
            silo = await grains.GetGrain<ICountedGrain>(key).Where();
        }

        return silo!;
    }
}
