using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>
/// Final norm, output projection and cross-entropy over the counted positions alone, in chunks small enough for the cache. Logits
/// become probabilities and then their own gradient in place.
/// </summary>
sealed class OutputLoss
{
    /// <summary>Positions whose logits exist at one time.</summary>
    const int ChunkSize = 256;

    /// <summary>Keeps rows of logits from sharing cache sets when the vocabulary is a power of two.</summary>
    const int StridePadding = 16;

    readonly ModelConfig _config;
    readonly int _stride;
    readonly float[] _logits;
    readonly float[] _rows;
    readonly float[] _normed;
    readonly float[] _normedGradient;
    readonly float[] _inverse;
    readonly float[] _rowGradient;

    public OutputLoss(ModelConfig config, int tokensMax)
    {
        var chunk = Math.Min(ChunkSize, tokensMax);
        _config = config;
        _stride = config.VocabularySize + StridePadding;
        _logits = new float[chunk * _stride];
        _rows = new float[chunk * config.HiddenSize];
        _normed = new float[chunk * config.HiddenSize];
        _normedGradient = new float[chunk * config.HiddenSize];
        _rowGradient = new float[config.HiddenSize];
        _inverse = new float[chunk];
    }

    /// <summary>Returns Σ weight · loss in nats; gradients of <paramref name="scale"/> times that go where asked.</summary>
    /// <param name="last">The residual stream after the last layer, <c>[tokens, hidden]</c>.</param>
    /// <param name="gradients">Where gradients are added; each may be null.</param>
    /// <param name="tokenLosses">Unweighted losses in the order of the counted tokens, where not empty.</param>
    /// <param name="frozen">The same weights packed, or null.</param>
    public double Run(
        ModelWeights weights, TokenBatch batch, float[] last, OutputGradients gradients, double scale, Span<float> tokenLosses,
        FrozenWeights? frozen)
    {
        var total = 0.0;
        var chunkSize = _inverse.Length;
        for (var start = 0; start < batch.Counted.Count; start += chunkSize)
        {
            var count = Math.Min(chunkSize, batch.Counted.Count - start);
            Gather(weights, batch, last, start, count);
            var logits = new MatrixView(_logits, count, _config.VocabularySize, _stride);
            var normed = new MatrixView(_normed, count, _config.HiddenSize);
            var output = new MatrixView(weights.Output, _config.VocabularySize, _config.HiddenSize);
            if (frozen is not null)
            {
                MatrixProduct.TimesPacked(null, normed, frozen.Output, logits);
            }
            else
            {
                MatrixProduct.TimesTransposed(null, normed, output, logits);
            }

            total += CrossEntropy(batch, start, count, scale, tokenLosses);
            if (gradients.Rows is not null)
            {
                var gradient = new MatrixView(_normedGradient, count, _config.HiddenSize);
                if (frozen is not null)
                {
                    MatrixProduct.TimesPacked(null, logits, frozen.OutputBackward, gradient);
                }
                else
                {
                    MatrixProduct.Times(null, logits, output, gradient);
                }

                Scatter(weights, batch, start, count, gradients);
            }

            if (gradients.Output is not null)
            {
                var to = new MatrixView(gradients.Output, _config.VocabularySize, _config.HiddenSize);
                MatrixProduct.TransposedTimes(null, logits, normed, to, accumulate: true);
            }
        }

        return total;
    }

    void Gather(ModelWeights weights, TokenBatch batch, float[] last, int start, int count)
    {
        var hidden = _config.HiddenSize;
        for (var row = 0; row < count; row++)
        {
            var from = last.AsSpan(batch.Counted[start + row].Index * hidden, hidden);
            from.CopyTo(_rows.AsSpan(row * hidden, hidden));
            _inverse[row] = VectorMath.RmsNorm(from, weights.FinalNorm, _config.NormEpsilon, _normed.AsSpan(row * hidden, hidden));
        }
    }

    /// <summary>Leaves weight · scale · (probability − indicator) in the logits' place.</summary>
    double CrossEntropy(TokenBatch batch, int start, int count, double scale, Span<float> tokenLosses)
    {
        var total = 0.0;
        for (var row = 0; row < count; row++)
        {
            var counted = batch.Counted[start + row];
            var logits = _logits.AsSpan(row * _stride, _config.VocabularySize);
            var target = logits[counted.Target];
            var loss = VectorMath.Softmax(logits) - target;
            total += counted.Weight * loss;
            if (!tokenLosses.IsEmpty)
            {
                tokenLosses[start + row] = (float)loss;
            }

            if (scale != 0)
            {
                logits[counted.Target] -= 1;
                VectorMath.Scale(logits, (float)(counted.Weight * scale));
            }
        }

        return total;
    }

    void Scatter(ModelWeights weights, TokenBatch batch, int start, int count, OutputGradients gradients)
    {
        var hidden = _config.HiddenSize;
        for (var row = 0; row < count; row++)
        {
            var at = row * hidden;
            _rowGradient.AsSpan().Clear();
            VectorMath.RmsNormBackward(
                _rows.AsSpan(at, hidden), weights.FinalNorm, _inverse[row], _normedGradient.AsSpan(at, hidden), _rowGradient,
                gradients.FinalNorm);
            VectorMath.AddScaled(gradients.Rows.AsSpan(batch.Counted[start + row].Index * hidden, hidden), _rowGradient, 1);
        }
    }
}

/// <summary>Where the output's gradients are added: the residual stream, the final norm, the output matrix.</summary>
readonly record struct OutputGradients(float[]? Rows, float[]? FinalNorm, float[]? Output);
