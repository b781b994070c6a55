namespace OpenLedger.Inference;

/// <summary>Names and shapes of a Llama checkpoint's tensors, in the order in which they are written.</summary>
public static class WeightNames
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string Output = "lm_head.weight";

    /// <summary>Every tensor of the model with its name and shape; the output table only where it is not tied.</summary>
    public static IEnumerable<(string Name, long[] Shape, float[] Values)> All(ModelWeights weights)
    {
        var arrays = Arrays(weights).GetEnumerator();
        foreach (var (name, shape) in Shapes(weights.Config))
        {
            arrays.MoveNext();
            yield return (name, shape, arrays.Current);
        }
    }

    /// <summary>The names and shapes that a configuration asks for.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Shapes(ModelConfig config)
    {
        yield return (Embedding, [config.VocabularySize, config.HiddenSize]);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            yield return ($"model.layers.{layer}.input_layernorm.weight", [config.HiddenSize]);
            yield return ($"model.layers.{layer}.post_attention_layernorm.weight", [config.HiddenSize]);
            foreach (var projection in Projections.All)
            {
                yield return (
                    $"model.layers.{layer}.{Projections.ModuleName(projection)}.weight",
                    [Projections.OutputSize(config, projection), Projections.InputSize(config, projection)]);
            }
        }
        yield return (FinalNorm, [config.HiddenSize]);
        if (!config.TieEmbeddings)
        {
            yield return (Output, [config.VocabularySize, config.HiddenSize]);
        }
    }

    static IEnumerable<float[]> Arrays(ModelWeights weights)
    {
        yield return weights.Embedding;
        foreach (var layer in weights.Layers)
        {
            yield return layer.AttentionNorm;
            yield return layer.FeedForwardNorm;
            foreach (var projection in Projections.All)
            {
                yield return layer[projection];
            }
        }
        yield return weights.FinalNorm;
        if (!weights.Config.TieEmbeddings)
        {
            yield return weights.Output;
        }
    }
}
