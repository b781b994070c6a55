using OpenLedger.Inference;

namespace OpenLedger.Training.Tests;

public class AnswerGradientsTests
{
    readonly ModelConfig _config = TestModels.Ragged(tied: true);
    readonly ModelWeights _weights;
    readonly LoraAdapter _adapter;
    readonly TrainingExample[] _rows;

    public AnswerGradientsTests()
    {
        _weights = TestModels.Weights(_config, 1);
        _adapter = TestModels.Adapter(_config, 3, 0.7f, 2, [.. Projections.All]);

        // Enough rows for several parts, with one that has no answer and one too short to predict anything.
        _rows =
        [
            .. Enumerable.Range(0, 60).Select(row => new TrainingExample(TestModels.Tokens(_config, 5 + row % 17, row), 1 + row % 4, row)),
            new TrainingExample([3, 4, 5], 3),
            new TrainingExample([3], 0),
        ];
    }

    [Fact]
    public void Rows_SumToTheBatchGradient()
    {
        using var pool = new ComputePool(2);
        var gradients = new AnswerGradients(_weights, _adapter, new GradientSelection(), pool);
        var each = new float[_rows.Length * gradients.RowLength];
        gradients.Compute(_rows, each);

        var batch = new TokenBatch();
        foreach (var row in _rows)
        {
            batch.Add(row.Tokens, row.AnswerStart, 1);
        }

        var sum = TestModels.Adapter(_config, 3, 0.7f, 2, [.. Projections.All]);
        foreach (var array in TrainedParameters.Of(sum))
        {
            array.Values.AsSpan().Clear();
        }

        var pass = new DecoderPass(_config, batch.TokenCount);
        pass.Forward(_weights, _adapter, batch);
        pass.Backward(_weights, _adapter, batch, 1, null, new LoraGradientSum(sum));

        foreach (var part in gradients.Parts)
        {
            var matrix = sum[part.Layer, part.Projection]!;
            var expected = part.Factor == LoraFactor.A ? matrix.A : matrix.B;
            part.Length.Should().Be(expected.Length);
            var scale = expected.Max(Math.Abs);
            for (var index = 0; index < part.Length; index++)
            {
                var total = Enumerable.Range(0, _rows.Length).Sum(row => (double)each[row * gradients.RowLength + part.Offset + index]);
                total.Should().BeApproximately(expected[index], 2e-5 * scale, $"{part}");
            }
        }
    }

    [Fact]
    public void Row_EqualsCentralDifferencesOfItsOwnLoss()
    {
        var gradients = new AnswerGradients(_weights, _adapter, new GradientSelection());
        var each = new float[_rows.Length * gradients.RowLength];
        var losses = gradients.Compute(_rows, each);
        const int row = 31;
        double Loss() => ReferenceDecoder.Loss(_weights, _adapter, _rows[row].Tokens, _rows[row].AnswerStart);
        losses[row].NegativeLogLikelihood.Should().BeApproximately(Loss(), 1e-4);
        foreach (var part in gradients.Parts)
        {
            var matrix = _adapter[part.Layer, part.Projection]!;
            var values = part.Factor == LoraFactor.A ? matrix.A : matrix.B;
            const float step = 1f / 512;
            var index = part.Length / 3;
            var saved = values[index];
            values[index] = saved + step;
            var (above, high) = (Loss(), values[index]);
            values[index] = saved - step;
            var (below, low) = (Loss(), values[index]);
            values[index] = saved;
            var expected = (above - below) / ((double)high - low);
            ((double)each[row * gradients.RowLength + part.Offset + index])
                .Should().BeApproximately(expected, 1e-4 + 1e-3 * Math.Abs(expected), $"{part}");
        }
    }

    [Fact]
    public void Selection_GivesTheSameNumbers_ForTheFactorsChosen()
    {
        var all = new AnswerGradients(_weights, _adapter, new GradientSelection());
        var some = new AnswerGradients(_weights, _adapter, new GradientSelection { LowestLayer = 1, FactorA = false });
        var expected = new float[_rows.Length * all.RowLength];
        var actual = new float[_rows.Length * some.RowLength];
        all.Compute(_rows, expected);
        some.Compute(_rows, actual).Should().Equal(Evaluation.RowLosses(_weights, _adapter, _rows));

        some.Parts.Should().HaveCount(7).And.OnlyContain(part => part.Layer == 1 && part.Factor == LoraFactor.B);
        foreach (var part in some.Parts)
        {
            var place = all.Parts.Single(other => other with { Offset = part.Offset } == part);
            for (var row = 0; row < _rows.Length; row++)
            {
                actual.AsSpan(row * some.RowLength + part.Offset, part.Length)
                    .SequenceEqual(expected.AsSpan(row * all.RowLength + place.Offset, place.Length))
                    .Should().BeTrue($"{part} of row {row}");
            }
        }
    }

    [Fact]
    public void Compute_GivesTheSameBits_ForAnyThreadCount_AndOverwritesTheDestination()
    {
        var alone = new AnswerGradients(_weights, _adapter, new GradientSelection());
        var expected = new float[_rows.Length * alone.RowLength];
        alone.Compute(_rows, expected);
        using var pool = new ComputePool(3);
        var actual = Enumerable.Repeat(float.NaN, expected.Length).ToArray();
        new AnswerGradients(_weights, _adapter, new GradientSelection(), pool).Compute(_rows, actual);
        actual.AsSpan().SequenceEqual(expected).Should().BeTrue();
    }

    [Fact]
    public void WrongSelection_OrShortDestination_IsRefused()
    {
        FluentActions.Invoking(() => new AnswerGradients(_weights, _adapter, new GradientSelection { LowestLayer = 2 }))
            .Should().Throw<TrainingException>().WithMessage("*LowestLayer*");
        FluentActions.Invoking(() => new AnswerGradients(_weights, _adapter, new GradientSelection { FactorA = false, FactorB = false }))
            .Should().Throw<TrainingException>().WithMessage("*no factor*");
        FluentActions.Invoking(() => new AnswerGradients(_weights, _adapter, new GradientSelection()).Compute(_rows, new float[10]))
            .Should().Throw<ArgumentException>();
    }
}
