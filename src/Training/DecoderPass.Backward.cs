using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>The backward pass.</summary>
sealed partial class DecoderPass
{
    readonly OutputLoss _output;
    readonly GradientBuffers _gradients;
    float[] _lowRankGradient = [];
    float[] _droppedGradient = [];

    /// <summary>After <see cref="Forward"/>: the loss, and gradients of <paramref name="scale"/> times the loss.</summary>
    /// <param name="full">Where gradients of all parameters are added, or null to leave the base frozen.</param>
    /// <param name="sink">Takes what gradients of adapter matrices are made of, or null.</param>
    /// <param name="lowestLayer">The lowest layer that anybody wants gradients of.</param>
    /// <param name="tokenLosses">Unweighted losses of the counted tokens in their order, where not empty.</param>
    /// <returns>Σ weight · loss over the counted tokens, in nats, not scaled.</returns>
    public double Backward(
        ModelWeights weights, LoraAdapter? adapter, TokenBatch batch, double scale, ModelWeights? full, ILoraGradientSink? sink,
        int lowestLayer = 0, Span<float> tokenLosses = default)
    {
        var length = batch.TokenCount * _config.HiddenSize;
        var stream = _gradients.Stream;
        stream.AsSpan(0, length).Clear();
        var outputGradients = new OutputGradients(stream, full?.FinalNorm, full?.Output);
        var loss = _output.Run(weights, batch, _last, outputGradients, scale, tokenLosses, Frozen);
        for (var layer = _layers.Length - 1; layer >= lowestLayer; layer--)
        {
            var wanted = full is not null || layer > lowestLayer;
            var context = new LayerContext(
                weights.Layers[layer], full?.Layers[layer], new LayerAdapter(adapter, layer), _layers[layer], sink, batch.TokenCount);
            BackwardFeedForward(context);
            BackwardAttention(context, batch, wanted);
        }

        if (full is not null)
        {
            for (var index = 0; index < batch.TokenCount; index++)
            {
                var target = full.Embedding.AsSpan(batch.Tokens[index] * _config.HiddenSize, _config.HiddenSize);
                VectorMath.AddScaled(target, stream.AsSpan(index * _config.HiddenSize, _config.HiddenSize), 1);
            }
        }

        return loss;
    }

    void BackwardFeedForward(LayerContext context)
    {
        var layer = context.Activations;
        var products = context.Tokens * _config.IntermediateSize;
        ApplyBackward(context, Projection.Down, _gradients.Stream, _gradients.Product, accumulate: false);
        VectorMath.SwiGluBackward(
            layer.Gate.AsSpan(0, products), layer.Up.AsSpan(0, products), _gradients.Product.AsSpan(0, products),
            _gradients.Gate.AsSpan(0, products), _gradients.Product.AsSpan(0, products));
        ApplyBackward(context, Projection.Gate, _gradients.Gate, _gradients.Normed, accumulate: false);
        ApplyBackward(context, Projection.Up, _gradients.Product, _gradients.Normed, accumulate: true);
        NormBackward(
            layer.Middle, context.Weights.FeedForwardNorm, layer.FeedForwardInverse, context.Full?.FeedForwardNorm, context.Tokens);
    }

    /// <param name="inputWanted">Whether anything below the layer needs the gradient of the residual stream.</param>
    void BackwardAttention(LayerContext context, TokenBatch batch, bool inputWanted)
    {
        var layer = context.Activations;
        ApplyBackward(context, Projection.AttentionOutput, _gradients.Stream, _gradients.AttentionOutput, accumulate: false);
        foreach (var sequence in batch.Sequences)
        {
            _attention.Backward(sequence, layer.Attention, _gradients.AttentionOutput, _gradients.Attention);
        }

        Rotate(_gradients.Attention, batch, backwards: true);
        var normed = inputWanted ? _gradients.Normed : null;
        ApplyBackward(context, Projection.Query, _gradients.Attention.Queries, normed, accumulate: false);
        ApplyBackward(context, Projection.Key, _gradients.Attention.Keys, normed, accumulate: true);
        ApplyBackward(context, Projection.Value, _gradients.Attention.Values, normed, accumulate: true);
        if (inputWanted)
        {
            NormBackward(layer.Input, context.Weights.AttentionNorm, layer.AttentionInverse, context.Full?.AttentionNorm, context.Tokens);
        }
    }

    /// <summary>Adds to the stream's gradient what came through a norm.</summary>
    void NormBackward(float[] input, float[] weight, float[] inverse, float[]? weightGradient, int tokens)
    {
        var hidden = _config.HiddenSize;
        for (var index = 0; index < tokens; index++)
        {
            var at = index * hidden;
            VectorMath.RmsNormBackward(
                input.AsSpan(at, hidden), weight, inverse[index], _gradients.Normed.AsSpan(at, hidden),
                _gradients.Stream.AsSpan(at, hidden), weightGradient);
        }
    }

    /// <summary>Gradients of x·Wᵀ + scale · (x·Aᵀ)·Bᵀ: of x where wanted, of W where trained, and what A's and B's come from.</summary>
    void ApplyBackward(LayerContext context, Projection projection, float[] outputGradient, float[]? inputGradient, bool accumulate)
    {
        var (inputSize, outputSize) = (Projections.InputSize(_config, projection), Projections.OutputSize(_config, projection));
        var tokens = context.Tokens;
        var dy = new MatrixView(outputGradient, tokens, outputSize);
        var x = new MatrixView(context.Activations.InputOf(projection), tokens, inputSize);
        if (inputGradient is not null)
        {
            var dx = new MatrixView(inputGradient, tokens, inputSize);
            if (Frozen is { } frozen)
            {
                MatrixProduct.TimesPacked(null, dy, frozen.Backward(context.Adapter.Layer, projection), dx, accumulate);
            }
            else
            {
                MatrixProduct.Times(null, dy, new MatrixView(context.Weights[projection], outputSize, inputSize), dx, accumulate);
            }
        }

        if (context.Full is { } full)
        {
            MatrixProduct.TransposedTimes(null, dy, x, new MatrixView(full[projection], outputSize, inputSize), accumulate: true);
        }

        if (context.Adapter[projection] is not { } matrix || (inputGradient is null && context.Sink is null))
        {
            return;
        }

        Grow(ref _lowRankGradient, TokensMax * matrix.Rank);
        var du = new MatrixView(_lowRankGradient, tokens, matrix.Rank);
        MatrixProduct.Times(null, dy, new MatrixView(matrix.B, outputSize, matrix.Rank), du, accumulate: false, matrix.Scale);
        var low = new MatrixView(context.Activations.LowRank(projection, matrix.Rank), tokens, matrix.Rank);
        var dropped = Drop(x, context.Adapter.Layer, projection);
        context.Sink?.Accept(context.Adapter.Layer, projection, matrix, new LoraFlow(dropped, low, dy, du));
        if (inputGradient is not null)
        {
            AddAdapterInputGradient(context.Adapter.Layer, projection, matrix, du, new MatrixView(inputGradient, tokens, inputSize));
        }
    }

    void AddAdapterInputGradient(int layer, Projection projection, LoraMatrix matrix, MatrixView du, MatrixView inputGradient)
    {
        var a = new MatrixView(matrix.A, matrix.Rank, matrix.InputSize);
        if (Dropout.Share == 0)
        {
            MatrixProduct.Times(null, du, a, inputGradient, accumulate: true);
            return;
        }

        var length = du.Rows * matrix.InputSize;
        Grow(ref _droppedGradient, length);
        MatrixProduct.Times(null, du, a, new MatrixView(_droppedGradient, du.Rows, matrix.InputSize));
        Dropout.Apply(_droppedGradient.AsSpan(0, length), layer, projection);
        VectorMath.AddScaled(inputGradient.Values, _droppedGradient.AsSpan(0, length), 1);
    }

    static void Grow(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new float[length];
        }
    }

    /// <summary>What the backward pass of one layer reads and fills.</summary>
    readonly record struct LayerContext(
        LayerWeights Weights, LayerWeights? Full, LayerAdapter Adapter, LayerActivations Activations, ILoraGradientSink? Sink, int Tokens);

    /// <summary>Gradients that live for one layer, shared by all of them.</summary>
    sealed class GradientBuffers(ModelConfig config, int tokensMax)
    {
        /// <summary>With respect to the residual stream.</summary>
        public float[] Stream { get; } = new float[tokensMax * config.HiddenSize];

        public float[] Normed { get; } = new float[tokensMax * config.HiddenSize];

        /// <summary>With respect to the feed-forward product, then to its up half.</summary>
        public float[] Product { get; } = new float[tokensMax * config.IntermediateSize];

        public float[] Gate { get; } = new float[tokensMax * config.IntermediateSize];

        public float[] AttentionOutput { get; } = new float[tokensMax * config.QuerySize];

        public AttentionInputs Attention { get; } = new(
            new float[tokensMax * config.QuerySize], new float[tokensMax * config.KeyValueSize],
            new float[tokensMax * config.KeyValueSize]);
    }
}
