using OpenLedger.Inference;
using OpenLedger.Training;

namespace OpenLedger.Testing;

/// <summary>A model with random weights that trains and answers in milliseconds.</summary>
static class TinyModel
{
    public const string Id = "md_tiny";

    /// <summary>Initial weights suit a long pretraining; there is none here, so they are made large enough to tell tokens apart.</summary>
    const float EmbeddingGain = 25;

    const float ProjectionGain = 8;

    /// <summary>Writes the model into a folder named <c>tiny</c>, after which its id is <see cref="Id"/>.</summary>
    /// <returns>The model's folder.</returns>
    public static string Write(string parent, ulong seed = 1, int contextLength = 512)
    {
        var tokenizer = TokenizerTrainer.Train(SampleWords.Texts, new TokenizerTrainerOptions { VocabularySize = 300 });
        var config = new ModelConfig
        {
            VocabularySize = tokenizer.VocabularySize,
            HiddenSize = 32,
            IntermediateSize = 64,
            LayerCount = 2,
            HeadCount = 4,
            KeyValueHeadCount = 2,
            HeadSize = 8,
            ContextLength = contextLength,
            BeginTokenId = 0,
            EndTokenIds = [1],
        };
        var weights = Pretrainer.Initialise(config, seed);
        Scale(weights.Embedding, EmbeddingGain);
        foreach (var layer in weights.Layers)
        {
            foreach (var projection in Projections.All)
            {
                Scale(layer[projection], ProjectionGain);
            }
        }

        var folder = Path.Combine(parent, "tiny");
        ModelFolder.Save(folder, weights, tokenizer);
        return folder;
    }

    static void Scale(float[] values, float gain)
    {
        for (var index = 0; index < values.Length; index++)
        {
            values[index] *= gain;
        }
    }
}
