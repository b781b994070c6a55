using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;

namespace OpenLedger.Conformance;

[Serializable, GenerateSerializer, Immutable, Alias("openledger.conformance.chosen-placement")]
public sealed class ChosenPlacement : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
public sealed class ChosenPlacementAttribute() : PlacementAttribute(new ChosenPlacement());

/// <summary>What directors and filters were asked, by grain key.</summary>
static class PlacementLog
{
    static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Lines = new();

    public static void Add(PlacementTarget target, string what, IEnumerable<SiloAddress> silos) =>
        Lines.GetOrAdd(target.GrainIdentity.Key.ToString()!, static _ => new()).Enqueue($"{what}: {string.Join(' ', silos)}");

    public static IEnumerable<string> Of(string key) => Lines.GetValueOrDefault(key) ?? [];
}

sealed class ChosenPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var candidates = context.GetCompatibleSilos(target);
        PlacementLog.Add(target, $"{strategy.GetType().Name} at {context.LocalSilo}", candidates);
        return Task.FromResult(candidates[0]);
    }
}

public sealed class FirstFilter(int order) : PlacementFilterStrategy(order)
{
    public FirstFilter()
        : this(0)
    {
    }
}

[AttributeUsage(AttributeTargets.Class)]
public sealed class FirstFilterAttribute(int order) : PlacementFilterAttribute(new FirstFilter(order));

public sealed class SecondFilter(int order) : PlacementFilterStrategy(order)
{
    public SecondFilter()
        : this(0)
    {
    }
}

[AttributeUsage(AttributeTargets.Class)]
public sealed class SecondFilterAttribute(int order) : PlacementFilterAttribute(new SecondFilter(order));

/// <summary>Lets all through, or, where the key says so, none.</summary>
sealed class LoggingFilterDirector : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        var candidates = silos.ToList();
        PlacementLog.Add(target, $"{filterStrategy.GetType().Name} {filterStrategy.Order}", candidates);
        return target.GrainIdentity.Key.ToString()!.StartsWith("nowhere", StringComparison.Ordinal) ? [] : candidates;
    }
}

public interface IPlacedGrain : IGrainWithStringKey
{
    Task<SiloAddress> Where();

    Task End();
}

[ChosenPlacement]
[SecondFilter(20)]
[FirstFilter(10)]
public sealed class PlacedGrain(ILocalSiloDetails silo) : Grain, IPlacedGrain
{
    public Task<SiloAddress> Where() => Task.FromResult(silo.SiloAddress);

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
}

/// <summary>
/// A class may say by what it is placed: filters, in their order, narrow the silos down, and its director chooses among the rest, for
/// each new activation once:
/// https://learn.microsoft.com/dotnet/orleans/grains/grain-placement and
/// https://learn.microsoft.com/dotnet/orleans/grains/grain-placement-filtering.
/// </summary>
public sealed class PlacementTests
{
    [Fact]
    public async Task Filters_and_then_the_director_are_asked_for_each_activation()
    {
        await using var cluster = await Start();
        var key = Signals.NewKey("placed");
        var grain = cluster.Client.GetGrain<IPlacedGrain>(key);
        var silo = await grain.Where();
        await grain.Where();

        string[] asked = [$"FirstFilter 10: {silo}", $"SecondFilter 20: {silo}", $"ChosenPlacement at {silo}: {silo}"];
        PlacementLog.Of(key).Should().Equal(asked, "the only silo is the candidate, and an active grain is placed already");

        await grain.End();
        await Signals.Reached($"{key}.ended");
        await grain.Where().Soon();
        PlacementLog.Of(key).Should().Equal([.. asked, .. asked]);
    }

    [Fact]
    public async Task What_a_silo_says_of_itself_is_known_to_who_places()
    {
        await using var cluster = await TestClusters.Start(silo => silo.UseSiloMetadata(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["hardware.accelerator"] = "cpu" }));
        var silo = await cluster.Client.GetGrain<ICountedGrain>(Signals.NewKey("counted")).Where();
        var known = cluster.Silos[0].ServiceProvider.GetRequiredService<ISiloMetadataCache>();
        await Eventually.IsTrue(
            () => Task.FromResult(known.GetSiloMetadata(silo).Metadata.GetValueOrDefault("hardware.accelerator") == "cpu"),
            "the metadata of an active silo becomes known");
        known.GetSiloMetadata(silo).Metadata.Should().NotContainKey("hardware.colour");
        known.GetSiloMetadata(SiloAddress.New(System.Net.IPAddress.Loopback, 1, 1)).Metadata.Should().BeEmpty("nobody knows that silo");
    }

    [Fact]
    public async Task A_grain_that_no_silo_may_hold_is_placed_nowhere()
    {
        await using var cluster = await Start();
        var call = async () => await cluster.Client.GetGrain<IPlacedGrain>(Signals.NewKey("nowhere")).Where().Soon();
        (await call.Should().ThrowAsync<OrleansException>()).Which.Message.Should().NotBeEmpty();
    }

    static Task<InProcessTestCluster> Start() => TestClusters.Start(silo =>
    {
        silo.AddPlacementDirector<ChosenPlacement, ChosenPlacementDirector>();
        silo.Services.AddPlacementFilter<FirstFilter, LoggingFilterDirector>(ServiceLifetime.Transient);
        silo.Services.AddPlacementFilter<SecondFilter, LoggingFilterDirector>(ServiceLifetime.Transient);
    });
}
