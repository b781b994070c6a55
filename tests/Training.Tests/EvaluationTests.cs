using OpenLedger.Inference;

namespace OpenLedger.Training.Tests;

public class EvaluationTests
{
    readonly ModelConfig _config = TestModels.Ragged(tied: true);

    [Fact]
    public void AnswerLoss_EqualsTheReference_RowByRow()
    {
        var weights = TestModels.Weights(_config, 1);
        var adapter = TestModels.Adapter(_config, 2, 1, 3, Projection.Value);
        var rows = Enumerable.Range(0, 70)
            .Select(row => new TrainingExample(TestModels.Tokens(_config, 3 + row % 30, row), row % 3)).ToArray();
        using var pool = new ComputePool(2);

        var losses = Evaluation.RowLosses(weights, adapter, rows, pool);
        var total = Evaluation.AnswerLoss(weights, adapter, rows, pool);

        for (var row = 0; row < rows.Length; row++)
        {
            losses[row].TokenCount.Should().Be(rows[row].AnswerTokenCount);
            losses[row].NegativeLogLikelihood.Should().BeApproximately(
                ReferenceDecoder.Loss(weights, adapter, rows[row].Tokens, rows[row].AnswerStart), 2e-4);
        }

        total.TokenCount.Should().Be(rows.Sum(row => (long)row.AnswerTokenCount));
        total.Perplexity.Should().BeApproximately(Math.Exp(losses.Sum(loss => loss.NegativeLogLikelihood) / total.TokenCount), 1e-9);
        Evaluation.AnswerLoss(weights, null, []).Should().Be(new TokenLoss(0, 0));
    }

    [Fact]
    public void Trigrams_AreAProbability_AndBeatUnigramsOnRegularText()
    {
        var random = new Random(8);
        var tokens = new List<int>();
        for (var document = 0; document < 80; document++)
        {
            tokens.Add(2 + random.Next(30));
            for (var index = 0; index < 9; index++)
            {
                tokens.Add(2 + (tokens[^1] - 2) * 3 % 35);
            }

            tokens.Add(1);
        }

        var documents = new TokenDocuments(_config, [.. tokens]);
        var model = new NgramModel(_config, documents);

        foreach (var (before, previous) in new[] { (-1, 0), (0, 5), (5, 11), (36, 36), (11, 0) })
        {
            Enumerable.Range(0, 37).Sum(token => model.Probability(before, previous, token)).Should().BeApproximately(1, 1e-9);
        }

        model.TrigramLoss(documents).Mean.Should().BeLessThan(0.7 * model.UnigramLoss(documents).Mean);
        model.TrigramLoss(documents).TokenCount.Should().Be(documents.PredictedTokenCount);
    }

    [Fact]
    public void Schedule_RisesThenFalls()
    {
        var schedule = new LearningRateSchedule(2, 0.1, 4, 20);
        schedule.At(0).Should().Be(0.5);
        schedule.At(3).Should().Be(2);
        schedule.At(4).Should().Be(2);
        schedule.At(12).Should().BeApproximately(1.1, 1e-12);
        schedule.At(20).Should().BeApproximately(0.2, 1e-12);
        Enumerable.Range(4, 15).Should().OnlyContain(step => schedule.At(step + 1) < schedule.At(step));
    }

    [Fact]
    public void AdamW_FollowsItsDefinition()
    {
        var random = new Random(2);
        var values = Enumerable.Range(0, 21).Select(_ => random.NextSingle()).ToArray();
        var expected = values.Select(value => (double)value).ToArray();
        var gradient = new float[21];
        var (means, squares) = (new double[21], new double[21]);
        using var pool = new ComputePool(1);
        var optimiser = new AdamW([new TrainedArray(values, Decays: true)], new AdamWSettings(0.9f, 0.99f, 1e-8f, 0.1f));
        for (var step = 1; step <= 5; step++)
        {
            for (var index = 0; index < gradient.Length; index++)
            {
                gradient[index] = random.NextSingle() - 0.5f;
                var g = gradient[index] * 0.5;
                means[index] = 0.9 * means[index] + 0.1 * g;
                squares[index] = 0.99 * squares[index] + 0.01 * g * g;
                var move = means[index] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(squares[index] / (1 - Math.Pow(0.99, step))) + 1e-8);
                expected[index] -= 0.01 * (move + 0.1 * expected[index]);
            }

            optimiser.Step(pool, [new TrainedArray(gradient, Decays: true)], 0.01f, 0.5f);
        }

        for (var index = 0; index < values.Length; index++)
        {
            ((double)values[index]).Should().BeApproximately(expected[index], 1e-5);
        }
    }
}
