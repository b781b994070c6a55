namespace Orleans.Runtime.Placement;

/// <summary>The activation that is to be placed.</summary>
public readonly struct PlacementTarget(
    GrainId grainIdentity, Dictionary<string, object> requestContextData, GrainInterfaceType interfaceType, ushort interfaceVersion)
{
    public GrainId GrainIdentity => grainIdentity;
    public GrainInterfaceType InterfaceType => interfaceType;
    public ushort InterfaceVersion => interfaceVersion;
    public Dictionary<string, object> RequestContextData => requestContextData;
}

/// <summary>The silos there are.</summary>
public interface IPlacementContext
{
    SiloAddress LocalSilo { get; }
    SiloStatus LocalSiloStatus { get; }

    /// <summary>The silos that know the grain, less those that its filters have taken out.</summary>
    SiloAddress[] GetCompatibleSilos(PlacementTarget target);
}

/// <summary>Chooses a silo as its strategy says.</summary>
public interface IPlacementDirector
{
    Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context);
}
