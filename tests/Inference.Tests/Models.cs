namespace OpenLedger.Inference.Tests;

/// <summary>Small random models and a tokenizer for tests.</summary>
static class Models
{
    public static readonly Tokenizer Tokenizer = TokenizerTrainer.Train(
        ["the cat sat on the mat, the dog lay on the log; that is that, and the rest is the rest"],
        new TokenizerTrainerOptions { VocabularySize = 300 });

    /// <summary>Grouped queries, tied output.</summary>
    public static ModelConfig Grouped { get; } = new()
    {
        VocabularySize = 300,
        HiddenSize = 32,
        IntermediateSize = 48,
        LayerCount = 2,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadSize = 8,
        ContextLength = 64,
        BeginTokenId = 0,
        EndTokenIds = [1],
    };

    /// <summary>No size is a multiple of a vector, heads are wider than hidden ÷ heads, output untied.</summary>
    public static ModelConfig Odd { get; } = Grouped with
    {
        VocabularySize = 301,
        HiddenSize = 37,
        IntermediateSize = 53,
        LayerCount = 3,
        HeadCount = 3,
        KeyValueHeadCount = 1,
        HeadSize = 14,
        TieEmbeddings = false,
        RopeTheta = 500_000f,
        NormEpsilon = 1e-6f,
    };

    /// <summary>One key and value head a query head.</summary>
    public static ModelConfig Full { get; } = Grouped with { KeyValueHeadCount = 4, HiddenSize = 24, LayerCount = 1 };

    public static TheoryData<string> Names => ["grouped", "odd", "full"];

    public static ModelConfig Named(string name) => name switch
    {
        "grouped" => Grouped,
        "odd" => Odd,
        _ => Full,
    };

    public static ModelWeights Weights(ModelConfig config, int seed = 1)
    {
        var random = new Random(seed);
        var weights = new ModelWeights(config);
        foreach (var (name, shape, values) in WeightNames.All(weights))
        {
            for (var index = 0; index < values.Length; index++)
            {
                values[index] = shape.Length == 1 ? 1 + Normal(random, 0.1f) : Normal(random, 1.5f / MathF.Sqrt(config.HiddenSize));
            }
        }
        return weights;
    }

    public static LoraAdapter Adapter(
        ModelConfig config, int seed, int rank = 3, float scale = 2, bool zeroB = false, params Projection[] projections)
    {
        var random = new Random(seed);
        var adapter = new LoraAdapter(config, "tests/base");
        foreach (var projection in projections.Length == 0 ? Projections.All : projections)
        {
            for (var layer = 0; layer < config.LayerCount; layer++)
            {
                var matrix =
                    new LoraMatrix(rank, Projections.InputSize(config, projection), Projections.OutputSize(config, projection), scale);
                Fill(matrix.A, random, 0.2f);
                Fill(matrix.B, random, zeroB ? 0 : 0.2f);
                adapter[layer, projection] = matrix;
            }
        }
        return adapter;
    }

    public static int[] Tokens(int count, int vocabularySize, int seed = 5)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabularySize))];
    }

    static void Fill(float[] values, Random random, float deviation)
    {
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = Normal(random, deviation);
        }
    }

    static float Normal(Random random, float deviation) =>
        deviation * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
