namespace OpenLedger.Inference;

/// <summary>
/// The weights of one Llama-family model in f32. Every matrix is row-major <c>[out, in]</c>, as in Hugging Face checkpoints.
/// </summary>
public sealed class ModelWeights
{
    public ModelWeights(ModelConfig config)
    {
        Config = config;
        Embedding = new float[(long)config.VocabularySize * config.HiddenSize];
        Layers = [.. Enumerable.Range(0, config.LayerCount).Select(_ => new LayerWeights(config))];
        FinalNorm = new float[config.HiddenSize];
        Output = config.TieEmbeddings ? Embedding : new float[(long)config.VocabularySize * config.HiddenSize];
    }

    public ModelConfig Config { get; }

    /// <summary><c>model.embed_tokens.weight</c>, <c>[vocabulary, hidden]</c>.</summary>
    public float[] Embedding { get; }

    public IReadOnlyList<LayerWeights> Layers { get; }

    /// <summary><c>model.norm.weight</c>, <c>[hidden]</c>.</summary>
    public float[] FinalNorm { get; }

    /// <summary><c>lm_head.weight</c>, <c>[vocabulary, hidden]</c>; the same array as <see cref="Embedding"/> when tied.</summary>
    public float[] Output { get; }
}

/// <summary>The weights of one decoder layer.</summary>
public sealed class LayerWeights
{
    readonly float[][] _projections;

    public LayerWeights(ModelConfig config)
    {
        AttentionNorm = new float[config.HiddenSize];
        FeedForwardNorm = new float[config.HiddenSize];
        _projections =
        [
            .. Projections.All.Select(each => new float[(long)Projections.OutputSize(config, each) * Projections.InputSize(config, each)]),
        ];
    }

    /// <summary><c>input_layernorm.weight</c>, <c>[hidden]</c>.</summary>
    public float[] AttentionNorm { get; }

    /// <summary><c>post_attention_layernorm.weight</c>, <c>[hidden]</c>.</summary>
    public float[] FeedForwardNorm { get; }

    /// <summary>The matrix of one projection, <c>[out, in]</c>.</summary>
    public float[] this[Projection projection] => _projections[(int)projection];
}

/// <summary>The seven linear maps of a decoder layer, in the order in which they are applied.</summary>
public enum Projection
{
    Query,
    Key,
    Value,
    AttentionOutput,
    Gate,
    Up,
    Down,
}

/// <summary>Names and shapes of the seven projections.</summary>
public static class Projections
{
    public static IReadOnlyList<Projection> All { get; } = Enum.GetValues<Projection>();

    /// <summary>The module's path inside a layer, as PEFT and Hugging Face name it: <c>self_attn.q_proj</c>, say.</summary>
    public static string ModuleName(Projection projection) => projection switch
    {
        Projection.Query => "self_attn.q_proj",
        Projection.Key => "self_attn.k_proj",
        Projection.Value => "self_attn.v_proj",
        Projection.AttentionOutput => "self_attn.o_proj",
        Projection.Gate => "mlp.gate_proj",
        Projection.Up => "mlp.up_proj",
        Projection.Down => "mlp.down_proj",
        _ => throw new ArgumentOutOfRangeException(nameof(projection), projection, "Not a projection."),
    };

    public static int InputSize(ModelConfig config, Projection projection) => projection switch
    {
        Projection.AttentionOutput => config.QuerySize,
        Projection.Down => config.IntermediateSize,
        _ => config.HiddenSize,
    };

    public static int OutputSize(ModelConfig config, Projection projection) => projection switch
    {
        Projection.Query => config.QuerySize,
        Projection.Key or Projection.Value => config.KeyValueSize,
        Projection.Gate or Projection.Up => config.IntermediateSize,
        _ => config.HiddenSize,
    };
}
