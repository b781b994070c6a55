namespace OpenLedger.Inference.Tests;

/// <summary>The same decoder written a second time: scalar, in f64, without cache, blocks or packing; straight from the papers.</summary>
sealed class ReferenceModel(ModelWeights weights, LoraAdapter? adapter = null)
{
    readonly ModelConfig _config = weights.Config;

    /// <summary>Logits after every token.</summary>
    public double[][] Logits(int[] tokens)
    {
        var stream = tokens.Select(token => Enumerable.Range(0, _config.HiddenSize).Select(
            i => (double)weights.Embedding[token * _config.HiddenSize + i]).ToArray()).ToArray();
        for (var layer = 0; layer < _config.LayerCount; layer++)
        {
            var normed = stream.Select(x => Norm(x, weights.Layers[layer].AttentionNorm)).ToArray();
            var attended = Attention(layer, normed);
            for (var t = 0; t < tokens.Length; t++)
            {
                Add(stream[t], Map(layer, Projection.AttentionOutput, attended[t]));
                var x = Norm(stream[t], weights.Layers[layer].FeedForwardNorm);
                var gate = Map(layer, Projection.Gate, x);
                var up = Map(layer, Projection.Up, x);
                Add(stream[t], Map(layer, Projection.Down, [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)]));
            }
        }
        return [.. stream.Select(x => Product(weights.Output, Norm(x, weights.FinalNorm), _config.VocabularySize))];
    }

    double[][] Attention(int layer, double[][] normed)
    {
        var size = _config.HeadSize;
        var queries = normed.Select((x, t) => Rotate(Map(layer, Projection.Query, x), t)).ToArray();
        var keys = normed.Select((x, t) => Rotate(Map(layer, Projection.Key, x), t)).ToArray();
        var values = normed.Select(x => Map(layer, Projection.Value, x)).ToArray();
        var output = normed.Select(_ => new double[_config.QuerySize]).ToArray();
        for (var t = 0; t < normed.Length; t++)
        {
            for (var head = 0; head < _config.HeadCount; head++)
            {
                var shared = head / (_config.HeadCount / _config.KeyValueHeadCount);
                var scores = new double[t + 1];
                for (var s = 0; s <= t; s++)
                {
                    for (var i = 0; i < size; i++)
                    {
                        scores[s] += queries[t][head * size + i] * keys[s][shared * size + i] / Math.Sqrt(size);
                    }
                }
                var sum = scores.Sum(Math.Exp);
                for (var s = 0; s <= t; s++)
                {
                    for (var i = 0; i < size; i++)
                    {
                        output[t][head * size + i] += Math.Exp(scores[s]) / sum * values[s][shared * size + i];
                    }
                }
            }
        }
        return output;
    }

    double[] Rotate(double[] heads, int position)
    {
        var result = new double[heads.Length];
        var half = _config.HeadSize / 2;
        for (var index = 0; index < heads.Length; index++)
        {
            var within = index % _config.HeadSize;
            var angle = position / Math.Pow(_config.RopeTheta, 2.0 * (within % half) / _config.HeadSize);
            var partner = within < half ? -heads[index + half] : heads[index - half];
            result[index] = heads[index] * Math.Cos(angle) + partner * Math.Sin(angle);
        }
        return result;
    }

    double[] Norm(double[] x, float[] weight)
    {
        var root = Math.Sqrt(x.Sum(value => value * value) / x.Length + _config.NormEpsilon);
        return [.. x.Select((value, index) => value / root * weight[index])];
    }

    double[] Map(int layer, Projection projection, double[] x)
    {
        var y = Product(weights.Layers[layer][projection], x, Projections.OutputSize(_config, projection));
        if (adapter?[layer, projection] is { } lora)
        {
            var delta = Product(lora.B, Product(lora.A, x, lora.Rank), y.Length);
            Add(y, [.. delta.Select(value => value * lora.Scale)]);
        }
        return y;
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

    static void Add(double[] x, double[] y)
    {
        for (var index = 0; index < x.Length; index++)
        {
            x[index] += y[index];
        }
    }
}
