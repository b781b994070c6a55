namespace OpenLedger.Grains.Serialization;

/// <summary>How a <see cref="RefusedException"/> travels between silos: its message, and nothing of where it was thrown.</summary>
[GenerateSerializer, Immutable, Alias("openledger.refused")]
public readonly struct RefusedSurrogate
{
    [Id(0)] public readonly string Message;

    public RefusedSurrogate(string message) => Message = message;
}

/// <summary>A converter, because the base class knows nothing of the engine and generated code would ask it for a serializer.</summary>
[RegisterConverter]
public sealed class RefusedConverter : IConverter<RefusedException, RefusedSurrogate>
{
    public RefusedException ConvertFromSurrogate(in RefusedSurrogate surrogate) => new(surrogate.Message);

    public RefusedSurrogate ConvertToSurrogate(in RefusedException value) => new(value.Message);
}
