namespace OpenLedger.Attribution;

/// <summary>How gradients of rows and queries are scaled, which is policy and not measurement.</summary>
public enum RowNormalisation
{
    /// <summary>As they are: the design formula.</summary>
    None,

    /// <summary>Each row's gradient over all parts has length 1 before the Fisher matrix is made, and so has a query's.</summary>
    Whole,

    /// <summary>Each row's gradient of each part has length 1 before the Fisher matrix is made, and so has a query's.</summary>
    Part,

    /// <summary>
    /// τ_u / √(g_uᵀ H⁻¹ g_u): influence relative to the row's influence on itself (RelatIF, Barshan, Brunet and Dziugaite
    /// 2020); a query's gradient has length 1.
    /// </summary>
    SelfInfluence,
}

/// <summary>Parameters of an <see cref="InfluenceIndex"/>; recorded in its header, so that an auditor can recompute it.</summary>
public sealed record InfluenceOptions
{
    /// <summary>λ is this factor times the mean square of a stored gradient entry of the part. Default 0.1.</summary>
    public double DampingFactor { get; init; } = 0.1;

    /// <summary>
    /// Most int8 numbers stored for a row and checkpoint, over all parts. Where the parts together are longer, each is sketched to its
    /// proportion of this, at least <see cref="PartLengthMin"/>. Default 65,536.
    /// </summary>
    public int RowBytesMax { get; init; } = 65_536;

    /// <summary>A sketch has at least this many numbers a part. Default 64.</summary>
    public int PartLengthMin { get; init; } = 64;

    /// <summary>Seed of the sketch. Row and query are sketched with the same one.</summary>
    public long SketchSeed { get; init; } = 1;

    public RowNormalisation Normalisation { get; init; } = RowNormalisation.None;

    /// <summary>Threads that build the index and answer queries; scores do not depend on it. Default 2.</summary>
    public int ThreadCount { get; init; } = 2;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public void Validate()
    {
        if (!double.IsFinite(DampingFactor) || DampingFactor <= 0 || DampingFactor > 1e6)
        {
            throw new ArgumentOutOfRangeException(nameof(DampingFactor), DampingFactor, "the damping factor lies above 0 and at most 1e6");
        }
        if (RowBytesMax is < 64 or > 16_777_216)
        {
            throw new ArgumentOutOfRangeException(nameof(RowBytesMax), RowBytesMax, "the bytes of a row lie from 64 to 16,777,216");
        }
        if (PartLengthMin is < 1 or > 65_536)
        {
            throw new ArgumentOutOfRangeException(nameof(PartLengthMin), PartLengthMin, "the least length of a part lies from 1 to 65,536");
        }
        if (!Enum.IsDefined(Normalisation))
        {
            throw new ArgumentOutOfRangeException(nameof(Normalisation), Normalisation, "unknown normalisation");
        }
        if (ThreadCount is < 1 or > 256)
        {
            throw new ArgumentOutOfRangeException(nameof(ThreadCount), ThreadCount, "threads lie from 1 to 256");
        }
    }
}
