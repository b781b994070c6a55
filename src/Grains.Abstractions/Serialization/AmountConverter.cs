namespace OpenLedger.Grains.Serialization;

/// <summary>How an <see cref="Amount"/> travels between silos: its atto-OPEN as two 64-bit halves.</summary>
[GenerateSerializer, Immutable, Alias("openledger.amount")]
public readonly struct AmountSurrogate
{
    [Id(0)] public readonly ulong Upper;
    [Id(1)] public readonly ulong Lower;

    public AmountSurrogate(ulong upper, ulong lower)
    {
        Upper = upper;
        Lower = lower;
    }
}

/// <summary>Converts between <see cref="Amount"/>, which knows nothing of the engine, and its surrogate.</summary>
[RegisterConverter]
public sealed class AmountConverter : IConverter<Amount, AmountSurrogate>
{
    public Amount ConvertFromSurrogate(in AmountSurrogate surrogate) => Amount.FromAtto(new UInt128(surrogate.Upper, surrogate.Lower));

    public AmountSurrogate ConvertToSurrogate(in Amount value) => new((ulong)(value.Atto >> 64), (ulong)value.Atto);
}
