namespace Orleans.Placement;

/// <summary>Where activations of a class are made.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class PlacementAttribute : Attribute
{
    protected PlacementAttribute(PlacementStrategy placement)
    {
        ArgumentNullException.ThrowIfNull(placement);
        PlacementStrategy = placement;
    }

    public PlacementStrategy PlacementStrategy { get; }
}

/// <summary>Activations are made on the silo of the caller, where it can.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());

/// <summary>Activations are never moved to another silo while they live; one process moves none.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ImmovableAttribute(ImmovableKind kind = ImmovableKind.Any) : Attribute
{
    public ImmovableKind Kind { get; } = kind;
}

/// <summary>Who would move an activation.</summary>
[Flags]
public enum ImmovableKind : byte
{
    Repartitioner = 1,
    Rebalancer = 2,
    Any = Repartitioner | Rebalancer,
}

/// <summary>Which silos come into question; a director knows how to tell.</summary>
public abstract class PlacementFilterStrategy
{
    protected PlacementFilterStrategy(int order) => Order = order;

    /// <summary>Filters of one class run in this order, each on what the one before has left.</summary>
    public int Order { get; }
}

/// <summary>Narrows the silos on which activations of a class are made.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public abstract class PlacementFilterAttribute : Attribute
{
    protected PlacementFilterAttribute(PlacementFilterStrategy placement)
    {
        ArgumentNullException.ThrowIfNull(placement);
        PlacementFilterStrategy = placement;
    }

    public PlacementFilterStrategy PlacementFilterStrategy { get; }
}

/// <summary>Narrows silos as its strategy says.</summary>
public interface IPlacementFilterDirector
{
    IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, Orleans.Runtime.Placement.PlacementTarget target, IEnumerable<SiloAddress> silos);
}

/// <summary>Filters of placement.</summary>
public static class PlacementFilterExtensions
{
    public static IServiceCollection AddPlacementFilter<TFilter, TDirector>(
        this IServiceCollection services, ServiceLifetime strategyLifetime)
        where TFilter : PlacementFilterStrategy, new()
        where TDirector : class, IPlacementFilterDirector
    {
        services.Add(ServiceDescriptor.DescribeKeyed(
            typeof(PlacementFilterStrategy), typeof(TFilter).Name, typeof(TFilter), strategyLifetime));
        return services.AddKeyedSingleton<IPlacementFilterDirector, TDirector>(typeof(TFilter));
    }
}
