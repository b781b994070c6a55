using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Grains.Hosting;
using OpenLedger.Inference;
using OpenLedger.Training;

namespace OpenLedger.Cli.Pretraining;

/// <summary>How a base model was made and how well it predicts text that it never saw, beside two baselines.</summary>
sealed record PretrainRecord
{
    /// <summary>Written beside the weights.</summary>
    public const string FileName = "pretraining.json";

    /// <summary>The command that makes the same model again.</summary>
    public required string Command { get; init; }

    public required ulong Seed { get; init; }

    public required long Parameters { get; init; }

    public required int Epochs { get; init; }

    /// <summary>Tokens predicted in training, all passes.</summary>
    public required long Tokens { get; init; }

    /// <summary>Wall time of training, over all resumptions.</summary>
    public required double Seconds { get; init; }

    public required double TokensPerSecond { get; init; }

    public required int HeldOutDocuments { get; init; }

    public required long HeldOutTokens { get; init; }

    public required double HeldOutPerplexity { get; init; }

    public required double UnigramPerplexity { get; init; }

    public required double TrigramPerplexity { get; init; }

    public static PretrainRecord Measure(PretrainSettings settings, PretrainedModel model)
    {
        var config = model.Weights.Config;
        var end = config.EndTokenIds[0];
        var heldOut = new TokenDocuments(
            config,
            [.. model.Corpus.HeldOut.SelectMany(text => (int[])[.. model.Tokenizer.Encode(text), end])]);
        using var pool = new ComputePool(0, "evaluation");
        var ngrams = new NgramModel(config, new TokenDocuments(config, model.TokensOfFirstEpoch));
        var loss = Evaluation.DocumentLoss(model.Weights, heldOut, pool);
        return new PretrainRecord
        {
            Command = CommandLine(settings),
            Seed = settings.Seed,
            Parameters = ServingHost.ParameterCount(config),
            Epochs = settings.Epochs,
            Tokens = model.TokenCount,
            Seconds = Math.Round(model.Seconds),
            TokensPerSecond = Math.Round(model.TokenCount / Math.Max(1, model.Seconds)),
            HeldOutDocuments = heldOut.DocumentCount,
            HeldOutTokens = loss.TokenCount,
            HeldOutPerplexity = Math.Round(loss.Perplexity, 2),
            UnigramPerplexity = Math.Round(ngrams.UnigramLoss(heldOut).Perplexity, 2),
            TrigramPerplexity = Math.Round(ngrams.TrigramLoss(heldOut).Perplexity, 2),
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, PretrainJson.Default.PretrainRecord);

    public void Save(string path) => File.WriteAllText(path, ToJson() + "\n");

    public void Print(TextWriter output)
    {
        output.WriteLine($"{Parameters:N0} parameters, {Tokens:N0} tokens in {Seconds:N0} s");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"perplexity on {HeldOutTokens:N0} held-out tokens: {HeldOutPerplexity} "
            + $"(trigram {TrigramPerplexity}, unigram {UnigramPerplexity})"));
    }

    static string CommandLine(PretrainSettings settings)
    {
        var sources = settings.WordNetFolder is { } folder ? $" --wordnet {folder}" : "";
        sources += settings.TextFiles.Count > 0 ? " --text " + string.Join(' ', settings.TextFiles) : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"openledger pretrain{sources} --out {settings.OutputFolder} --seed {settings.Seed} --epochs {settings.Epochs} "
            + $"--vocabulary {settings.VocabularySize} --hidden {settings.HiddenSize} --intermediate {settings.IntermediateSize} "
            + $"--layers {settings.LayerCount} --heads {settings.HeadCount} --kv-heads {settings.KeyValueHeadCount} "
            + $"--context {settings.ContextLength} --batch-tokens {settings.BatchTokens} --learning-rate {settings.LearningRate}");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PretrainRecord))]
sealed partial class PretrainJson : JsonSerializerContext;
