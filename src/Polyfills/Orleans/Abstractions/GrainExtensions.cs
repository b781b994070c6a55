namespace Orleans;

/// <summary>Identity and references of grains, the same for a reference and for the grain itself.</summary>
public static class GrainExtensions
{
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) =>
        (TGrainInterface)AsReference(grain, typeof(TGrainInterface));

    public static object AsReference(this IAddressable grain, Type interfaceType)
    {
        var reference = grain as GrainReference ?? Context(grain).GrainReference;
        return interfaceType.IsInstanceOfType(reference)
            ? reference
            : reference.Shared.Silo.References.Create(interfaceType, reference.GrainId);
    }

    public static GrainId GetGrainId(this IAddressable grain) => (grain as GrainReference)?.GrainId ?? Context(grain).GrainId;
    public static string GetPrimaryKeyString(this IAddressable grain) => GetGrainId(grain).Key.ToString();

    /// <exception cref="InvalidOperationException">The key is no integer.</exception>
    public static long GetPrimaryKeyLong(this IAddressable grain) => GetGrainId(grain).TryGetIntegerKey(out var key, out _)
        ? key
        : throw new InvalidOperationException($"Unable to extract integer key from grain id {GetGrainId(grain)}");

    static IGrainContext Context(IAddressable grain) => grain switch
    {
        IGrainBase { GrainContext: { } context } => context,
        null => throw new ArgumentNullException(nameof(grain)),
        _ => throw new ArgumentException($"{grain.GetType()} is neither a grain reference nor a grain made by the engine.", nameof(grain)),
    };
}
