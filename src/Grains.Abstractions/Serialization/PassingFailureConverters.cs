namespace OpenLedger.Grains.Serialization;

/// <summary>How a <see cref="BusyException"/> travels between silos: its message, and nothing of where it was thrown.</summary>
[GenerateSerializer, Immutable, Alias("openledger.busy")]
public readonly struct BusySurrogate
{
    [Id(0)] public readonly string Message;

    public BusySurrogate(string message) => Message = message;
}

/// <summary>How an <see cref="UnavailableException"/> travels between silos: its message, and nothing of where it was thrown.</summary>
[GenerateSerializer, Immutable, Alias("openledger.unavailable")]
public readonly struct UnavailableSurrogate
{
    [Id(0)] public readonly string Message;

    public UnavailableSurrogate(string message) => Message = message;
}

/// <summary>Converts between <see cref="BusyException"/> and its surrogate.</summary>
[RegisterConverter]
public sealed class BusyConverter : IConverter<BusyException, BusySurrogate>
{
    public BusyException ConvertFromSurrogate(in BusySurrogate surrogate) => new(surrogate.Message);

    public BusySurrogate ConvertToSurrogate(in BusyException value) => new(value.Message);
}

/// <summary>Converts between <see cref="UnavailableException"/> and its surrogate.</summary>
[RegisterConverter]
public sealed class UnavailableConverter : IConverter<UnavailableException, UnavailableSurrogate>
{
    public UnavailableException ConvertFromSurrogate(in UnavailableSurrogate surrogate) => new(surrogate.Message);

    public UnavailableSurrogate ConvertToSurrogate(in UnavailableException value) => new(value.Message);
}
