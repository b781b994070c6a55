namespace OpenLedger.Training;

/// <summary>How a base model is trained from nothing.</summary>
public sealed record PretrainingOptions
{
    /// <summary>Passes over the documents; need not be whole. Default 1.</summary>
    public double Epochs { get; init; } = 1;

    /// <summary>Tokens of one step. Default 4,096.</summary>
    public int BatchTokens { get; init; } = 4096;

    /// <summary>
    /// Parts of a step that are computed apart, on one thread each, and summed in order: at least the number of cores. Results depend
    /// on it, and not on the number of threads. Default 4.
    /// </summary>
    public int PartsPerStep { get; init; } = 4;

    /// <summary>Peak learning rate. Default 3e-3.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>The last step's learning rate as a share of the peak. Default 0.05.</summary>
    public double LearningRateFinalShare { get; init; } = 0.05;

    /// <summary>Share of the steps over which the rate rises. Default 0.02.</summary>
    public double WarmupShare { get; init; } = 0.02;

    /// <summary>Decoupled weight decay of matrices. Default 0.1.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Decay of the gradients' running mean. Default 0.9.</summary>
    public double MeanDecay { get; init; } = 0.9;

    /// <summary>Decay of the squared gradients' running mean. Default 0.95.</summary>
    public double SquareDecay { get; init; } = 0.95;

    /// <summary>Longest gradient, by its norm; longer ones are scaled down to it. Default 1.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Share of the last steps whose weights are averaged into the result; 0 for the last step's alone. Default 0.</summary>
    public double AverageLastShare { get; init; }

    /// <summary>Decides the initial weights and the order of the documents. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads, 0 for one a core. Results do not depend on it. Default 0.</summary>
    public int ThreadCount { get; init; }

    /// <summary>The file that the run's state is kept in, or null for none. A run continues from it where it exists.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Time between two checkpoints. Default 5 minutes.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <exception cref="TrainingException">An option is out of its range; the message names it.</exception>
    public void Validate()
    {
        OptionCheck.InRange(Epochs, 1e-6, 1e6, nameof(Epochs));
        OptionCheck.InRange(BatchTokens, 1, 1 << 22, nameof(BatchTokens));
        OptionCheck.InRange(PartsPerStep, 1, 256, nameof(PartsPerStep));
        OptionCheck.InRange(LearningRate, 1e-9, 10, nameof(LearningRate));
        OptionCheck.InRange(LearningRateFinalShare, 0, 1, nameof(LearningRateFinalShare));
        OptionCheck.InRange(WarmupShare, 0, 1, nameof(WarmupShare));
        OptionCheck.InRange(WeightDecay, 0, 10, nameof(WeightDecay));
        OptionCheck.InRange(MeanDecay, 0, 0.99999, nameof(MeanDecay));
        OptionCheck.InRange(SquareDecay, 0, 0.99999, nameof(SquareDecay));
        OptionCheck.InRange(ClipNorm, 1e-9, 1e9, nameof(ClipNorm));
        OptionCheck.InRange(AverageLastShare, 0, 1, nameof(AverageLastShare));
        OptionCheck.InRange(ThreadCount, 0, 256, nameof(ThreadCount));
    }
}

static class OptionCheck
{
    public static void InRange(double value, double least, double most, string name)
    {
        if (!(value >= least && value <= most))
        {
            throw new TrainingException(FormattableString.Invariant($"The option {name} is {value}; it must be from {least} to {most}."));
        }
    }
}

/// <summary>Where a pretraining run stands after a step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Mean loss over the step's tokens, nats a token.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="TokensPerSecond">Over the steps of this process.</param>
/// <param name="Remaining">Estimated time to the end.</param>
public sealed record PretrainingProgress(
    int Step, int StepCount, double Epochs, double Loss, double LearningRate, double GradientNorm, double TokensPerSecond,
    TimeSpan Remaining);
