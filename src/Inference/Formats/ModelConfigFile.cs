using System.Globalization;
using System.Text.Json;

namespace OpenLedger.Inference;

/// <summary>Reads and writes <c>config.json</c> of the Llama family. What the model here does not compute is refused by name.</summary>
public static class ModelConfigFile
{
    public const string Name = "config.json";

    const long SizeBytesMax = 1 << 20;
    const int VocabularySizeMax = 1 << 20;
    const int WidthMax = 1 << 16;
    const int LayerCountMax = 1_024;
    const int ContextLengthMax = 1 << 24;

    /// <exception cref="ModelFormatException">The file is malformed, or describes a model that is not supported.</exception>
    public static ModelConfig Load(string path) => Parse(ModelFiles.ReadAll(path, SizeBytesMax), Path.GetFileName(path));

    /// <exception cref="ModelFormatException">The file is malformed, or describes a model that is not supported.</exception>
    public static ModelConfig Parse(ReadOnlyMemory<byte> json, string name)
    {
        var config = ModelFiles.ReadJson(json, name, root => Read(new JsonFields(root, name)));
        Check(config, name);
        return config;
    }

    static ModelConfig Read(JsonFields fields)
    {
        RefuseUnsupported(fields);
        var headCount = fields.Count("num_attention_heads", WidthMax);
        var hiddenSize = fields.Count("hidden_size", WidthMax);
        return new ModelConfig
        {
            VocabularySize = fields.Count("vocab_size", VocabularySizeMax),
            HiddenSize = hiddenSize,
            IntermediateSize = fields.Count("intermediate_size", WidthMax * 4),
            LayerCount = fields.Count("num_hidden_layers", LayerCountMax),
            HeadCount = headCount,
            KeyValueHeadCount = fields.Count("num_key_value_heads", WidthMax, headCount),
            HeadSize = fields.Count("head_dim", WidthMax, Math.Max(1, hiddenSize / headCount)),
            NormEpsilon = (float)fields.Number("rms_norm_eps", 1e-6),
            RopeTheta = (float)RopeTheta(fields),
            ContextLength = fields.Count("max_position_embeddings", ContextLengthMax),
            TieEmbeddings = fields.Flag("tie_word_embeddings", false),
            BeginTokenId = fields.Count("bos_token_id", VocabularySizeMax, 0, minimum: 0),
            EndTokenIds = fields.Ids("eos_token_id"),
        };
    }

    /// <summary>The bytes of a <c>config.json</c> that Hugging Face reads as a <c>LlamaForCausalLM</c>.</summary>
    public static byte[] ToJson(ModelConfig config, TensorPrecision precision)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("architectures");
            json.WriteStringValue("LlamaForCausalLM");
            json.WriteEndArray();
            json.WriteBoolean("attention_bias", false);
            json.WriteNumber("bos_token_id", config.BeginTokenId);
            if (config.EndTokenIds.Count == 1)
            {
                json.WriteNumber("eos_token_id", config.EndTokenIds[0]);
            }
            else
            {
                json.WriteStartArray("eos_token_id");
                foreach (var id in config.EndTokenIds)
                {
                    json.WriteNumberValue(id);
                }
                json.WriteEndArray();
            }
            json.WriteNumber("head_dim", config.HeadSize);
            json.WriteString("hidden_act", "silu");
            json.WriteNumber("hidden_size", config.HiddenSize);
            json.WriteNumber("intermediate_size", config.IntermediateSize);
            json.WriteNumber("max_position_embeddings", config.ContextLength);
            json.WriteBoolean("mlp_bias", false);
            json.WriteString("model_type", "llama");
            json.WriteNumber("num_attention_heads", config.HeadCount);
            json.WriteNumber("num_hidden_layers", config.LayerCount);
            json.WriteNumber("num_key_value_heads", config.KeyValueHeadCount);
            WriteSingle(json, "rms_norm_eps", config.NormEpsilon);
            WriteSingle(json, "rope_theta", config.RopeTheta);
            json.WriteBoolean("tie_word_embeddings", config.TieEmbeddings);
            json.WriteString("torch_dtype", precision switch
            {
                TensorPrecision.Float16 => "float16",
                TensorPrecision.BFloat16 => "bfloat16",
                _ => "float32",
            });
            json.WriteNumber("vocab_size", config.VocabularySize);
            json.WriteEndObject();
        }
        return [.. stream.ToArray(), (byte)'\n'];
    }

    /// <summary>Written as the shortest decimal that reads back as the same f32.</summary>
    static void WriteSingle(Utf8JsonWriter json, string name, float value) =>
        json.WriteNumber(
            name, decimal.Parse(value.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture));

    static void RefuseUnsupported(JsonFields fields)
    {
        var type = fields.Text("model_type", "llama");
        if (type is not ("llama" or "mistral"))
        {
            throw fields.Error("model_type", $"{type} is not supported, only llama and mistral without a sliding window.");
        }
        var activation = fields.Text("hidden_act", "silu");
        if (activation is not ("silu" or "swish"))
        {
            throw fields.Error("hidden_act", $"{activation} is not supported, only silu.");
        }
        foreach (var bias in (string[])["attention_bias", "mlp_bias"])
        {
            if (fields.Flag(bias, false))
            {
                throw fields.Error(bias, "biases are not supported.");
            }
        }
        foreach (var name in (string[])["rope_scaling", "sliding_window", "quantization_config"])
        {
            if (fields.Has(name))
            {
                throw fields.Error(name, "not supported; only null is.");
            }
        }
        if (fields.Number("partial_rotary_factor", 1) != 1)
        {
            throw fields.Error("partial_rotary_factor", "not supported; only 1 is.");
        }
    }

    /// <summary>Newer files keep the base of the frequencies inside <c>rope_parameters</c>.</summary>
    static double RopeTheta(JsonFields fields)
    {
        if (!fields.Has("rope_parameters"))
        {
            return fields.Number("rope_theta", 10_000);
        }
        var parameters = fields.Object("rope_parameters");
        var type = parameters.Text("rope_type", "default");
        return type == "default"
            ? parameters.Number("rope_theta", 10_000)
            : throw fields.Error("rope_parameters.rope_type", $"{type} is not supported, only default.");
    }

    internal static void Check(ModelConfig config, string name)
    {
        Require(config.HeadSize % 2 == 0, "head_dim", $"{config.HeadSize} is odd; rotary positions need pairs.");
        Require(
            config.HeadCount % config.KeyValueHeadCount == 0,
            "num_key_value_heads",
            $"{config.KeyValueHeadCount} does not divide the {config.HeadCount} attention heads.");
        Require(config.NormEpsilon is > 0 and < 1, "rms_norm_eps", $"{config.NormEpsilon} is not between 0 and 1.");
        Require(config.RopeTheta is > 1 and < float.PositiveInfinity, "rope_theta", $"{config.RopeTheta} is not above 1.");
        Require(config.BeginTokenId < config.VocabularySize, "bos_token_id",
            $"{config.BeginTokenId} is outside the vocabulary of {config.VocabularySize}.");
        Require(
            config.EndTokenIds.All(id => id >= 0 && id < config.VocabularySize),
            "eos_token_id",
            $"{string.Join(", ", config.EndTokenIds)} is outside the vocabulary of {config.VocabularySize}.");
        var largest = new[]
        {
            (long)config.VocabularySize * config.HiddenSize,
            (long)config.HeadCount * config.HeadSize * config.HiddenSize,
            (long)config.IntermediateSize * config.HiddenSize,
        }.Max();
        Require(
            largest <= Array.MaxLength, "hidden_size", $"a matrix of {largest} numbers is more than the {Array.MaxLength} that are taken.");

        void Require(bool holds, string field, string problem)
        {
            if (!holds)
            {
                throw new ModelFormatException(name, field, problem);
            }
        }
    }
}
