using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace OpenLedger.Grains.Placement;

/// <summary>Activations are made on silos with a CUDA device only; where there is none, a call fails.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresAcceleratorAttribute : PlacementFilterAttribute
{
    /// <param name="order">Among several filters of a class, lower ones are asked first.</param>
    public RequiresAcceleratorAttribute(int order = 0)
        : base(new RequiresAcceleratorStrategy(order))
    {
    }
}

/// <summary>Activations are made on silos with a CUDA device where there are any, and anywhere otherwise.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PrefersAcceleratorAttribute : PlacementFilterAttribute
{
    /// <param name="order">Among several filters of a class, lower ones are asked first.</param>
    public PrefersAcceleratorAttribute(int order = 0)
        : base(new PrefersAcceleratorStrategy(order))
    {
    }
}

/// <inheritdoc cref="RequiresAcceleratorAttribute"/>
public sealed class RequiresAcceleratorStrategy : PlacementFilterStrategy
{
    public RequiresAcceleratorStrategy()
        : this(0)
    {
    }

    internal RequiresAcceleratorStrategy(int order)
        : base(order)
    {
    }
}

/// <inheritdoc cref="PrefersAcceleratorAttribute"/>
public sealed class PrefersAcceleratorStrategy : PlacementFilterStrategy
{
    public PrefersAcceleratorStrategy()
        : this(0)
    {
    }

    internal PrefersAcceleratorStrategy(int order)
        : base(order)
    {
    }
}

/// <summary>Keeps the silos whose own metadata name the device; whoever calls has no part in it.</summary>
sealed class RequiresAcceleratorDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos) =>
        AcceleratorMatch.Of(metadata, silos);
}

/// <summary>Keeps the silos with the device, or all of them where none has it.</summary>
sealed class PrefersAcceleratorDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        SiloAddress[] all = [.. silos];
        SiloAddress[] matching = [.. AcceleratorMatch.Of(metadata, all)];
        return matching.Length > 0 ? matching : all;
    }
}

static class AcceleratorMatch
{
    public static IEnumerable<SiloAddress> Of(ISiloMetadataCache metadata, IEnumerable<SiloAddress> silos) => silos.Where(
        silo => metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(Accelerators.MetadataKey) == Accelerators.Cuda);
}
