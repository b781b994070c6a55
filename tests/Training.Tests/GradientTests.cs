using OpenLedger.Inference;

namespace OpenLedger.Training.Tests;

/// <summary>Every gradient against central differences of the f64 reference.</summary>
public class GradientTests
{
    const double Tolerance = 2e-5;

    static readonly (int Length, int AnswerStart, float Weight, int Seed)[] Rows = [(9, 1, 1, 1), (2, 1, 0.5f, 2), (21, 6, 2, 3)];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Loss_EqualsTheReference(bool tied)
    {
        var config = TestModels.Ragged(tied);
        var weights = TestModels.Weights(config, 1);
        var adapter = TestModels.Adapter(config, 3, 0.7f, 2, [.. Projections.All]);
        var pass = new DecoderPass(config, 64);
        var batch = Batch(config);

        pass.Forward(weights, adapter, batch);
        var loss = pass.Loss(weights, batch, []);

        loss.Should().BeApproximately(Reference(weights, adapter), 1e-4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_OfAllParameters_EqualCentralDifferences(bool tied)
    {
        var config = TestModels.Ragged(tied);
        var weights = TestModels.Weights(config, 1);
        var gradient = new ModelWeights(config);
        var pass = new DecoderPass(config, 64);
        var batch = Batch(config);
        const double scale = 0.125;

        pass.Forward(weights, null, batch);
        pass.Backward(weights, null, batch, scale, gradient, null);

        var parameters = TrainedParameters.Of(weights);
        var gradients = TrainedParameters.Of(gradient);
        for (var array = 0; array < parameters.Count; array++)
        {
            Check(parameters[array].Values, gradients[array].Values, () => scale * Reference(weights, null), $"array {array}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_OfAdapterFactors_EqualCentralDifferences(bool tied)
    {
        var config = TestModels.Ragged(tied);
        var weights = TestModels.Weights(config, 1);
        foreach (var projections in new[] { [.. Projections.All], new[] { Projection.Query, Projection.Down } })
        {
            var adapter = TestModels.Adapter(config, 3, 0.7f, 2, projections);
            var gradient = TestModels.Adapter(config, 3, 0.7f, 2, projections);
            foreach (var array in TrainedParameters.Of(gradient))
            {
                array.Values.AsSpan().Clear();
            }

            // The path that training takes: the base packed once.
            var pass = new DecoderPass(config, 64) { Frozen = new FrozenWeights(weights) };
            var batch = Batch(config);
            pass.Forward(weights, adapter, batch);
            pass.Backward(weights, adapter, batch, 1, null, new LoraGradientSum(gradient));

            foreach (var (layer, projection, matrix) in adapter.Matrices())
            {
                var target = gradient[layer, projection]!;
                Check(matrix.A, target.A, () => Reference(weights, adapter), $"A of layer {layer}, {projection}");
                Check(matrix.B, target.B, () => Reference(weights, adapter), $"B of layer {layer}, {projection}");
            }
        }
    }

    static TokenBatch Batch(ModelConfig config)
    {
        var batch = new TokenBatch();
        foreach (var (length, answerStart, weight, seed) in Rows)
        {
            batch.Add(TestModels.Tokens(config, length, seed), answerStart, weight);
        }

        return batch;
    }

    static double Reference(ModelWeights weights, LoraAdapter? adapter) => Rows.Sum(row => ReferenceDecoder.Loss(
        weights, adapter, TestModels.Tokens(weights.Config, row.Length, row.Seed), row.AnswerStart, row.Weight));

    /// <summary>Probes a spread of the array's numbers, scaled by the array's largest gradient.</summary>
    static void Check(float[] values, float[] gradient, Func<double> loss, string what)
    {
        const int probes = 7;
        const float step = 1f / 512;
        var largest = Math.Max(1, gradient.Max(Math.Abs));
        gradient.Should().Contain(value => value != 0, $"{what} takes part");
        for (var probe = 0; probe < Math.Min(probes, values.Length); probe++)
        {
            var index = (int)((long)probe * (values.Length - 1) / Math.Max(1, Math.Min(probes, values.Length) - 1));
            var saved = values[index];
            values[index] = saved + step;
            var (above, high) = (loss(), values[index]);
            values[index] = saved - step;
            var (below, low) = (loss(), values[index]);
            values[index] = saved;
            var difference = (above - below) / ((double)high - low);
            ((double)gradient[index]).Should().BeApproximately(
                difference, Tolerance * largest + Tolerance * 20 * Math.Abs(difference), $"{what}, number {index}");
        }
    }
}
