using System.Collections.Concurrent;
using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>Trains LoRA adapters over a frozen base.</summary>
/// <remarks>
/// Same base, rows, options and runtime: the same adapter to the bit, on any number of threads. Rows of weight 0 change nothing at all.
/// </remarks>
public sealed class LoraTrainer(TimeProvider time)
{
    /// <summary>A new adapter: A uniform within ±1 ÷ √inputs, B zero, so that it changes nothing yet.</summary>
    /// <remarks>As PEFT initialises; Hu et al., LoRA (2021), section 4.1.</remarks>
    public static LoraAdapter Initialise(ModelConfig config, LoraTrainingOptions options)
    {
        var adapter = new LoraAdapter(config, options.BaseModel);
        var generator = new SeededGenerator(SeededGenerator.Mix(options.Seed));
        var scale = options.Alpha / (options.RankStabilised ? Math.Sqrt(options.Rank) : options.Rank);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (var projection in options.Projections.Order())
            {
                var matrix = new LoraMatrix(
                    options.Rank, Projections.InputSize(config, projection), Projections.OutputSize(config, projection), (float)scale);
                var bound = 1 / Math.Sqrt(matrix.InputSize);
                for (var index = 0; index < matrix.A.Length; index++)
                {
                    matrix.A[index] = (float)((2 * generator.NextDouble() - 1) * bound);
                }

                adapter[layer, projection] = matrix;
            }
        }

        return adapter;
    }

    /// <summary>Trains one adapter on the rows' answer tokens.</summary>
    /// <param name="progress">Called after every step, on this thread.</param>
    /// <param name="checkpoint">Called after the epochs of <see cref="LoraTrainingOptions.CheckpointEpochs"/>, on this thread.</param>
    /// <exception cref="TrainingException">An option, the model's shape or a row is wrong, or no row has anything to learn.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled between two steps.</exception>
    public LoraAdapter Train(
        ModelWeights weights, IReadOnlyList<TrainingExample> rows, LoraTrainingOptions options, Action<TrainingProgress>? progress = null,
        CancellationToken cancellation = default, Action<LoraCheckpoint>? checkpoint = null)
    {
        options.Validate();
        ModelShape.Validate(weights.Config);
        TrainingExample.Validate(weights.Config, rows);
        var learned = rows.Where(row => row.Weight > 0 && row.AnswerTokenCount > 0).ToArray();
        if (learned.Length == 0)
        {
            throw new TrainingException("No row has an answer token of positive weight; there is nothing to learn from.");
        }

        using var run = new LoraRun(weights, learned, options);
        var started = time.GetTimestamp();
        var tokens = 0L;
        for (var epoch = 1; epoch <= options.Epochs; epoch++)
        {
            run.Shuffle(epoch);
            for (var batch = 0; batch < run.StepsPerEpoch; batch++)
            {
                cancellation.ThrowIfCancellationRequested();
                var step = run.Advance(batch);
                tokens += step.Tokens;
                progress?.Invoke(new TrainingProgress(
                    run.Step, run.StepCount, epoch, step.Loss, step.Rate, step.Norm,
                    tokens / Math.Max(1e-9, time.GetElapsedTime(started).TotalSeconds)));
            }

            if (checkpoint is not null && options.CheckpointEpochs.Contains(epoch))
            {
                checkpoint(new LoraCheckpoint(epoch, run.Copy()));
            }
        }

        return run.Result();
    }
}

/// <summary>The state of one training run.</summary>
sealed class LoraRun : IDisposable
{
    readonly ModelWeights _weights;
    readonly FrozenWeights _frozen;
    readonly TrainingExample[] _rows;
    readonly LoraTrainingOptions _options;
    readonly LoraAdapter _adapter;
    readonly LoraAdapter[] _gradients;
    readonly IReadOnlyList<TrainedArray>[] _gradientArrays;
    readonly AdamW _optimiser;
    readonly LearningRateSchedule _schedule;
    readonly WeightAverage _average;
    readonly TokenBatch[] _batches;
    readonly double[] _losses;
    readonly int[] _order;
    readonly ConcurrentBag<DecoderPass> _passes = [];
    readonly ComputePool _pool;
    readonly int _partTokensMax;

    public LoraRun(ModelWeights weights, TrainingExample[] rows, LoraTrainingOptions options)
    {
        _weights = weights;
        _frozen = new FrozenWeights(weights);
        _rows = rows;
        _options = options;
        _adapter = LoraTrainer.Initialise(weights.Config, options);
        _gradients = [.. Enumerable.Range(0, options.PartsPerStep).Select(_ => LoraTrainer.Initialise(weights.Config, options))];
        _gradientArrays = [.. _gradients.Select(TrainedParameters.Of)];
        var parameters = TrainedParameters.Of(_adapter);
        var settings = new AdamWSettings((float)options.MeanDecay, (float)options.SquareDecay, 1e-8f, (float)options.WeightDecay);
        _optimiser = new AdamW(parameters, settings);
        StepsPerEpoch = (rows.Length + options.BatchRows - 1) / options.BatchRows;
        StepCount = checked(StepsPerEpoch * options.Epochs);
        _schedule = new LearningRateSchedule(
            options.LearningRate, options.LearningRateFinalShare, (int)Math.Ceiling(options.WarmupShare * StepCount), StepCount);
        _average = new WeightAverage(parameters, StepCount, options.AverageLastShare);
        _batches = [.. Enumerable.Range(0, options.PartsPerStep).Select(_ => new TokenBatch())];
        _losses = new double[options.PartsPerStep];
        _order = new int[rows.Length];
        _partTokensMax = PartTokensMax(rows, options);
        _pool = new ComputePool(options.ThreadCount, "lora");
    }

    public int StepsPerEpoch { get; }

    public int StepCount { get; }

    public int Step { get; private set; }

    public void Dispose() => _pool.Dispose();

    /// <summary>A new order of the rows for an epoch.</summary>
    public void Shuffle(int epoch)
    {
        for (var index = 0; index < _order.Length; index++)
        {
            _order[index] = index;
        }

        new SeededGenerator(SeededGenerator.Mix(_options.Seed + 0x10000UL * (ulong)epoch)).Shuffle(_order);
    }

    /// <summary>One step on the epoch's next rows.</summary>
    public (double Loss, double Norm, double Rate, int Tokens) Advance(int batch)
    {
        FillBatches(batch);
        var weight = _batches.Sum(part => part.WeightTotal);
        _pool.Run(_batches.Length, part =>
        {
            foreach (var array in _gradientArrays[part])
            {
                array.Values.AsSpan().Clear();
            }

            if (!_passes.TryTake(out var pass))
            {
                pass = new DecoderPass(_weights.Config, _partTokensMax) { Frozen = _frozen };
            }

            pass.Dropout = new AdapterDropout((float)_options.Dropout, _options.Seed + (ulong)Step * 1024 + (ulong)part);
            pass.Forward(_weights, _adapter, _batches[part]);
            var sink = new LoraGradientSum(_gradients[part]);
            _losses[part] = pass.Backward(_weights, _adapter, _batches[part], 1 / weight, null, sink);
            _passes.Add(pass);
        });
        var norm = _optimiser.Reduce(_pool, _gradientArrays);
        var rate = _schedule.At(Step);
        _optimiser.Step(_pool, _gradientArrays[0], (float)rate, (float)Math.Min(1, _options.ClipNorm / Math.Max(norm, 1e-30)));
        Step++;
        _average.Add(Step);
        return (_losses.Sum() / weight, norm, rate, _batches.Sum(part => part.TokenCount));
    }

    /// <summary>The adapter as it is now.</summary>
    public LoraAdapter Copy()
    {
        var copy = LoraTrainer.Initialise(_weights.Config, _options);
        foreach (var (from, to) in TrainedParameters.Of(_adapter).Zip(TrainedParameters.Of(copy)))
        {
            from.Values.CopyTo(to.Values.AsSpan());
        }

        return copy;
    }

    /// <summary>The adapter of the last step, or the average of the last steps'.</summary>
    public LoraAdapter Result()
    {
        var result = Copy();
        var arrays = TrainedParameters.Of(result);
        for (var index = 0; index < arrays.Count; index++)
        {
            _average.Result(index).CopyTo(arrays[index].Values.AsSpan());
        }

        return result;
    }

    /// <summary>No part ever holds more: a row goes to the part with the fewest tokens, so none exceeds the mean by over a row.</summary>
    static int PartTokensMax(TrainingExample[] rows, LoraTrainingOptions options)
    {
        var lengths = rows.Select(row => row.Tokens.Length - 1).OrderDescending().ToArray();
        var batch = lengths.Take(options.BatchRows).Sum(length => (long)length);
        return checked((int)(batch / options.PartsPerStep + lengths[0]));
    }

    void FillBatches(int batch)
    {
        foreach (var part in _batches)
        {
            part.Clear();
        }

        var end = Math.Min(_order.Length, (batch + 1) * _options.BatchRows);
        for (var index = batch * _options.BatchRows; index < end; index++)
        {
            var row = _rows[_order[index]];
            _batches.MinBy(part => part.TokenCount)!.Add(row.Tokens, row.AnswerStart, row.Weight);
        }
    }
}
