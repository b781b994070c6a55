using OpenLedger.Inference;

namespace OpenLedger.Training.Tests;

/// <summary>The decoder's loss in plain f64 loops over one sequence at a time: slow, obvious, no code shared with what it checks.</summary>
static class ReferenceDecoder
{
    /// <summary>Σ weight · −log p over the tokens from <paramref name="answerStart"/> on.</summary>
    public static double Loss(ModelWeights weights, LoraAdapter? adapter, int[] tokens, int answerStart, double weight = 1)
    {
        var config = weights.Config;
        var stream = new double[tokens.Length - 1][];
        for (var index = 0; index < stream.Length; index++)
        {
            stream[index] = Row(weights.Embedding, tokens[index], config.HiddenSize);
        }

        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            Layer(weights, adapter, layer, stream);
        }

        var loss = 0.0;
        for (var index = 0; index < stream.Length; index++)
        {
            if (index + 1 < answerStart)
            {
                continue;
            }

            var normed = Norm(stream[index], weights.FinalNorm, config);
            var logits = Product(weights.Output, normed, config.VocabularySize);
            var most = logits.Max();
            loss += weight * (most + Math.Log(logits.Sum(logit => Math.Exp(logit - most))) - logits[tokens[index + 1]]);
        }

        return loss;
    }

    static void Layer(ModelWeights weights, LoraAdapter? adapter, int layer, double[][] stream)
    {
        var config = weights.Config;
        double[] Map(Projection projection, double[] x)
        {
            var y = Product(weights.Layers[layer][projection], x, Projections.OutputSize(config, projection));
            if (adapter?[layer, projection] is { } matrix)
            {
                var change = Product(matrix.B, Product(matrix.A, x, matrix.Rank), y.Length);
                for (var index = 0; index < y.Length; index++)
                {
                    y[index] += matrix.Scale * change[index];
                }
            }

            return y;
        }

        var normed = stream.Select(x => Norm(x, weights.Layers[layer].AttentionNorm, config)).ToArray();
        var queries = normed.Select((x, position) => Rotate(Map(Projection.Query, x), position, config)).ToArray();
        var keys = normed.Select((x, position) => Rotate(Map(Projection.Key, x), position, config)).ToArray();
        var values = normed.Select(x => Map(Projection.Value, x)).ToArray();
        for (var index = 0; index < stream.Length; index++)
        {
            Add(stream[index], Map(Projection.AttentionOutput, Attend(queries[index], keys, values, index, config)));
            var x = Norm(stream[index], weights.Layers[layer].FeedForwardNorm, config);
            var gate = Map(Projection.Gate, x);
            var up = Map(Projection.Up, x);
            Add(stream[index], Map(Projection.Down, [.. gate.Select((g, place) => g / (1 + Math.Exp(-g)) * up[place])]));
        }
    }

    static double[] Attend(double[] query, double[][] keys, double[][] values, int index, ModelConfig config)
    {
        var output = new double[config.QuerySize];
        for (var head = 0; head < config.HeadCount; head++)
        {
            var at = head / (config.HeadCount / config.KeyValueHeadCount) * config.HeadSize;
            var scores = new double[index + 1];
            for (var key = 0; key <= index; key++)
            {
                for (var place = 0; place < config.HeadSize; place++)
                {
                    scores[key] += query[head * config.HeadSize + place] * keys[key][at + place] / Math.Sqrt(config.HeadSize);
                }
            }

            var sum = scores.Sum(Math.Exp);
            for (var key = 0; key <= index; key++)
            {
                for (var place = 0; place < config.HeadSize; place++)
                {
                    output[head * config.HeadSize + place] += Math.Exp(scores[key]) / sum * values[key][at + place];
                }
            }
        }

        return output;
    }

    static double[] Rotate(double[] x, int position, ModelConfig config)
    {
        var output = new double[x.Length];
        var half = config.HeadSize / 2;
        for (var head = 0; head < x.Length; head += config.HeadSize)
        {
            for (var pair = 0; pair < half; pair++)
            {
                var angle = position / Math.Pow(config.RopeTheta, 2.0 * pair / config.HeadSize);
                var (low, high) = (x[head + pair], x[head + pair + half]);
                output[head + pair] = low * Math.Cos(angle) - high * Math.Sin(angle);
                output[head + pair + half] = low * Math.Sin(angle) + high * Math.Cos(angle);
            }
        }

        return output;
    }

    static double[] Norm(double[] x, float[] weight, ModelConfig config)
    {
        var inverse = 1 / Math.Sqrt(x.Sum(value => value * value) / x.Length + config.NormEpsilon);
        return [.. x.Select((value, place) => value * inverse * weight[place])];
    }

    static double[] Product(float[] matrix, double[] x, int rows)
    {
        var y = new double[rows];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < x.Length; column++)
            {
                y[row] += matrix[row * x.Length + column] * x[column];
            }
        }

        return y;
    }

    static double[] Row(float[] matrix, int row, int columns) =>
        [.. matrix.AsSpan(row * columns, columns).ToArray().Select(value => (double)value)];

    static void Add(double[] to, double[] from)
    {
        for (var index = 0; index < to.Length; index++)
        {
            to[index] += from[index];
        }
    }
}
