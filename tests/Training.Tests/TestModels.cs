using OpenLedger.Inference;

namespace OpenLedger.Training.Tests;

/// <summary>Small models, adapters and rows for the tests.</summary>
static class TestModels
{
    /// <summary>Sizes that are no multiples of any vector, with two query heads to a key-value head.</summary>
    public static ModelConfig Ragged(bool tied) => new()
    {
        VocabularySize = 37,
        HiddenSize = 20,
        IntermediateSize = 27,
        LayerCount = 2,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadSize = 6,
        ContextLength = 40,
        TieEmbeddings = tied,
        BeginTokenId = 0,
        EndTokenIds = [1],
    };

    /// <summary>Random weights large enough that every nonlinearity bends.</summary>
    public static ModelWeights Weights(ModelConfig config, int seed)
    {
        var random = new Random(seed);
        var weights = new ModelWeights(config);
        foreach (var array in TrainedParameters.Of(weights))
        {
            for (var index = 0; index < array.Values.Length; index++)
            {
                array.Values[index] = array.Decays ? (random.NextSingle() - 0.5f) * 0.7f : 0.6f + random.NextSingle() * 0.8f;
            }
        }

        return weights;
    }

    /// <summary>An adapter on the projections named, neither factor zero.</summary>
    public static LoraAdapter Adapter(ModelConfig config, int rank, float scale, int seed, params Projection[] projections)
    {
        var random = new Random(seed);
        var adapter = new LoraAdapter(config, "test");
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (var projection in projections)
            {
                var matrix = new LoraMatrix(
                    rank, Projections.InputSize(config, projection), Projections.OutputSize(config, projection), scale);
                foreach (var factor in new[] { matrix.A, matrix.B })
                {
                    for (var index = 0; index < factor.Length; index++)
                    {
                        factor[index] = (random.NextSingle() - 0.5f) * 0.6f;
                    }
                }

                adapter[layer, projection] = matrix;
            }
        }

        return adapter;
    }

    public static int[] Tokens(ModelConfig config, int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(config.VocabularySize))];
    }
}
