using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>What one layer's forward pass leaves for its backward pass; every array is <c>[tokens, …]</c> of a fixed capacity.</summary>
sealed class LayerActivations
{
    readonly float[]?[] _lowRank = new float[]?[Projections.All.Count];
    readonly int _tokensMax;

    public LayerActivations(ModelConfig config, int tokensMax)
    {
        _tokensMax = tokensMax;
        Input = new float[tokensMax * config.HiddenSize];
        AttentionNormed = new float[tokensMax * config.HiddenSize];
        AttentionInverse = new float[tokensMax];
        Attention = new AttentionInputs(
            new float[tokensMax * config.QuerySize], new float[tokensMax * config.KeyValueSize],
            new float[tokensMax * config.KeyValueSize]);
        AttentionOutput = new float[tokensMax * config.QuerySize];
        Middle = new float[tokensMax * config.HiddenSize];
        FeedForwardNormed = new float[tokensMax * config.HiddenSize];
        FeedForwardInverse = new float[tokensMax];
        Gate = new float[tokensMax * config.IntermediateSize];
        Up = new float[tokensMax * config.IntermediateSize];
        Product = new float[tokensMax * config.IntermediateSize];
    }

    /// <summary>The residual stream where it enters the layer.</summary>
    public float[] Input { get; }

    public float[] AttentionNormed { get; }

    /// <summary>1 ÷ rms of each row of <see cref="Input"/>.</summary>
    public float[] AttentionInverse { get; }

    /// <summary>Queries and keys after rotation, and values.</summary>
    public AttentionInputs Attention { get; }

    public float[] AttentionOutput { get; }

    /// <summary>The residual stream between attention and feed-forward.</summary>
    public float[] Middle { get; }

    public float[] FeedForwardNormed { get; }

    public float[] FeedForwardInverse { get; }

    public float[] Gate { get; }

    public float[] Up { get; }

    /// <summary>silu(gate) · up, the input of the down projection.</summary>
    public float[] Product { get; }

    /// <summary>The input of a projection.</summary>
    public float[] InputOf(Projection projection) => projection switch
    {
        Projection.AttentionOutput => AttentionOutput,
        Projection.Down => Product,
        Projection.Gate or Projection.Up => FeedForwardNormed,
        _ => AttentionNormed,
    };

    /// <summary>Memory for x·Aᵀ of a projection's adapter, <c>[tokens, rank]</c>.</summary>
    public float[] LowRank(Projection projection, int rank)
    {
        ref var slot = ref _lowRank[(int)projection];
        if (slot is null || slot.Length < _tokensMax * rank)
        {
            slot = new float[_tokensMax * rank];
        }

        return slot;
    }
}
