using System.Diagnostics;
using OpenLedger.Bench.Measuring;
using OpenLedger.Bench.Reports;
using OpenLedger.Bench.Samples;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Training;
using OpenLedger.Inference;
using OpenLedger.Training;

namespace OpenLedger.Bench.Training;

/// <summary>LoRA training by the jobs' own recipe, pretraining of all parameters, and answer gradients, on all cores.</summary>
sealed class TrainBenchmark
{
    const int EpochCount = 3;
    const int PretrainingEpochs = 4;
    const int StepsUnmeasured = 3;
    const int GradientChunkCount = 12;

    /// <summary>Steps of 16 rows differ in tokens; so many together are of about one size.</summary>
    const int LoraWindowSteps = 10;

    readonly ModelFolder _model;
    readonly long _seed;
    readonly IReadOnlyList<TrainingExample> _rows;

    public TrainBenchmark(ModelFolder model, Sample sample, long seed)
    {
        _model = model;
        _seed = seed;
        _rows = [.. sample.Rows.Select(row => RowTokens.Example(model, row.Row))];
    }

    public BenchReport Run(CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        ProgressLine.Write($"LoRA, {EpochCount} epochs of {_rows.Count} rows");
        figures.AddRange(Lora(cancellationToken));
        ProgressLine.Write("pretraining");
        figures.AddRange(Pretraining(cancellationToken));
        ProgressLine.Write("answer gradients");
        figures.AddRange(Gradients());
        return new BenchReport("train", figures, []);
    }

    IEnumerable<Figure> Lora(CancellationToken cancellationToken)
    {
        var steps = new StepClock();
        var specification = Specification(_seed, EpochCount);
        var options = TrainingRecipe.Options(specification, "");
        new LoraTrainer(TimeProvider.System).Train(
            _model.Weights, _rows, options, progress => steps.Mark(progress.StepCount), cancellationToken);
        var tokens = (double)EpochCount * _rows.Sum(row => row.Tokens.Length - 1);
        return steps.Figures("lora", tokens, LoraWindowSteps).Append(new Figure("lora/epoch", tokens / EpochCount, "tokens"));
    }

    IEnumerable<Figure> Pretraining(CancellationToken cancellationToken)
    {
        int[] stream = [.. _rows.SelectMany(row => row.Tokens.Skip(1))];
        var documents = new TokenDocuments(_model.Config, stream);
        var options = new PretrainingOptions { Epochs = PretrainingEpochs, Seed = unchecked((ulong)_seed) };
        var steps = new StepClock();
        new Pretrainer(_model.Config, documents, options, TimeProvider.System).Run(
            progress => steps.Mark(progress.StepCount), cancellationToken);
        return steps.Figures("pretraining", (double)PretrainingEpochs * documents.PredictedTokenCount, windowSteps: 1);
    }

    /// <summary>Gradients as the attribution artefacts take them, in chunks of as many rows.</summary>
    IEnumerable<Figure> Gradients()
    {
        using var pool = new ComputePool(0, "bench");
        var adapter = LoraTrainer.Initialise(_model.Config, TrainingRecipe.Options(Specification(_seed, EpochCount), ""));
        var gradients = new AnswerGradients(_model.Weights, adapter, AttributionRecipe.Selection, pool);
        var chunks = _rows.Chunk(AttributionRecipe.RowsPerChunk)
            .Where(chunk => chunk.Length == AttributionRecipe.RowsPerChunk).ToList();
        var buffer = new float[(long)gradients.RowLength * AttributionRecipe.RowsPerChunk];
        var next = 0;
        var rates = Repetition.Rate(
            StepsUnmeasured,
            GradientChunkCount,
            AttributionRecipe.RowsPerChunk,
            () => gradients.Compute(chunks[next++ % chunks.Count], buffer));
        yield return new Figure("gradients/median", rates.Median, "rows/s");
        yield return new Figure("gradients/best", rates.Best, "rows/s");
        yield return new Figure("gradients/processor", rates.PerProcessorSecond, "rows/CPU-s");
    }

    static TrainingSpecification Specification(long seed, int epochs) => new("", "", "", 1, "", seed, Epochs: epochs);

    /// <summary>Times steps, the first few apart: they compile the code.</summary>
    sealed class StepClock
    {
        readonly List<double> _seconds = [];
        long _marked;
        int _stepCount;
        TimeSpan _processorFirst;
        TimeSpan _processorLast;

        public void Mark(int stepCount)
        {
            var now = Stopwatch.GetTimestamp();
            _stepCount = stepCount;
            _seconds.Add(_marked == 0 ? 0 : Stopwatch.GetElapsedTime(_marked, now).TotalSeconds);
            _marked = now;
            _processorLast = Environment.CpuUsage.TotalTime;
            if (_seconds.Count == StepsUnmeasured)
            {
                _processorFirst = _processorLast;
            }
        }

        /// <param name="tokens">Of all steps together.</param>
        /// <param name="windowSteps">Steps that are timed together.</param>
        public IEnumerable<Figure> Figures(string name, double tokens, int windowSteps)
        {
            var perStep = tokens / _stepCount;
            var windows = _seconds.Skip(StepsUnmeasured).Chunk(windowSteps).Where(window => window.Length == windowSteps)
                .Select(window => window.Sum()).ToList();
            if (windows.Count == 0)
            {
                throw new UserErrorException(
                    $"The sample makes {_stepCount} steps of {name}; {StepsUnmeasured + windowSteps} are the fewest to time.");
            }

            var processor = (_processorLast - _processorFirst).TotalSeconds;
            yield return new Figure($"{name}/median", perStep * windowSteps / Repetition.Median(windows), "tokens/s");
            yield return new Figure($"{name}/best", perStep * windowSteps / windows.Min(), "tokens/s");
            yield return new Figure($"{name}/processor", perStep * (_seconds.Count - StepsUnmeasured) / processor, "tokens/CPU-s");
        }
    }
}
