using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace OpenLedger.Grains.Placement;

/// <summary>Activations are made on silos with the accelerator only; where there is none, a call fails.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresAcceleratorAttribute : PlacementFilterAttribute
{
    /// <param name="order">Among several filters of a class, lower ones are asked first.</param>
    public RequiresAcceleratorAttribute(string accelerator = Accelerators.Cuda, int order = 0)
        : base(new RequiresAcceleratorStrategy(accelerator, order))
    {
    }
}

/// <summary>Activations are made on silos with the accelerator where there are any, and anywhere otherwise.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PrefersAcceleratorAttribute : PlacementFilterAttribute
{
    /// <param name="order">Among several filters of a class, lower ones are asked first.</param>
    public PrefersAcceleratorAttribute(string accelerator = Accelerators.Cuda, int order = 0)
        : base(new PrefersAcceleratorStrategy(accelerator, order))
    {
    }
}

/// <summary>A filter by accelerator, as it travels in the grain type's properties.</summary>
public abstract class AcceleratorStrategy : PlacementFilterStrategy
{
    const string AcceleratorProperty = "accelerator";

    private protected AcceleratorStrategy(string accelerator, int order)
        : base(order) => Accelerator = accelerator;

    /// <summary>The accelerator asked for.</summary>
    public string Accelerator { get; private set; }

    public override void AdditionalInitialize(GrainProperties properties) =>
        Accelerator = GetPlacementFilterGrainProperty(AcceleratorProperty, properties)
            ?? throw new ArgumentException("A grain type's filter names no accelerator.", nameof(properties));

    protected override IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services, Type grainClass, GrainType grainType, IReadOnlyDictionary<string, string> existingProperties) =>
        [new(AcceleratorProperty, Accelerator)];
}

/// <inheritdoc cref="RequiresAcceleratorAttribute"/>
public sealed class RequiresAcceleratorStrategy : AcceleratorStrategy
{
    public RequiresAcceleratorStrategy()
        : this(Accelerators.Cuda, 0)
    {
    }

    internal RequiresAcceleratorStrategy(string accelerator, int order)
        : base(accelerator, order)
    {
    }
}

/// <inheritdoc cref="PrefersAcceleratorAttribute"/>
public sealed class PrefersAcceleratorStrategy : AcceleratorStrategy
{
    public PrefersAcceleratorStrategy()
        : this(Accelerators.Cuda, 0)
    {
    }

    internal PrefersAcceleratorStrategy(string accelerator, int order)
        : base(accelerator, order)
    {
    }
}

/// <summary>Keeps the silos whose own metadata name the accelerator; whoever calls has no part in it.</summary>
sealed class RequiresAcceleratorDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos) =>
        AcceleratorMatch.Of(metadata, (AcceleratorStrategy)filterStrategy, silos);
}

/// <summary>Keeps the silos with the accelerator, or all of them where none has it.</summary>
sealed class PrefersAcceleratorDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        SiloAddress[] all = [.. silos];
        SiloAddress[] matching = [.. AcceleratorMatch.Of(metadata, (AcceleratorStrategy)filterStrategy, all)];
        return matching.Length > 0 ? matching : all;
    }
}

static class AcceleratorMatch
{
    public static IEnumerable<SiloAddress> Of(ISiloMetadataCache metadata, AcceleratorStrategy strategy, IEnumerable<SiloAddress> silos) =>
        silos.Where(silo => metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(Accelerators.MetadataKey) == strategy.Accelerator);
}
