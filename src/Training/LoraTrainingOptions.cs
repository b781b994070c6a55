using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>How a LoRA adapter is trained.</summary>
public sealed record LoraTrainingOptions
{
    /// <summary>The base model's name, as the adapter records it.</summary>
    public string BaseModel { get; init; } = "";

    /// <summary>Rank of every adapted matrix. Default 32.</summary>
    public int Rank { get; init; } = 32;

    /// <summary>α: the adapter's change is scaled by α ÷ rank. Default 32.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Scales by α ÷ √rank instead. Default false.</summary>
    /// <remarks>Kalajdzievski, A rank stabilization scaling factor for fine-tuning with LoRA (2023).</remarks>
    public bool RankStabilised { get; init; }

    /// <summary>The projections to adapt, in every layer. Default all seven.</summary>
    public IReadOnlyList<Projection> Projections { get; init; } = Inference.Projections.All;

    /// <summary>Peak learning rate. Default 4e-3.</summary>
    public double LearningRate { get; init; } = 4e-3;

    /// <summary>The last step's learning rate as a share of the peak. Default 0.</summary>
    public double LearningRateFinalShare { get; init; }

    /// <summary>Share of the steps over which the rate rises. Default 0.05.</summary>
    public double WarmupShare { get; init; } = 0.05;

    /// <summary>Passes over the rows. Default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Rows of one step. Default 16.</summary>
    public int BatchRows { get; init; } = 16;

    /// <summary>
    /// Parts of a step that are computed apart, on one thread each, and summed in order. Results depend on it, and not on the number of
    /// threads. Default 2.
    /// </summary>
    public int PartsPerStep { get; init; } = 2;

    /// <summary>Decoupled weight decay of both factors. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Decay of the gradients' running mean. Default 0.9.</summary>
    public double MeanDecay { get; init; } = 0.9;

    /// <summary>Decay of the squared gradients' running mean. Default 0.99.</summary>
    public double SquareDecay { get; init; } = 0.99;

    /// <summary>The chance of an adapter's input to be dropped. Default 0.</summary>
    public double Dropout { get; init; }

    /// <summary>Longest gradient, by its norm; longer ones are scaled down to it. Default 1.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Share of the last steps whose factors are averaged into the result; 0 for the last step's alone. Default 0.</summary>
    public double AverageLastShare { get; init; }

    /// <summary>Epochs, counted from 1, after which a copy of the adapter goes to the checkpoint callback. Default none.</summary>
    public IReadOnlyList<int> CheckpointEpochs { get; init; } = [];

    /// <summary>Decides the initial factors, the order of the rows and what is dropped. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads, 0 for one a core. Results do not depend on it. Default 0.</summary>
    public int ThreadCount { get; init; }

    /// <exception cref="TrainingException">An option is out of its range; the message names it.</exception>
    public void Validate()
    {
        OptionCheck.InRange(Rank, 1, 1024, nameof(Rank));
        OptionCheck.InRange(Alpha, 1e-6, 1e6, nameof(Alpha));
        OptionCheck.InRange(LearningRate, 1e-9, 10, nameof(LearningRate));
        OptionCheck.InRange(LearningRateFinalShare, 0, 1, nameof(LearningRateFinalShare));
        OptionCheck.InRange(WarmupShare, 0, 1, nameof(WarmupShare));
        OptionCheck.InRange(Epochs, 1, 100_000, nameof(Epochs));
        OptionCheck.InRange(BatchRows, 1, 65_536, nameof(BatchRows));
        OptionCheck.InRange(PartsPerStep, 1, 256, nameof(PartsPerStep));
        OptionCheck.InRange(WeightDecay, 0, 10, nameof(WeightDecay));
        OptionCheck.InRange(MeanDecay, 0, 0.99999, nameof(MeanDecay));
        OptionCheck.InRange(SquareDecay, 0, 0.99999, nameof(SquareDecay));
        OptionCheck.InRange(Dropout, 0, 0.95, nameof(Dropout));
        OptionCheck.InRange(ClipNorm, 1e-9, 1e9, nameof(ClipNorm));
        OptionCheck.InRange(AverageLastShare, 0, 1, nameof(AverageLastShare));
        OptionCheck.InRange(ThreadCount, 0, 256, nameof(ThreadCount));
        if (Projections.Count == 0 || Projections.Distinct().Count() != Projections.Count || !Projections.All(Enum.IsDefined))
        {
            throw new TrainingException("The option Projections must name at least one projection, and none twice.");
        }
    }
}

/// <summary>Where a training run stands after a step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">The epoch under way, counted from 1.</param>
/// <param name="Loss">Mean loss over the step's counted tokens, nats a token.</param>
/// <param name="TokensPerSecond">Tokens read a second since the run began.</param>
public sealed record TrainingProgress(
    int Step, int StepCount, int Epoch, double Loss, double LearningRate, double GradientNorm, double TokensPerSecond);

/// <summary>A copy of the adapter as it was after an epoch, counted from 1.</summary>
public sealed record LoraCheckpoint(int Epoch, LoraAdapter Adapter);
