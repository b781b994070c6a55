using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>The arrays that a training run changes, in a fixed order: values and gradients of one shape are listed alike.</summary>
static class TrainedParameters
{
    /// <summary>Every array of a model once, and whether weight decay applies to it: to matrices, not to norms.</summary>
    public static IReadOnlyList<TrainedArray> Of(ModelWeights weights)
    {
        var arrays = new List<TrainedArray> { new(weights.Embedding, Decays: true) };
        foreach (var layer in weights.Layers)
        {
            arrays.Add(new TrainedArray(layer.AttentionNorm, Decays: false));
            arrays.Add(new TrainedArray(layer.FeedForwardNorm, Decays: false));
            arrays.AddRange(Projections.All.Select(projection => new TrainedArray(layer[projection], Decays: true)));
        }

        arrays.Add(new TrainedArray(weights.FinalNorm, Decays: false));
        if (!ReferenceEquals(weights.Output, weights.Embedding))
        {
            arrays.Add(new TrainedArray(weights.Output, Decays: true));
        }

        return arrays;
    }

    /// <summary>Both factors of every adapted matrix.</summary>
    public static IReadOnlyList<TrainedArray> Of(LoraAdapter adapter) =>
        [.. adapter.Matrices().SelectMany(place => new[]
        {
            new TrainedArray(place.Matrix.A, Decays: true), new TrainedArray(place.Matrix.B, Decays: true),
        })];
}

readonly record struct TrainedArray(float[] Values, bool Decays);
