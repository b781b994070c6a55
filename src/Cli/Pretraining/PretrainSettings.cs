namespace OpenLedger.Cli.Pretraining;

/// <summary>What <c>openledger pretrain</c> was asked for.</summary>
sealed record PretrainSettings
{
    /// <summary>WordNet's <c>dict</c> folder, or null.</summary>
    public string? WordNetFolder { get; init; }

    /// <summary>UTF-8 text files, a document a paragraph.</summary>
    public IReadOnlyList<string> TextFiles { get; init; } = [];

    public required string OutputFolder { get; init; }

    public required string CheckpointPath { get; init; }

    public int VocabularySize { get; init; } = 4096;

    public int HiddenSize { get; init; } = 192;

    public int IntermediateSize { get; init; } = 512;

    public int LayerCount { get; init; } = 6;

    public int HeadCount { get; init; } = 6;

    public int KeyValueHeadCount { get; init; } = 3;

    public int ContextLength { get; init; } = 256;

    /// <summary>Passes over the corpus; WordNet's synsets are worded anew in each.</summary>
    public int Epochs { get; init; } = 3;

    public int BatchTokens { get; init; } = 4096;

    public double LearningRate { get; init; } = 3e-3;

    public ulong Seed { get; init; } = 1;
}
