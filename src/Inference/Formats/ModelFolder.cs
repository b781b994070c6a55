using System.Text;
using System.Text.Json;

namespace OpenLedger.Inference;

/// <summary>
/// A model in Hugging Face's layout: <c>config.json</c>, <c>model.safetensors</c>, <c>tokenizer.json</c>, checked against each other.
/// </summary>
public sealed class ModelFolder
{
    public const string WeightsName = "model.safetensors";
    public const string TokenizerName = "tokenizer.json";
    const string TokenizerConfigName = "tokenizer_config.json";

    /// <summary>The files that make the model what it is, in ordinal order.</summary>
    static readonly IReadOnlyList<string> Files = [ModelConfigFile.Name, WeightsName, TokenizerName];

    ModelFolder(ModelWeights weights, Tokenizer tokenizer, ContentHash contentHash)
    {
        Weights = weights;
        Tokenizer = tokenizer;
        ContentHash = contentHash;
    }

    public ModelConfig Config => Weights.Config;

    public ModelWeights Weights { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>See <see cref="HashOf"/>.</summary>
    public ContentHash ContentHash { get; }

    /// <summary>Loads a model. BF16 and F16 weights are widened to f32.</summary>
    /// <exception cref="ModelFormatException">A file is missing, malformed, unsupported, or disagrees with another; file and tensor are
    /// named.</exception>
    public static ModelFolder Load(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new ModelFormatException(path, "model folder", "there is no such folder.");
        }
        var config = ModelConfigFile.Load(Path.Combine(path, ModelConfigFile.Name));
        var tokenizer = Tokenizer.Load(Path.Combine(path, TokenizerName));
        if (tokenizer.VocabularySize > config.VocabularySize)
        {
            throw new ModelFormatException(
                TokenizerName, "vocabulary",
                $"has token ids up to {tokenizer.VocabularySize - 1}, but {ModelConfigFile.Name} states {config.VocabularySize} tokens.");
        }
        var weightsPath = Path.Combine(path, WeightsName);
        if (!File.Exists(weightsPath) && File.Exists(weightsPath + ".index.json"))
        {
            throw new ModelFormatException(
                WeightsName, "file", "the weights are sharded, which is not supported; join them into one file.");
        }
        using var file = SafetensorsFile.Open(weightsPath);
        return new ModelFolder(ReadWeights(config, file), tokenizer, HashOf(path));
    }

    /// <summary>Writes a model; each file whole or not at all, the configuration last.</summary>
    /// <exception cref="ModelFormatException">The tokenizer has more tokens than the model.</exception>
    public static void Save(string path, ModelWeights weights, Tokenizer tokenizer, TensorPrecision precision = TensorPrecision.BFloat16)
    {
        ModelConfigFile.Check(weights.Config, ModelConfigFile.Name);
        if (tokenizer.VocabularySize > weights.Config.VocabularySize)
        {
            throw new ModelFormatException(
                TokenizerName, "vocabulary",
                $"has token ids up to {tokenizer.VocabularySize - 1}, but the model has {weights.Config.VocabularySize} tokens.");
        }
        Directory.CreateDirectory(path);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" };
        SafetensorsWriter.Write(
            Path.Combine(path, WeightsName),
            [.. WeightNames.All(weights).Select(tensor => new SafetensorsTensor(tensor.Name, precision, tensor.Shape, tensor.Values))],
            metadata);
        tokenizer.Save(Path.Combine(path, TokenizerName));
        ModelFiles.WriteAll(Path.Combine(path, TokenizerConfigName), TokenizerConfig(weights.Config, tokenizer));
        ModelFiles.WriteAll(Path.Combine(path, ModelConfigFile.Name), ModelConfigFile.ToJson(weights.Config, precision));
    }

    /// <summary>
    /// The hash of what <c>sha256sum config.json model.safetensors tokenizer.json</c> prints in the folder: anybody can check it
    /// with that command piped into another <c>sha256sum</c>.
    /// </summary>
    /// <exception cref="ModelFormatException">A file cannot be read.</exception>
    public static ContentHash HashOf(string path)
    {
        var lines = new StringBuilder();
        foreach (var name in Files)
        {
            try
            {
                using var stream = File.OpenRead(Path.Combine(path, name));
                lines.Append(ContentHash.OfStream(stream).Hex).Append("  ").Append(name).Append('\n');
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new ModelFormatException(name, "file", $"cannot be read from {path}: {error.Message}", error);
            }
        }
        return ContentHash.OfText(lines.ToString());
    }

    static ModelWeights ReadWeights(ModelConfig config, SafetensorsFile file)
    {
        CheckNames(config, file);
        var weights = new ModelWeights(config);
        foreach (var tensor in WeightNames.All(weights))
        {
            file.Read(tensor.Name, [.. tensor.Shape], tensor.Values);
            if (tensor.Values.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw new ModelFormatException(WeightsName, $"tensor {tensor.Name}", "holds a value that is not finite.");
            }
        }
        if (config.TieEmbeddings && file.Contains(WeightNames.Output))
        {
            var output = new float[weights.Embedding.Length];
            file.Read(WeightNames.Output, [config.VocabularySize, config.HiddenSize], output);
            if (!output.AsSpan().SequenceEqual(weights.Embedding))
            {
                throw new ModelFormatException(WeightsName, $"tensor {WeightNames.Output}",
                    $"differs from {WeightNames.Embedding}, though {ModelConfigFile.Name} ties them.");
            }
        }
        return weights;
    }

    /// <summary>
    /// Checked before anything large is allocated: a small file cannot make the reader reserve what only its configuration claims.
    /// </summary>
    static void CheckNames(ModelConfig config, SafetensorsFile file)
    {
        var expected = WeightNames.Shapes(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape, StringComparer.Ordinal);
        foreach (var (name, shape) in expected)
        {
            if (!file[name].Shape.SequenceEqual(shape))
            {
                throw new ModelFormatException(
                    WeightsName, $"tensor {name}",
                    $"shape {SafetensorsHeader.Text(shape)} follows from {ModelConfigFile.Name}, {file[name].ShapeText} is there.");
            }
        }
        foreach (var entry in file.Entries)
        {
            // Old checkpoints store the rotary frequencies, which follow from the configuration.
            var known = expected.ContainsKey(entry.Name)
                || (config.TieEmbeddings && entry.Name == WeightNames.Output)
                || entry.Name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);
            if (!known)
            {
                throw new ModelFormatException(
                    WeightsName, $"tensor {entry.Name}", "is not part of the model that the configuration describes.");
            }
        }
    }

    static byte[] TokenizerConfig(ModelConfig config, Tokenizer tokenizer)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("bos_token", Encoding.UTF8.GetString(tokenizer.BytesOf(config.BeginTokenId)));
            if (config.EndTokenIds.Count > 0)
            {
                json.WriteString("eos_token", Encoding.UTF8.GetString(tokenizer.BytesOf(config.EndTokenIds[0])));
            }
            json.WriteNumber("model_max_length", config.ContextLength);
            json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
            json.WriteEndObject();
        }
        return [.. stream.ToArray(), (byte)'\n'];
    }
}
