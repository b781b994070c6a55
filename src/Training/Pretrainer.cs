using System.Collections.Concurrent;
using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>Trains all parameters of a model on a token stream.</summary>
/// <remarks>Same shape, documents, options and runtime: the same weights to the bit, however often the run stopped and went on.</remarks>
public sealed class Pretrainer
{
    readonly ModelConfig _config;
    readonly PretrainingOptions _options;
    readonly TimeProvider _time;
    readonly DocumentOrder _order;
    readonly ModelWeights _weights;
    readonly IReadOnlyList<TrainedArray> _parameters;
    readonly ModelWeights[] _gradients;
    readonly IReadOnlyList<TrainedArray>[] _gradientArrays;
    readonly AdamW _optimiser;
    readonly LearningRateSchedule _schedule;
    readonly WeightAverage _average;
    readonly TokenBatch[] _batches;
    readonly double[] _losses;
    readonly ConcurrentBag<DecoderPass> _passes = [];
    readonly int _partTokens;
    readonly PretrainingState _state = new();
    readonly ulong _identity;

    /// <summary>A new run, or where <see cref="PretrainingOptions.CheckpointPath"/> names a file, the run that wrote it.</summary>
    /// <exception cref="TrainingException">Options or shape are wrong, or the checkpoint is of another run.</exception>
    public Pretrainer(ModelConfig config, TokenDocuments documents, PretrainingOptions options, TimeProvider time)
    {
        options.Validate();
        _config = config;
        _options = options;
        _time = time;
        _weights = Initialise(config, options.Seed);
        _parameters = TrainedParameters.Of(_weights);
        _gradients = [.. Enumerable.Range(0, options.PartsPerStep).Select(_ => new ModelWeights(config))];
        _gradientArrays = [.. _gradients.Select(TrainedParameters.Of)];
        var settings = new AdamWSettings((float)options.MeanDecay, (float)options.SquareDecay, 1e-8f, (float)options.WeightDecay);
        _optimiser = new AdamW(_parameters, settings);
        var batchTokens = Math.Max(1, options.BatchTokens / options.PartsPerStep);
        _partTokens = Math.Max(batchTokens, documents.Windows.Max(window => window.InputCount));
        StepCount = DocumentOrder.CountSteps(documents, batchTokens, options.PartsPerStep, options.Seed, options.Epochs);
        _schedule = new LearningRateSchedule(
            options.LearningRate, options.LearningRateFinalShare, (int)Math.Ceiling(options.WarmupShare * StepCount), StepCount);
        _order = new DocumentOrder(documents, batchTokens, options.Seed);
        _average = new WeightAverage(_parameters, StepCount, options.AverageLastShare);
        _batches = [.. Enumerable.Range(0, options.PartsPerStep).Select(_ => new TokenBatch())];
        _losses = new double[options.PartsPerStep];
        _identity = Identity(documents);
        if (options.CheckpointPath is { } path && File.Exists(path))
        {
            PretrainingCheckpoint.Read(path, _identity, State());
            _order.MoveTo(_state.Epoch, _state.Place);
            _optimiser.StepCount = _state.Step;
            _average.MoveTo(_state.Step);
        }
    }

    /// <summary>Steps of the whole run.</summary>
    public int StepCount { get; }

    /// <summary>Steps done.</summary>
    public int Step => _state.Step;

    /// <summary>The weights under training: the last step's, not averaged.</summary>
    public ModelWeights Weights => _weights;

    /// <summary>Random weights: normal with deviation 0.02 (residual outputs 0.02 ÷ √(2 · layers)), norms 1.</summary>
    /// <remarks>Radford et al., Language models are unsupervised multitask learners (2019), section 2.3.</remarks>
    /// <exception cref="TrainingException">The shape makes no model.</exception>
    public static ModelWeights Initialise(ModelConfig config, ulong seed)
    {
        ModelShape.Validate(config);
        const float deviation = 0.02f;
        var weights = new ModelWeights(config);
        var generator = new SeededGenerator(SeededGenerator.Mix(seed));
        var residual = deviation / MathF.Sqrt(2f * config.LayerCount);
        Fill(weights.Embedding, deviation, ref generator);
        foreach (var layer in weights.Layers)
        {
            layer.AttentionNorm.AsSpan().Fill(1);
            layer.FeedForwardNorm.AsSpan().Fill(1);
            foreach (var projection in Projections.All)
            {
                var closes = projection is Projection.AttentionOutput or Projection.Down;
                Fill(layer[projection], closes ? residual : deviation, ref generator);
            }
        }

        weights.FinalNorm.AsSpan().Fill(1);
        if (!ReferenceEquals(weights.Output, weights.Embedding))
        {
            Fill(weights.Output, deviation, ref generator);
        }

        return weights;
    }

    /// <summary>Trains to the end, or to a cancellation, which writes a checkpoint first where one is kept.</summary>
    /// <param name="progress">Called after every step, on this thread.</param>
    /// <returns>The trained weights: the average of the last steps' where asked for.</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled between two steps.</exception>
    public ModelWeights Run(Action<PretrainingProgress>? progress, CancellationToken cancellation)
    {
        using var pool = new ComputePool(_options.ThreadCount, "pretrain");
        var started = _time.GetTimestamp();
        var saved = started;
        var (tokens, firstStep) = (0L, _state.Step);
        while (_state.Step < StepCount)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                cancellation.ThrowIfCancellationRequested();
            }

            var (loss, norm, rate, count) = RunStep(pool);
            tokens += count;
            if (progress is not null)
            {
                var elapsed = _time.GetElapsedTime(started);
                var remaining = elapsed / (_state.Step - firstStep) * (StepCount - _state.Step);
                progress(new PretrainingProgress(
                    _state.Step, StepCount, _order.EpochsRead, loss, rate, norm, tokens / Math.Max(1e-9, elapsed.TotalSeconds), remaining));
            }

            if (_time.GetElapsedTime(saved) >= _options.CheckpointInterval)
            {
                Save();
                saved = _time.GetTimestamp();
            }
        }

        Save();
        return Result();
    }

    /// <summary>The weights as they would be returned now.</summary>
    public ModelWeights Result()
    {
        var result = new ModelWeights(_config);
        var arrays = TrainedParameters.Of(result);
        for (var index = 0; index < arrays.Count; index++)
        {
            _average.Result(index).CopyTo(arrays[index].Values.AsSpan());
        }

        return result;
    }

    static void Fill(float[] values, float deviation, ref SeededGenerator generator)
    {
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = generator.NextNormal() * deviation;
        }
    }

    (double Loss, double Norm, double Rate, int Tokens) RunStep(ComputePool pool)
    {
        foreach (var batch in _batches)
        {
            _order.Fill(batch);
        }

        var weight = _batches.Sum(batch => batch.WeightTotal);
        pool.Run(_batches.Length, part =>
        {
            foreach (var array in _gradientArrays[part])
            {
                array.Values.AsSpan().Clear();
            }

            if (!_passes.TryTake(out var pass))
            {
                pass = new DecoderPass(_config, _partTokens);
            }

            pass.Forward(_weights, null, _batches[part]);
            _losses[part] = pass.Backward(_weights, null, _batches[part], 1 / weight, _gradients[part], null);
            _passes.Add(pass);
        });
        var norm = _optimiser.Reduce(pool, _gradientArrays);
        var rate = _schedule.At(_state.Step);
        _optimiser.Step(pool, _gradientArrays[0], (float)rate, (float)Math.Min(1, _options.ClipNorm / Math.Max(norm, 1e-30)));
        _state.Step++;
        (_state.Epoch, _state.Place) = (_order.Epoch, _order.Place);
        _average.Add(_state.Step);
        return (_losses.Sum() / weight, norm, rate, _batches.Sum(batch => batch.TokenCount));
    }

    PretrainingContent State() => new(
        _state, [.. _parameters.Select(parameter => parameter.Values), .. _optimiser.Means, .. _optimiser.Squares, .. _average.Sums]);

    void Save()
    {
        if (_options.CheckpointPath is { } path)
        {
            PretrainingCheckpoint.Write(path, _identity, State());
        }
    }

    /// <summary>A number that differs between runs that must not continue each other.</summary>
    ulong Identity(TokenDocuments documents)
    {
        var identity = SeededGenerator.Mix(_options.Seed);
        foreach (var number in new[]
        {
            _config.VocabularySize, _config.HiddenSize, _config.IntermediateSize, _config.LayerCount, _config.HeadCount,
            _config.KeyValueHeadCount, _config.HeadSize, _config.ContextLength, _config.TieEmbeddings ? 1 : 0, _config.RopeTheta,
            _config.NormEpsilon, documents.Windows.Count, documents.PredictedTokenCount, _options.Epochs, _options.BatchTokens,
            _options.PartsPerStep, _options.LearningRate, _options.LearningRateFinalShare, _options.WarmupShare, _options.WeightDecay,
            _options.MeanDecay, _options.SquareDecay, _options.ClipNorm, _options.AverageLastShare,
        })
        {
            identity = SeededGenerator.Mix(identity ^ (ulong)BitConverter.DoubleToInt64Bits(number));
        }

        return identity;
    }
}
