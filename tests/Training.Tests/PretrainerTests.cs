using OpenLedger.Inference;

namespace OpenLedger.Training.Tests;

public sealed class PretrainerTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("pretrainer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Run_LearnsAGrammar()
    {
        var config = TestModels.Ragged(tied: true);
        var documents = Counting(config, 200);
        var losses = new List<double>();

        var weights = new Pretrainer(config, documents, Options(epochs: 12), TimeProvider.System)
            .Run(step => losses.Add(step.Loss), default);

        losses[0].Should().BeApproximately(Math.Log(config.VocabularySize), 0.5);
        var loss = Evaluation.DocumentLoss(weights, documents);
        loss.TokenCount.Should().Be(documents.PredictedTokenCount);
        var unigram = new NgramModel(config, documents).UnigramLoss(documents);
        loss.Mean.Should().BeLessThan(0.6 * unigram.Mean);
    }

    [Fact]
    public void Run_GivesTheSameBits_OnAnyNumberOfThreads()
    {
        var config = TestModels.Ragged(tied: false);
        var documents = Counting(config, 60);
        var one = new Pretrainer(config, documents, Options(epochs: 2) with { ThreadCount = 1 }, TimeProvider.System).Run(null, default);
        var three = new Pretrainer(config, documents, Options(epochs: 2) with { ThreadCount = 3 }, TimeProvider.System).Run(null, default);
        var other = new Pretrainer(config, documents, Options(epochs: 2) with { Seed = 9 }, TimeProvider.System).Run(null, default);

        Numbers(three).Should().Equal(Numbers(one));
        Numbers(other).Should().NotEqual(Numbers(one));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(18)]
    public void Run_StoppedAndResumed_GivesTheSameBits(int stopAfter)
    {
        var config = TestModels.Ragged(tied: true);
        var documents = Counting(config, 60);
        var options = Options(epochs: 3) with { AverageLastShare = 0.4 };
        var whole = new Pretrainer(config, documents, options, TimeProvider.System);
        var expected = whole.Run(null, default);
        whole.StepCount.Should().BeGreaterThan(stopAfter);

        var path = Path.Combine(_folder, "run.checkpoint");
        using (var stop = new CancellationTokenSource())
        {
            var first = new Pretrainer(config, documents, options with { CheckpointPath = path }, TimeProvider.System);
            first.Invoking(run => run.Run(
                    step =>
                    {
                        if (step.Step == stopAfter)
                        {
                            stop.Cancel();
                        }
                    },
                    stop.Token))
                .Should().Throw<OperationCanceledException>();
        }

        var second = new Pretrainer(config, documents, options with { CheckpointPath = path, ThreadCount = 1 }, TimeProvider.System);
        second.Step.Should().Be(stopAfter);
        Numbers(second.Run(null, default)).Should().Equal(Numbers(expected));
        Directory.GetFiles(_folder).Should().ContainSingle("nothing half-written stays behind");
    }

    [Fact]
    public void Checkpoint_OfAnotherRun_OrDamaged_IsRefused()
    {
        var config = TestModels.Ragged(tied: true);
        var documents = Counting(config, 30);
        var path = Path.Combine(_folder, "run.checkpoint");
        var options = Options(epochs: 1) with { CheckpointPath = path };
        new Pretrainer(config, documents, options, TimeProvider.System).Run(null, default);

        void Refused(PretrainingOptions changed, string message) =>
            FluentActions.Invoking(() => new Pretrainer(config, documents, changed, TimeProvider.System).Step)
                .Should().Throw<TrainingException>().WithMessage(message);

        Refused(options with { LearningRate = 1 }, "*another model, text, seed or option*");
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        Refused(options, "*checksum*");
        File.WriteAllBytes(path, bytes[..^5]);
        Refused(options, "*damaged*");
        File.WriteAllText(path, "hello");
        Refused(options, "*not a pretraining checkpoint*");
    }

    [Fact]
    public void Options_OutOfRange_AreNamed()
    {
        var config = TestModels.Ragged(tied: true);
        var documents = Counting(config, 3);
        FluentActions.Invoking(() => new Pretrainer(config, documents, Options(1) with { ClipNorm = -1 }, TimeProvider.System).Step)
            .Should().Throw<TrainingException>().WithMessage("*ClipNorm*");
        FluentActions.Invoking(
                () => new Pretrainer(config, documents, Options(1) with { LearningRate = double.NaN }, TimeProvider.System).Step)
            .Should().Throw<TrainingException>().WithMessage("*LearningRate*");
        FluentActions.Invoking(() => Pretrainer.Initialise(config with { HeadSize = 7 }, 1))
            .Should().Throw<TrainingException>().WithMessage("*head size is 7*");
    }

    [Fact]
    public void Documents_AreCutAtEndTokens_AndLongOnesIntoWindows()
    {
        var config = TestModels.Ragged(tied: true) with { ContextLength = 4 };
        var documents = new TokenDocuments(config, [5, 6, 1, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8, 1, 9]);

        var scratch = new int[16];
        var windows = documents.Windows.Select(window => string.Join(' ', documents.TokensOf(window, scratch).ToArray()));

        windows.Should().Equal("0 5 6 1", "0 7 1", "0 2 3 4 5", "5 6 7 8 1", "0 9");
        documents.DocumentCount.Should().Be(4);
        documents.PredictedTokenCount.Should().Be(3 + 2 + 4 + 4 + 1);
    }

    [Fact]
    public void Documents_WithoutText_OrOutsideTheVocabulary_AreRefused()
    {
        var config = TestModels.Ragged(tied: true);
        FluentActions.Invoking(() => new TokenDocuments(config, [])).Should().Throw<TrainingException>().WithMessage("*no document*");
        FluentActions.Invoking(() => new TokenDocuments(config, [3, 37]))
            .Should().Throw<TrainingException>().WithMessage("*token 37 at place 1*");
        var path = Path.Combine(_folder, "odd.tokens");
        File.WriteAllBytes(path, [1, 0, 2]);
        FluentActions.Invoking(() => TokenDocuments.FromFile(config, path))
            .Should().Throw<TrainingException>().WithMessage("*even number*");
        FluentActions.Invoking(() => TokenDocuments.FromFile(config, path + ".none")).Should().Throw<TrainingException>();
        File.WriteAllBytes(path, [5, 0, 6, 0, 1, 0]);
        TokenDocuments.FromFile(config, path).PredictedTokenCount.Should().Be(3);
    }

    static PretrainingOptions Options(double epochs) => new()
    {
        Epochs = epochs, BatchTokens = 96, PartsPerStep = 3, LearningRate = 1e-2, ThreadCount = 2, Seed = 3,
    };

    /// <summary>Documents that count up from a random start by one of two steps.</summary>
    static TokenDocuments Counting(ModelConfig config, int count)
    {
        var random = new Random(4);
        var tokens = new List<int>();
        for (var document = 0; document < count; document++)
        {
            var (at, step) = (random.Next(35), random.Next(1, 3));
            for (var index = random.Next(4, 12); index > 0; index--)
            {
                tokens.Add(2 + at % 35);
                at += step;
            }

            tokens.Add(1);
        }

        return new TokenDocuments(config, [.. tokens]);
    }

    static IEnumerable<float> Numbers(ModelWeights weights) => TrainedParameters.Of(weights).SelectMany(array => array.Values);
}
