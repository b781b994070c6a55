using System.Text;

namespace OpenLedger.Inference;

/// <summary>
/// A LoRA adapter as files: a PEFT folder (<c>adapter_config.json</c>, <c>adapter_model.safetensors</c>), or one blob, which is that
/// safetensors file with the configuration in its metadata. Every tensor is consumed, or the adapter is refused.
/// </summary>
public static class AdapterPackage
{
    public const string WeightsName = "adapter_model.safetensors";

    /// <summary>Where a blob keeps its configuration.</summary>
    const string ConfigMetadata = "adapter_config";

    const string KeyPrefix = "base_model.model.";

    /// <summary>Loads a PEFT folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="config">The base model's shape.</param>
    /// <param name="expectedBase">The base model's name as the adapter must state it; null to take any.</param>
    /// <exception cref="ModelFormatException">A file is missing, malformed or unsupported, or a tensor is missing, foreign or
    /// misshapen.</exception>
    /// <exception cref="AdapterMismatchException">The adapter names another base.</exception>
    public static LoraAdapter Load(string path, ModelConfig config, string? expectedBase)
    {
        var json = ModelFiles.ReadAll(Path.Combine(path, AdapterConfigFile.Name), AdapterConfigFile.SizeBytesMax);
        var settings = AdapterConfigFile.Parse(json, AdapterConfigFile.Name);
        using var file = SafetensorsFile.Open(Path.Combine(path, WeightsName));
        return Read(settings, file, WeightsName, config, expectedBase);
    }

    /// <summary>Writes a PEFT folder, the configuration last.</summary>
    public static void Save(string path, LoraAdapter adapter, TensorPrecision precision = TensorPrecision.Float32)
    {
        Directory.CreateDirectory(path);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" };
        SafetensorsWriter.Write(Path.Combine(path, WeightsName), Tensors(adapter, precision), metadata);
        ModelFiles.WriteAll(Path.Combine(path, AdapterConfigFile.Name), AdapterConfigFile.ToJson(adapter));
    }

    /// <summary>Reads a blob; the name is for errors.</summary>
    /// <inheritdoc cref="Load"/>
    public static LoraAdapter FromBytes(ReadOnlyMemory<byte> bytes, string name, ModelConfig config, string? expectedBase)
    {
        using var file = SafetensorsFile.Parse(bytes, name);
        if (!file.Metadata.TryGetValue(ConfigMetadata, out var json))
        {
            throw new ModelFormatException(name, $"__metadata__: {ConfigMetadata}", "missing: this is no adapter package.");
        }
        var settings = AdapterConfigFile.Parse(Encoding.UTF8.GetBytes(json), name);
        return Read(settings, file, name, config, expectedBase);
    }

    /// <summary>The adapter as one blob. The same adapter gives the same bytes.</summary>
    public static byte[] ToBytes(LoraAdapter adapter, TensorPrecision precision = TensorPrecision.Float32)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "pt",
            [ConfigMetadata] = Encoding.UTF8.GetString(AdapterConfigFile.ToJson(adapter)),
        };
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, Tensors(adapter, precision), metadata);
        return stream.ToArray();
    }

    /// <summary>The module's path in the base model: <c>model.layers.0.self_attn.q_proj</c>, say.</summary>
    internal static string ModulePath(int layer, Projection projection) => $"model.layers.{layer}.{Projections.ModuleName(projection)}";

    static List<SafetensorsTensor> Tensors(LoraAdapter adapter, TensorPrecision precision)
    {
        var tensors = new List<SafetensorsTensor>();
        foreach (var (layer, projection, matrix) in adapter.Matrices())
        {
            var key = KeyPrefix + ModulePath(layer, projection);
            tensors.Add(new($"{key}.lora_A.weight", precision, [matrix.Rank, matrix.InputSize], matrix.A));
            tensors.Add(new($"{key}.lora_B.weight", precision, [matrix.OutputSize, matrix.Rank], matrix.B));
        }
        return tensors;
    }

    static LoraAdapter Read(AdapterConfigFile settings, SafetensorsFile file, string name, ModelConfig config, string? expectedBase)
    {
        if (expectedBase is not null && settings.BaseModel != expectedBase)
        {
            throw new AdapterMismatchException(name, expectedBase, settings.BaseModel);
        }
        var adapter = new LoraAdapter(config, settings.BaseModel);
        var consumed = new HashSet<string>(StringComparer.Ordinal);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (var projection in Projections.All)
            {
                var module = ModulePath(layer, projection);
                if (settings.IsTarget(module))
                {
                    adapter[layer, projection] = ReadMatrix(settings, file, name, config, module, projection, consumed);
                }
            }
        }
        foreach (var entry in file.Entries)
        {
            if (!consumed.Contains(entry.Name))
            {
                throw new ModelFormatException(
                    name, $"tensor {entry.Name}",
                    "belongs to no module that target_modules names in this base model: part of the adapter would be lost.");
            }
        }
        return consumed.Count > 0 ? adapter : throw new ModelFormatException(name, "target_modules", "names no module of this base model.");
    }

    static LoraMatrix ReadMatrix(
        AdapterConfigFile settings, SafetensorsFile file, string name, ModelConfig config, string module, Projection projection,
        HashSet<string> consumed)
    {
        var (rank, inputs, outputs) =
            (settings.RankOf(module), Projections.InputSize(config, projection), Projections.OutputSize(config, projection));
        var (a, b) = ($"{KeyPrefix}{module}.lora_A.weight", $"{KeyPrefix}{module}.lora_B.weight");
        RequireShape(a, rank, inputs);
        RequireShape(b, outputs, rank);
        var matrix = new LoraMatrix(rank, inputs, outputs, settings.ScaleOf(module));
        Fill(a, [rank, inputs], matrix.A);
        Fill(b, [outputs, rank], matrix.B);
        return matrix;

        // Before anything is allocated: the sizes come from the configuration, which may lie.
        void RequireShape(string tensor, long rows, long columns)
        {
            if (!file[tensor].Shape.SequenceEqual([rows, columns]))
            {
                throw new ModelFormatException(
                    name, $"tensor {tensor}",
                    $"shape [{rows}, {columns}] follows from the base model and the rank, {file[tensor].ShapeText} is there.");
            }
        }

        void Fill(string tensor, ReadOnlySpan<long> shape, float[] values)
        {
            file.Read(tensor, shape, values);
            consumed.Add(tensor);
            if (values.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw new ModelFormatException(name, $"tensor {tensor}", "holds a value that is not finite.");
            }
        }
    }
}
