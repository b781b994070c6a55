using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>
/// One forward pass of a Llama-family decoder over a packed batch, on the calling thread, that keeps what its backward pass needs.
/// Buffers are made once for a number of tokens and reused.
/// </summary>
sealed partial class DecoderPass
{
    readonly ModelConfig _config;
    readonly LayerActivations[] _layers;
    readonly RotaryTable _rotary;
    readonly CausalAttention _attention;
    readonly float[] _last;
    float[] _dropped = [];

    public DecoderPass(ModelConfig config, int tokensMax)
    {
        ModelShape.Validate(config);
        _config = config;
        TokensMax = tokensMax;
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(_ => new LayerActivations(config, tokensMax))];
        _rotary = new RotaryTable(config);
        _attention = new CausalAttention(config);
        _last = new float[tokensMax * config.HiddenSize];
        _output = new OutputLoss(config, tokensMax);
        _gradients = new GradientBuffers(config, tokensMax);
    }

    /// <summary>Most tokens a batch may hold.</summary>
    public int TokensMax { get; }

    /// <summary>The chance that one input of an adapter is dropped; 0 outside training.</summary>
    public AdapterDropout Dropout { get; set; }

    /// <summary>The weights' own packed form, where they stay the same over many passes.</summary>
    public FrozenWeights? Frozen { get; init; }

    /// <summary>Runs the decoder; the result is the residual stream before the final norm.</summary>
    public void Forward(ModelWeights weights, LoraAdapter? adapter, TokenBatch batch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch.TokenCount, TokensMax, nameof(batch));
        var hidden = _config.HiddenSize;
        for (var index = 0; index < batch.TokenCount; index++)
        {
            weights.Embedding.AsSpan(batch.Tokens[index] * hidden, hidden).CopyTo(_layers[0].Input.AsSpan(index * hidden, hidden));
        }

        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var next = layer + 1 < _layers.Length ? _layers[layer + 1].Input : _last;
            ForwardLayer(weights.Layers[layer], new LayerAdapter(adapter, layer), _layers[layer], next, batch);
        }
    }

    /// <summary>Weighted negative log-likelihood of the counted tokens after <see cref="Forward"/>, in nats, without gradients.</summary>
    /// <param name="tokenLosses">Unweighted losses of the counted tokens in their order, where not empty.</param>
    public double Loss(ModelWeights weights, TokenBatch batch, Span<float> tokenLosses) =>
        _output.Run(weights, batch, _last, new OutputGradients(null, null, null), 0, tokenLosses, Frozen);

    void ForwardLayer(LayerWeights weights, LayerAdapter adapter, LayerActivations layer, float[] next, TokenBatch batch)
    {
        var tokens = batch.TokenCount;
        Norm(layer.Input, weights.AttentionNorm, layer.AttentionNormed, layer.AttentionInverse, tokens);
        var attention = layer.Attention;
        Apply(weights, adapter, layer, Projection.Query, attention.Queries, tokens);
        Apply(weights, adapter, layer, Projection.Key, attention.Keys, tokens);
        Apply(weights, adapter, layer, Projection.Value, attention.Values, tokens);
        Rotate(attention, batch, backwards: false);
        foreach (var sequence in batch.Sequences)
        {
            _attention.Forward(sequence, attention.Queries, attention.Keys, attention.Values, layer.AttentionOutput);
        }

        Apply(weights, adapter, layer, Projection.AttentionOutput, layer.Middle, tokens);
        VectorMath.AddScaled(layer.Middle, layer.Input.AsSpan(0, tokens * _config.HiddenSize), 1);
        Norm(layer.Middle, weights.FeedForwardNorm, layer.FeedForwardNormed, layer.FeedForwardInverse, tokens);
        Apply(weights, adapter, layer, Projection.Gate, layer.Gate, tokens);
        Apply(weights, adapter, layer, Projection.Up, layer.Up, tokens);
        var products = tokens * _config.IntermediateSize;
        VectorMath.SwiGlu(layer.Gate.AsSpan(0, products), layer.Up.AsSpan(0, products), layer.Product.AsSpan(0, products));
        Apply(weights, adapter, layer, Projection.Down, next, tokens);
        VectorMath.AddScaled(next, layer.Middle.AsSpan(0, tokens * _config.HiddenSize), 1);
    }

    void Norm(float[] input, float[] weight, float[] output, float[] inverse, int tokens)
    {
        var hidden = _config.HiddenSize;
        for (var index = 0; index < tokens; index++)
        {
            var at = index * hidden;
            inverse[index] = VectorMath.RmsNorm(input.AsSpan(at, hidden), weight, _config.NormEpsilon, output.AsSpan(at, hidden));
        }
    }

    void Rotate(AttentionInputs heads, TokenBatch batch, bool backwards)
    {
        for (var index = 0; index < batch.TokenCount; index++)
        {
            _rotary.Rotate(heads.Queries.AsSpan(index * _config.QuerySize, _config.QuerySize), batch.Positions[index], backwards);
            _rotary.Rotate(heads.Keys.AsSpan(index * _config.KeyValueSize, _config.KeyValueSize), batch.Positions[index], backwards);
        }
    }

    /// <summary>output = x·Wᵀ + scale · (x·Aᵀ)·Bᵀ.</summary>
    void Apply(LayerWeights weights, LayerAdapter adapter, LayerActivations layer, Projection projection, float[] output, int tokens)
    {
        var (inputSize, outputSize) = (Projections.InputSize(_config, projection), Projections.OutputSize(_config, projection));
        var x = new MatrixView(layer.InputOf(projection), tokens, inputSize);
        var y = new MatrixView(output, tokens, outputSize);
        if (Frozen is { } frozen)
        {
            MatrixProduct.TimesPacked(null, x, frozen.Forward(adapter.Layer, projection), y);
        }
        else
        {
            MatrixProduct.TimesTransposed(null, x, new MatrixView(weights[projection], outputSize, inputSize), y);
        }

        if (adapter[projection] is { } matrix)
        {
            var low = new MatrixView(layer.LowRank(projection, matrix.Rank), tokens, matrix.Rank);
            var dropped = Drop(x, adapter.Layer, projection);
            MatrixProduct.TimesTransposed(null, dropped, new MatrixView(matrix.A, matrix.Rank, inputSize), low);
            MatrixProduct.TimesTransposed(null, low, new MatrixView(matrix.B, outputSize, matrix.Rank), y, accumulate: true, matrix.Scale);
        }
    }

    /// <summary>The adapter's view of an input: the same numbers, or a scaled copy with some dropped.</summary>
    MatrixView Drop(MatrixView x, int layer, Projection projection)
    {
        if (Dropout.Share == 0)
        {
            return x;
        }

        var length = x.Rows * x.Columns;
        if (_dropped.Length < length)
        {
            _dropped = new float[TokensMax * Math.Max(_config.IntermediateSize, Math.Max(_config.QuerySize, _config.HiddenSize))];
        }

        x.Values[..length].CopyTo(_dropped);
        Dropout.Apply(_dropped.AsSpan(0, length), layer, projection);
        return new MatrixView(_dropped, x.Rows, x.Columns);
    }
}

/// <summary>One layer of an adapter, or of none.</summary>
readonly record struct LayerAdapter(LoraAdapter? Adapter, int Layer)
{
    public LoraMatrix? this[Projection projection] => Adapter?[Layer, projection];
}
