namespace OpenLedger.Inference;

/// <summary>The working memory of one forward pass at a time, sized for a chunk of positions.</summary>
sealed class Workspace(ModelConfig config, int chunkLength)
{
    /// <summary>Rows of logits computed together.</summary>
    public const int LogitRows = 8;

    /// <summary>The residual stream, <c>[chunk, hidden]</c>.</summary>
    public float[] Stream { get; } = new float[chunkLength * config.HiddenSize];

    public float[] Normed { get; } = new float[chunkLength * config.HiddenSize];

    /// <summary>What a sub-layer adds to the stream.</summary>
    public float[] Delta { get; } = new float[chunkLength * config.HiddenSize];

    public float[] Queries { get; } = new float[chunkLength * config.QuerySize];

    public float[] Keys { get; } = new float[chunkLength * config.KeyValueSize];

    public float[] Values { get; } = new float[chunkLength * config.KeyValueSize];

    public float[] Attended { get; } = new float[chunkLength * config.QuerySize];

    public float[] Gate { get; } = new float[chunkLength * config.IntermediateSize];

    public float[] Up { get; } = new float[chunkLength * config.IntermediateSize];

    /// <summary>Cosines and sines of each position, <c>[chunk, headSize]</c>.</summary>
    public float[] Angles { get; } = new float[chunkLength * config.HeadSize];

    public float[] Logits { get; } = new float[LogitRows * config.VocabularySize];

    /// <summary>Attention weights of one head, one a position, in whole blocks.</summary>
    public float[] Scores { get; private set; } = [];

    /// <summary>A·x of an adapter, <c>[chunk, rank]</c>.</summary>
    public float[] Shrunk { get; private set; } = [];

    public void Fit(int positions, int rank)
    {
        var scores = (positions + KeyValueCache.BlockLength - 1) / KeyValueCache.BlockLength * KeyValueCache.BlockLength;
        if (Scores.Length < scores)
        {
            Scores = new float[Math.Min(2 * scores, config.ContextLength + KeyValueCache.BlockLength)];
        }
        if (Shrunk.Length < chunkLength * rank)
        {
            Shrunk = new float[chunkLength * rank];
        }
    }
}
