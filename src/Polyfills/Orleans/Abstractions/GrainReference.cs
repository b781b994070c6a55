namespace Orleans.Runtime;

/// <summary>What all references to grains of one class by one interface share.</summary>
public sealed class GrainReferenceShared
{
    internal GrainReferenceShared(Engine.Silo silo, GrainType grainType, Engine.GrainInterface grainInterface)
    {
        Silo = silo;
        GrainType = grainType;
        Interface = grainInterface;
    }

    public GrainType GrainType { get; }
    public GrainInterfaceType InterfaceType => Interface.Type;
    internal Engine.Silo Silo { get; }
    internal Engine.GrainInterface Interface { get; }
}

/// <summary>A reference to a grain: an identity that can be called. A proxy class derives from it for every grain interface.</summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    protected GrainReference(GrainReferenceShared shared, IdSpan key)
    {
        Shared = shared;
        GrainId = new(shared.GrainType, key);
    }

    public GrainId GrainId { get; }
    public GrainInterfaceType InterfaceType => Shared.InterfaceType;
    internal GrainReferenceShared Shared { get; }

    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);
    public override bool Equals(object? obj) => Equals(obj as GrainReference);
    public override int GetHashCode() => GrainId.GetHashCode();
    public sealed override string ToString() => $"GrainReference:{GrainId}:{InterfaceType}";

    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1 is null ? reference2 is null : reference1.Equals(reference2);

    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);

    // The proxies call this; what comes back is what the interface method returns, boxed where it is a value type.
    internal object Invoke(int method, object?[] arguments) => Shared.Interface.Methods[method].Call(this, arguments);
}
