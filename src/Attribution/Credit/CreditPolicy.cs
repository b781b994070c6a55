namespace OpenLedger.Attribution;

/// <summary>Governed weights and thresholds of credit.</summary>
public sealed record CreditPolicy
{
    /// <summary>Weight of influence in the combined score. Default 1.</summary>
    public double InfluenceWeight { get; init; } = 1;

    /// <summary>Weight of span overlap in the combined score. Default 1.</summary>
    public double SpanWeight { get; init; } = 1;

    /// <summary>Influence below this many noise scales (median|τ| of the answer over all rows) counts as nothing. Default 6.</summary>
    public double NoiseMultiple { get; init; } = 6;

    /// <summary>Standard deviations that a span or combined score must exceed before it earns. Default 3.</summary>
    public double Threshold { get; init; } = 3;

    public static CreditPolicy Default { get; } = new();

    /// <exception cref="UserErrorException">A value is negative or not finite, or both weights are zero.</exception>
    public void Validate()
    {
        Check(InfluenceWeight, "the weight of influence");
        Check(SpanWeight, "the weight of span overlap");
        Check(NoiseMultiple, "the noise multiple");
        Check(Threshold, "the credit threshold");
        if (InfluenceWeight == 0 && SpanWeight == 0)
        {
            throw new UserErrorException("attribution weights cannot both be zero; give influence or span overlap a weight");
        }
    }

    static void Check(double value, string what)
    {
        if (!(value >= 0 && value <= 1_000))
        {
            throw new UserErrorException(FormattableString.Invariant($"{what} lies from 0 to 1000, not {value}"));
        }
    }
}
