namespace Orleans;

/// <summary>Identity and references of grains, the same for a reference and for the grain itself.</summary>
public static class GrainExtensions
{
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) =>
        (TGrainInterface)AsReference(grain, typeof(TGrainInterface));

    public static object AsReference(this IAddressable grain, Type interfaceType)
    {
        if (interfaceType.IsInstanceOfType(grain) && grain is GrainReference)
        {
            return grain;
        }

        var reference = Reference(grain);
        return reference.Shared.Silo.References.Create(interfaceType, reference.GrainId);
    }

    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) => grain.AsReference<TGrainInterface>();
    public static object Cast(this IAddressable grain, Type interfaceType) => grain.AsReference(interfaceType);

    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase { GrainContext: { } context } => context.GrainId,
        _ => throw Stranger(grain),
    };
    public static string GetPrimaryKeyString(this IAddressable grain) => GetGrainId(grain).Key.ToString();

    /// <summary>The grain's key.</summary>
    /// <exception cref="InvalidOperationException">The key is no integer.</exception>
    public static long GetPrimaryKeyLong(this IAddressable grain) => GetPrimaryKeyLong(grain, out _);

    /// <summary>The grain's key.</summary>
    /// <exception cref="InvalidOperationException">The key is no integer.</exception>
    public static long GetPrimaryKeyLong(this IAddressable grain, out string? keyExt)
    {
        var id = GetGrainId(grain);
        return id.TryGetIntegerKey(out var key, out keyExt)
            ? key
            : throw new InvalidOperationException($"Unable to extract integer key from grain id {id}");
    }

    /// <summary>The grain's key.</summary>
    /// <exception cref="InvalidOperationException">The key is no Guid.</exception>
    public static Guid GetPrimaryKey(this IAddressable grain) => GetPrimaryKey(grain, out _);

    /// <summary>The grain's key.</summary>
    /// <exception cref="InvalidOperationException">The key is no Guid.</exception>
    public static Guid GetPrimaryKey(this IAddressable grain, out string? keyExt)
    {
        var id = GetGrainId(grain);
        return id.TryGetGuidKey(out var key, out keyExt)
            ? key
            : throw new InvalidOperationException($"Unable to extract GUID key from grain id {id}");
    }

    static GrainReference Reference(IAddressable grain) => grain switch
    {
        GrainReference reference => reference,
        IGrainBase { GrainContext: { } context } => context.GrainReference,
        _ => throw Stranger(grain),
    };

    static Exception Stranger(IAddressable grain) => grain is null
        ? new ArgumentNullException(nameof(grain))
        : new ArgumentException($"{grain.GetType()} is neither a grain reference nor a grain made by the engine.", nameof(grain));
}
