using OpenLedger.Inference;

namespace OpenLedger.Training.Tests;

public class LoraTrainerTests
{
    static readonly LoraTrainingOptions Options = new()
    {
        BaseModel = "test", Rank = 8, Alpha = 16, Epochs = 150, BatchRows = 5, LearningRate = 1e-2, ThreadCount = 2, Seed = 5,
    };

    [Fact]
    public void Train_LearnsTheAnswersByHeart_AndLeavesTheBaseAlone()
    {
        var config = TestModels.Ragged(tied: true);
        var weights = TestModels.Weights(config, 1);

        // A norm this small could not be sure of any token: logits stay within ±4 whatever the adapter does.
        VectorMath.Scale(weights.FinalNorm, 6);
        var before = TrainedParameters.Of(weights).Select(array => (float[])array.Values.Clone()).ToArray();
        var rows = Rows(config, 10);
        var progress = new List<TrainingProgress>();

        var adapter = new LoraTrainer(TimeProvider.System).Train(weights, rows, Options, progress.Add);

        Evaluation.AnswerLoss(weights, adapter, rows).Mean.Should().BeLessThan(0.02);
        Evaluation.AnswerLoss(weights, null, rows).Mean.Should().BeGreaterThan(2);
        progress.Should().HaveCount(300).And.OnlyContain(step => step.StepCount == 300 && double.IsFinite(step.Loss));
        progress[^1].Epoch.Should().Be(150);
        progress[^1].Loss.Should().BeLessThan(0.02 * progress[0].Loss);
        TrainedParameters.Of(weights).Zip(before).Should().OnlyContain(pair => pair.First.Values.SequenceEqual(pair.Second));
    }

    [Fact]
    public void Train_GivesTheSameBits_OnAnyNumberOfThreads_AndWithRowsOfNoWeight()
    {
        var config = TestModels.Ragged(tied: false);
        var weights = TestModels.Weights(config, 1);
        var rows = Rows(config, 9);
        var options = Options with { Epochs = 4, PartsPerStep = 3, Dropout = 0.1, AverageLastShare = 0.3 };
        var trainer = new LoraTrainer(TimeProvider.System);
        var one = trainer.Train(weights, rows, options with { ThreadCount = 1 });
        var three = trainer.Train(weights, rows, options with { ThreadCount = 3 });
        var copies = rows.SelectMany(row => new[] { row with { Weight = 0 }, row }).ToArray();
        var withCopies = trainer.Train(weights, copies, options);
        var other = trainer.Train(weights, rows, options with { Seed = 6 });

        Numbers(three).Should().Equal(Numbers(one));
        Numbers(withCopies).Should().Equal(Numbers(one));
        Numbers(other).Should().NotEqual(Numbers(one));
    }

    [Fact]
    public void Train_HandsOutCheckpoints_OfTheEpochsAskedFor()
    {
        var config = TestModels.Ragged(tied: true);
        var weights = TestModels.Weights(config, 1);
        var rows = Rows(config, 8);
        var checkpoints = new List<LoraCheckpoint>();

        var adapter = new LoraTrainer(TimeProvider.System).Train(
            weights, rows, Options with { Epochs = 6, CheckpointEpochs = [2, 6] }, checkpoint: checkpoints.Add);

        checkpoints.Select(checkpoint => checkpoint.Epoch).Should().Equal(2, 6);
        Numbers(checkpoints[1].Adapter).Should().Equal(Numbers(adapter));
        Numbers(checkpoints[0].Adapter).Should().NotEqual(Numbers(adapter));
    }

    [Fact]
    public void Train_AdaptsOnlyTheProjectionsNamed_AndStartsFromTheBase()
    {
        var config = TestModels.Ragged(tied: true);
        var weights = TestModels.Weights(config, 1);
        var rows = Rows(config, 5);
        var options = Options with { Projections = [Projection.Value, Projection.Query], RankStabilised = true };

        var adapter = LoraTrainer.Initialise(config, options);

        adapter.Matrices().Select(place => (place.Layer, place.Projection)).Should().Equal(
            (0, Projection.Query), (0, Projection.Value), (1, Projection.Query), (1, Projection.Value));
        adapter[0, Projection.Query]!.Scale.Should().BeApproximately(16 / MathF.Sqrt(8), 1e-6f);
        Evaluation.AnswerLoss(weights, adapter, rows).Should().Be(Evaluation.AnswerLoss(weights, null, rows));
    }

    [Fact]
    public void Dropout_DropsTheShareAskedFor_AndKeepsTheMean()
    {
        var values = Enumerable.Repeat(1f, 100_000).ToArray();
        new AdapterDropout(0.3f, 7).Apply(values, 1, Projection.Up);

        values.Count(value => value == 0).Should().BeInRange(29_300, 30_700);
        values.Average().Should().BeApproximately(1, 0.02f);
        values.Distinct().Should().HaveCount(2);
    }

    [Fact]
    public void Train_Cancelled_Stops()
    {
        var config = TestModels.Ragged(tied: true);
        using var stop = new CancellationTokenSource();
        var steps = 0;
        FluentActions.Invoking(() => new LoraTrainer(TimeProvider.System).Train(
                TestModels.Weights(config, 1), Rows(config, 5), Options,
                _ =>
                {
                    if (++steps == 3)
                    {
                        stop.Cancel();
                    }
                },
                stop.Token))
            .Should().Throw<OperationCanceledException>();
        steps.Should().Be(3);
    }

    [Fact]
    public void Train_OnWrongRowsOrOptions_SaysWhich()
    {
        var config = TestModels.Ragged(tied: true);
        var weights = TestModels.Weights(config, 1);
        void Refused(IReadOnlyList<TrainingExample> rows, LoraTrainingOptions options, string message) =>
            FluentActions.Invoking(() => new LoraTrainer(TimeProvider.System).Train(weights, rows, options))
                .Should().Throw<TrainingException>().WithMessage(message);

        var good = Rows(config, 2);
        Refused([good[0], new TrainingExample([1, 2, 99], 1)], Options, "Row 2 holds token 99*");
        Refused([new TrainingExample(TestModels.Tokens(config, 60, 1), 1)], Options, "Row 1 has 60 tokens*at most 40*");
        Refused([new TrainingExample([1, 2], 3)], Options, "Row 1 says*starts at token 3*");
        Refused([good[0] with { Weight = float.NaN }], Options, "Row 1 has weight*");
        Refused([good[0] with { Weight = 0 }], Options, "No row has an answer token*");
        Refused(good, Options with { Rank = 0 }, "*Rank is 0*");
        Refused(good, Options with { Projections = [] }, "*Projections*");
    }

    static TrainingExample[] Rows(ModelConfig config, int count) =>
        [.. Enumerable.Range(0, count).Select(row => new TrainingExample(TestModels.Tokens(config, 6 + row % 4, 100 + row), 3))];

    static IEnumerable<float> Numbers(LoraAdapter adapter) => TrainedParameters.Of(adapter).SelectMany(array => array.Values);
}
