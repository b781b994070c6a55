namespace OpenLedger.Datanets;

/// <summary>Bounds of one contribution; beyond any of them the file is refused.</summary>
public sealed record ContributionLimits
{
    /// <summary>Bytes of a file. Default 5,000,000 (5 MB).</summary>
    public int FileSizeBytesMax { get; init; } = 5_000_000;

    /// <summary>Rows of a file. Default 20,000.</summary>
    public int RowCountMax { get; init; } = 20_000;

    /// <summary>Characters of a file's name. Default 255.</summary>
    public int FileNameLengthMax { get; init; } = 255;

    /// <summary>Metadata fields of a row. Default 16.</summary>
    public int MetadataCountMax { get; init; } = 16;

    /// <summary>Characters of a metadata field's name. Default 64.</summary>
    public int MetadataNameLengthMax { get; init; } = 64;

    /// <summary>Characters of a metadata field's value. Default 1,024.</summary>
    public int MetadataValueLengthMax { get; init; } = 1_024;

    public static ContributionLimits Default { get; } = new();
}
