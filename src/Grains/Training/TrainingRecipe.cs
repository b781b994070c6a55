using OpenLedger.Training;

namespace OpenLedger.Grains.Training;

/// <summary>Defaults of a LoRA job, where its specification names none. Measured in docs/benchmarks.</summary>
static class TrainingRecipe
{
    const int RankDefault = 32;
    const int EpochsDefault = 6;
    const double LearningRateDefault = 4e-3;

    /// <summary>Epochs after which the adapter's state takes part in attribution, as shares of all epochs; the last is the end.</summary>
    static readonly double[] checkpointShares = [0.5, 1];

    public static LoraTrainingOptions Options(TrainingSpecification specification, string baseModel)
    {
        var rank = specification.Rank > 0 ? specification.Rank : RankDefault;
        var epochs = specification.Epochs > 0 ? specification.Epochs : EpochsDefault;
        return new LoraTrainingOptions
        {
            BaseModel = baseModel,
            Rank = rank,
            Alpha = 2 * rank,
            Epochs = epochs,
            LearningRate = specification.LearningRate > 0 ? specification.LearningRate : LearningRateDefault,
            BatchRows = 16,
            CheckpointEpochs = [.. checkpointShares.Select(share => Math.Max(1, (int)Math.Round(share * epochs))).Distinct()],
            Seed = unchecked((ulong)specification.Seed),
        };
    }
}
