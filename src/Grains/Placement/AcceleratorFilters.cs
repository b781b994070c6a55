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

/// <summary>Keeps the silos that say they have the device; whoever calls has no part in it.</summary>
sealed class RequiresAcceleratorDirector(ISiloMetadataCache metadata, ResidencyTable table) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos) =>
        AcceleratorMatch.Of(metadata, table, silos);
}

/// <summary>Keeps the silos with the device, or all of them where none has it.</summary>
sealed class PrefersAcceleratorDirector(ISiloMetadataCache metadata, ResidencyTable table) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        SiloAddress[] all = [.. silos];
        SiloAddress[] matching = [.. AcceleratorMatch.Of(metadata, table, all)];
        return matching.Length > 0 ? matching : all;
    }
}

/// <summary>
/// What a silo says of itself, by its metadata or by its entry in the residency table: the engine asks a new silo for its metadata once,
/// and where that failed not again for half a minute, while every silo's entry comes each second.
/// </summary>
static class AcceleratorMatch
{
    public static SiloAddress[] Of(ISiloMetadataCache metadata, ResidencyTable table, IEnumerable<SiloAddress> silos)
    {
        var entries = table.Entries;
        return [.. silos.Where(silo => (metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(Accelerators.MetadataKey)
            ?? entries.GetValueOrDefault(silo.ToParsableString())?.Accelerator) == Accelerators.Cuda)];
    }
}
