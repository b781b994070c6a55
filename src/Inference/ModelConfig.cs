namespace OpenLedger.Inference;

/// <summary>The shape of a Llama-family decoder: RMSNorm, rotary positions, grouped-query attention, SwiGLU.</summary>
/// <remarks>Names follow Hugging Face's <c>config.json</c>; <see cref="ModelConfigFile"/> reads and writes it.</remarks>
public sealed record ModelConfig
{
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream (<c>hidden_size</c>).</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the feed-forward layer (<c>intermediate_size</c>).</summary>
    public required int IntermediateSize { get; init; }

    public required int LayerCount { get; init; }

    public required int HeadCount { get; init; }

    /// <summary>Heads of keys and values; divides <see cref="HeadCount"/>.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of one head; even.</summary>
    public required int HeadSize { get; init; }

    public float NormEpsilon { get; init; } = 1e-5f;

    /// <summary>Base of the rotary frequencies (<c>rope_theta</c>).</summary>
    public float RopeTheta { get; init; } = 10_000f;

    /// <summary>Most tokens a sequence may hold (<c>max_position_embeddings</c>).</summary>
    public required int ContextLength { get; init; }

    /// <summary>Whether the output projection is the embedding table.</summary>
    public bool TieEmbeddings { get; init; } = true;

    public required int BeginTokenId { get; init; }

    public required IReadOnlyList<int> EndTokenIds { get; init; }

    public int QuerySize => HeadCount * HeadSize;

    public int KeyValueSize => KeyValueHeadCount * HeadSize;
}
