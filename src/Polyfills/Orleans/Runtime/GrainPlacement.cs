using System.Reflection;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Orleans.Engine;

/// <summary>Asks a class's filters and director as a cluster would: there is one silo to choose from, but they may refuse it.</summary>
sealed class GrainPlacement
{
    readonly Silo silo;
    readonly PlacementStrategy? strategy;
    readonly PlacementFilterStrategy[] filters;

    GrainPlacement(Silo silo, PlacementStrategy? strategy, PlacementFilterStrategy[] filters) =>
        (this.silo, this.strategy, this.filters) = (silo, strategy, filters);

    /// <summary>Null where the class leaves its placement to the engine.</summary>
    public static GrainPlacement? Of(Silo silo, Type type)
    {
        var strategy = type.GetCustomAttribute<PlacementAttribute>()?.PlacementStrategy;
        strategy = strategy?.GetType().Assembly == typeof(GrainPlacement).Assembly ? null : strategy;
        PlacementFilterStrategy[] filters = [.. type.GetCustomAttributes<PlacementFilterAttribute>()
            .Select(attribute => attribute.PlacementFilterStrategy).OrderBy(filter => filter.Order)];
        return strategy is null && filters.Length == 0 ? null : new(silo, strategy, filters);
    }

    /// <exception cref="OrleansException">No silo is left.</exception>
    public async Task Place(GrainId id, Dictionary<string, object>? context, GrainInterfaceType grainInterface)
    {
        var target = new PlacementTarget(id, context ?? [], grainInterface, 0);
        IEnumerable<SiloAddress> silos = [silo.Details.SiloAddress];
        foreach (var filter in filters)
        {
            silos = Director<IPlacementFilterDirector>(filter).Filter(filter, target, silos);
        }

        var left = silos.ToArray();
        if (left.Length == 0)
        {
            throw new OrleansException($"No silo is left for grain {id} after its placement filters.");
        }

        if (strategy is not null)
        {
            var chosen = await Director<IPlacementDirector>(strategy).OnAddActivation(strategy, target, new Context(silo, left));
            if (!left.Contains(chosen))
            {
                throw new OrleansException($"Grain {id} was placed on {chosen}, which is not this silo.");
            }
        }
    }

    TDirector Director<TDirector>(object strategy)
        where TDirector : notnull => silo.Services.GetRequiredKeyedService<TDirector>(strategy.GetType());

    sealed class Context(Silo silo, SiloAddress[] silos) : IPlacementContext
    {
        public SiloAddress LocalSilo => silo.Details.SiloAddress;
        public SiloStatus LocalSiloStatus => SiloStatus.Active;

        public SiloAddress[] GetCompatibleSilos(PlacementTarget target) => silos;
    }
}
