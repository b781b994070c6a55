using System.Globalization;
using OpenLedger.Inference;
using OpenLedger.Training;

namespace OpenLedger.Cli.Pretraining;

/// <summary>A base model with what it is measured by.</summary>
sealed record PretrainedModel(
    ModelWeights Weights,
    Tokenizer Tokenizer,
    PretrainCorpus Corpus,
    int[] TokensOfFirstEpoch,
    long TokenCount,
    double Seconds);

/// <summary>Makes a tokenizer, then a base model from nothing; resumes where a checkpoint lies.</summary>
sealed class PretrainRun
{
    const string BeginToken = "<|begin|>";
    const string EndToken = "<|end|>";
    const int StepsBetweenLines = 50;

    static readonly TimeSpan checkpointInterval = TimeSpan.FromMinutes(4);

    readonly PretrainSettings _settings;
    readonly TextWriter _log;

    public PretrainRun(PretrainSettings settings, TextWriter log)
    {
        _settings = settings;
        _log = log;
    }

    public PretrainedModel Run(CancellationToken cancellationToken)
    {
        _log.WriteLine("reading the corpus");
        var corpus = PretrainCorpus.Read(_settings);
        _log.WriteLine($"training a tokenizer of {_settings.VocabularySize} tokens");
        var tokenizer = TokenizerTrainer.Train(
            corpus.Texts(0),
            new TokenizerTrainerOptions { VocabularySize = _settings.VocabularySize, SpecialTokens = [BeginToken, EndToken] },
            cancellationToken);
        var config = Config(tokenizer);
        var endTokenId = config.EndTokenIds[0];
        var stream = corpus.Tokens(
            tokenizer,
            endTokenId,
            _settings.Epochs,
            epoch => _log.WriteLine($"encoding pass {epoch + 1} of {_settings.Epochs}"));
        var documents = new TokenDocuments(config, stream);
        _log.WriteLine($"{documents.DocumentCount:N0} documents, {documents.PredictedTokenCount:N0} tokens in {_settings.Epochs} passes");

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_settings.CheckpointPath))!);
        var pretrainer = new Pretrainer(config, documents, Options(), TimeProvider.System);
        _log.WriteLine(pretrainer.Step == 0
            ? $"{pretrainer.StepCount:N0} steps from nothing"
            : $"resuming at step {pretrainer.Step:N0} of {pretrainer.StepCount:N0}");
        var clock = new RunClock(_settings.CheckpointPath + ".seconds");
        var saved = TimeSpan.Zero;
        var weights = pretrainer.Run(
            progress =>
            {
                Report(progress);
                clock.Keep();
                if (clock.Elapsed - saved >= checkpointInterval)
                {
                    // The folder always holds a model that can be served: that of the last checkpoint.
                    ModelFolder.Save(_settings.OutputFolder, pretrainer.Result(), tokenizer);
                    saved = clock.Elapsed;
                }
            },
            cancellationToken);
        ModelFolder.Save(_settings.OutputFolder, weights, tokenizer);
        var firstEpoch = stream[..(stream.Length / _settings.Epochs)];
        return new PretrainedModel(weights, tokenizer, corpus, firstEpoch, documents.PredictedTokenCount, clock.Total.TotalSeconds);
    }

    PretrainingOptions Options() => new()
    {
        // The stream holds every pass already, each worded differently.
        Epochs = 1,
        BatchTokens = _settings.BatchTokens,
        LearningRate = _settings.LearningRate,
        Seed = _settings.Seed,
        CheckpointPath = _settings.CheckpointPath,
        CheckpointInterval = checkpointInterval,
    };

    ModelConfig Config(Tokenizer tokenizer) => new()
    {
        VocabularySize = tokenizer.VocabularySize,
        HiddenSize = _settings.HiddenSize,
        IntermediateSize = _settings.IntermediateSize,
        LayerCount = _settings.LayerCount,
        HeadCount = _settings.HeadCount,
        KeyValueHeadCount = _settings.KeyValueHeadCount,
        HeadSize = _settings.HiddenSize / _settings.HeadCount,
        ContextLength = _settings.ContextLength,
        BeginTokenId = tokenizer.SpecialTokens[BeginToken],
        EndTokenIds = [tokenizer.SpecialTokens[EndToken]],
    };

    void Report(PretrainingProgress progress)
    {
        if (progress.Step % StepsBetweenLines == 0 || progress.Step == progress.StepCount)
        {
            _log.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"step {progress.Step,6} of {progress.StepCount}  loss {progress.Loss:F3}  rate {progress.LearningRate:E1}  "
                + $"{progress.TokensPerSecond,6:F0} tokens/s  {progress.Remaining.TotalMinutes:F0} min left"));
        }
    }
}
