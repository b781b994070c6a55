using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpenLedger.Inference;

/// <summary>PEFT's <c>adapter_config.json</c> of a LoRA adapter. What is not computed here is refused by name.</summary>
sealed class AdapterConfigFile
{
    public const string Name = "adapter_config.json";
    public const long SizeBytesMax = 1 << 20;

    const int RankMax = 4_096;
    const int PatternsMax = 16_384;

    /// <summary>Longest time that one pattern may take over one module's name.</summary>
    static readonly TimeSpan MatchTimeMax = TimeSpan.FromSeconds(1);

    readonly string _file;
    readonly int _rank;
    readonly double _alpha;
    readonly bool _rankStabilized;
    readonly IReadOnlyList<(Regex Pattern, double Value)> _rankPatterns;
    readonly IReadOnlyList<(Regex Pattern, double Value)> _alphaPatterns;
    readonly Func<string, bool> _targets;

    AdapterConfigFile(JsonFields fields, string file)
    {
        _file = file;
        BaseModel = fields.Text("base_model_name_or_path", "");
        _rank = fields.Count("r", RankMax, 8);
        _alpha = fields.Number("lora_alpha", 8);
        _rankStabilized = fields.Flag("use_rslora", false);
        _rankPatterns = Patterns(fields, "rank_pattern");
        _alphaPatterns = Patterns(fields, "alpha_pattern");
        _targets = Targets(fields);
    }

    public string BaseModel { get; }

    /// <exception cref="ModelFormatException">The file is malformed, or asks for what is not supported.</exception>
    public static AdapterConfigFile Parse(ReadOnlyMemory<byte> json, string file)
    {
        return ModelFiles.ReadJson(json, file, root =>
        {
            var fields = new JsonFields(root, file);
            RefuseUnsupported(fields);
            return new AdapterConfigFile(fields, file);
        });
    }

    /// <summary>Whether <c>target_modules</c> names the module, a path such as <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public bool IsTarget(string module) => _targets(module);

    public int RankOf(string module)
    {
        var rank = Value(_rankPatterns, module) ?? _rank;
        return rank is >= 1 and <= RankMax && rank == Math.Floor(rank)
            ? (int)rank
            : throw new ModelFormatException(_file, "rank_pattern", $"{rank} is no whole number from 1 to {RankMax}.");
    }

    /// <summary>α ÷ r, or α ÷ √r where it is rank-stabilized (Kalajdzievski, 2023).</summary>
    public float ScaleOf(string module)
    {
        var rank = RankOf(module);
        var scale = (float)((Value(_alphaPatterns, module) ?? _alpha) / (_rankStabilized ? Math.Sqrt(rank) : rank));
        return float.IsFinite(scale) ? scale : throw new ModelFormatException(_file, "lora_alpha", "is not finite.");
    }

    /// <summary>The configuration that PEFT needs to load the adapter: ranks and scales that differ become patterns.</summary>
    public static byte[] ToJson(LoraAdapter adapter)
    {
        var matrices = adapter.Matrices().ToList();
        var rank = matrices.Count == 0 ? 1 : matrices.CountBy(entry => entry.Matrix.Rank).MaxBy(count => count.Value).Key;
        var alphas = matrices.ConvertAll(entry => (double)entry.Matrix.Scale * entry.Matrix.Rank);
        var alpha = matrices.Count == 0 ? 1 : alphas.CountBy(value => value).MaxBy(count => count.Value).Key;
        using var stream = new MemoryStream();
        using (var json =
            new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteNumbers(json, "alpha_pattern", matrices.Zip(alphas).Where(pair => pair.Second != alpha)
                .Select(pair => (AdapterPackage.ModulePath(pair.First.Layer, pair.First.Projection), pair.Second)));
            json.WriteString("base_model_name_or_path", adapter.BaseModel);
            json.WriteString("bias", "none");
            json.WriteBoolean("fan_in_fan_out", false);
            json.WriteBoolean("inference_mode", true);
            json.WriteNumber("lora_alpha", alpha);
            json.WriteNumber("lora_dropout", 0);
            json.WriteNull("modules_to_save");
            json.WriteString("peft_type", "LORA");
            json.WriteNumber("r", rank);
            WriteNumbers(json, "rank_pattern", matrices.Where(entry => entry.Matrix.Rank != rank)
                .Select(entry => (AdapterPackage.ModulePath(entry.Layer, entry.Projection), (double)entry.Matrix.Rank)));
            json.WriteStartArray("target_modules");
            foreach (var target in TargetNames(adapter))
            {
                json.WriteStringValue(target);
            }
            json.WriteEndArray();
            json.WriteString("task_type", "CAUSAL_LM");
            json.WriteBoolean("use_dora", false);
            json.WriteBoolean("use_rslora", false);
            json.WriteEndObject();
        }
        return [.. stream.ToArray(), (byte)'\n'];
    }

    static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<(string Name, double Value)> numbers)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in numbers)
        {
            json.WriteNumber(key, value);
        }
        json.WriteEndObject();
    }

    /// <summary>The module's short name where every layer is adapted, else the path of each.</summary>
    static IEnumerable<string> TargetNames(LoraAdapter adapter)
    {
        foreach (var projection in Projections.All)
        {
            var layers = Enumerable.Range(0, adapter.Config.LayerCount).Where(layer => adapter[layer, projection] is not null).ToList();
            if (layers.Count == adapter.Config.LayerCount)
            {
                yield return Projections.ModuleName(projection).Split('.')[^1];
                continue;
            }
            foreach (var layer in layers)
            {
                yield return AdapterPackage.ModulePath(layer, projection);
            }
        }
    }

    static void RefuseUnsupported(JsonFields fields)
    {
        if (fields.Text("peft_type", "LORA") is not "LORA" and var type)
        {
            throw fields.Error("peft_type", $"{type} is not supported, only LORA.");
        }
        if (fields.Text("task_type", "CAUSAL_LM") is not "CAUSAL_LM" and var task)
        {
            throw fields.Error("task_type", $"{task} is not supported, only CAUSAL_LM.");
        }
        if (fields.Text("bias", "none") is not "none" and var bias)
        {
            throw fields.Error("bias", $"{bias} is not supported, only none.");
        }
        foreach (var flag in (string[])["use_dora", "fan_in_fan_out", "lora_bias", "use_qalora", "use_bdlora"])
        {
            if (fields.Flag(flag, false))
            {
                throw fields.Error(flag, "not supported; only false is.");
            }
        }
        foreach (var name in (string[])[
            "modules_to_save", "layers_to_transform", "layers_pattern", "layer_replication", "exclude_modules", "trainable_token_indices",
            "target_parameters", "megatron_config", "alora_invocation_tokens", "arrow_config", "auto_mapping"])
        {
            if (fields.Find(name) is { } value && !IsEmpty(value))
            {
                throw fields.Error(name, "not supported; only null is.");
            }
        }
        // These start from a changed base, which the adapter's file alone does not tell.
        if (fields.Find("init_lora_weights") is { ValueKind: JsonValueKind.String } start
            && Regex.IsMatch(start.GetString()!, "^(pissa|olora|corda|loftq)", RegexOptions.IgnoreCase))
        {
            throw fields.Error("init_lora_weights", $"{start.GetString()} changes the base weights, which is not supported.");
        }
    }

    static bool IsEmpty(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() == 0
        : value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any();

    /// <summary>PEFT matches a pattern against the end of the module's path, from a dot on.</summary>
    static List<(Regex Pattern, double Value)> Patterns(JsonFields fields, string name)
    {
        var patterns = fields.Numbers(name);
        if (patterns.Count > PatternsMax)
        {
            throw fields.Error(name, $"{patterns.Count} patterns are more than {PatternsMax}.");
        }
        return [.. patterns.Select(pattern => (MakeRegex(fields, name, $@"^(?:.*\.)?(?:{pattern.Name})$"), pattern.Value))];
    }

    static Func<string, bool> Targets(JsonFields fields)
    {
        const string Field = "target_modules";
        if (fields.Find(Field) is { ValueKind: JsonValueKind.String } text)
        {
            if (text.GetString() == "all-linear")
            {
                return _ => true;
            }
            var regex = MakeRegex(fields, Field, $"^(?:{text.GetString()})$");
            return module => Matches(regex, module, fields, Field);
        }
        var names = fields.Texts(Field);
        return names.Count == 0
            ? throw fields.Error(Field, "missing: nothing would be adapted.")
            : module => names.Any(name => module == name || module.EndsWith("." + name, StringComparison.Ordinal));
    }

    static Regex MakeRegex(JsonFields fields, string name, string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, MatchTimeMax);
        }
        catch (ArgumentException error)
        {
            throw fields.Error(name, $"no regular expression that is supported: {error.Message}");
        }
    }

    static bool Matches(Regex regex, string module, JsonFields fields, string name)
    {
        try
        {
            return regex.IsMatch(module);
        }
        catch (RegexMatchTimeoutException)
        {
            throw fields.Error(name, "the pattern takes too long to match.");
        }
    }

    double? Value(IReadOnlyList<(Regex Pattern, double Value)> patterns, string module)
    {
        foreach (var (pattern, value) in patterns)
        {
            try
            {
                if (pattern.IsMatch(module))
                {
                    return value;
                }
            }
            catch (RegexMatchTimeoutException)
            {
                throw new ModelFormatException(_file, "rank_pattern or alpha_pattern", "a pattern takes too long to match.");
            }
        }
        return null;
    }
}
