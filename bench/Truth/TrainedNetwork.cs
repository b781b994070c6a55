using OpenLedger.Bench.Samples;
using OpenLedger.Datanets;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Models;
using OpenLedger.Grains.Training;
using OpenLedger.Inference;
using OpenLedger.Storage;
using OpenLedger.Training;

namespace OpenLedger.Bench.Truth;

/// <summary>
/// The product's own training job over all contributors, with the artefacts and the attribution that the grains use, without the
/// silo around them.
/// </summary>
sealed class TrainedNetwork : IDisposable
{
    const int AnswerTokensMax = 24;

    readonly MemoryBlobStore _blobs = new();
    readonly string _cacheFolder = Directory.CreateTempSubdirectory("openledger-bench-").FullName;
    readonly AnswerAttributor _attributor;
    readonly Generator _generator;
    readonly PackedAdapter _packed;

    public TrainedNetwork(TruthSettings settings, Sample sample, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.Exists(settings.ModelPath) ? Directory.GetFiles(settings.ModelPath) : [])
        {
            if (Path.GetExtension(path) is ".json" or ".safetensors")
            {
                files[Path.GetFileName(path)] = _blobs.Put(File.ReadAllBytes(path)).ToString();
            }
        }

        var models = new ModelStore(_blobs, _cacheFolder);
        Model = models.Get(files);
        Specification = new TrainingSpecification("bench", "bench", "dn_bench", 1, "ad_bench", settings.Seed, Epochs: settings.Epochs);
        var card = new ModelCard(
            "bench", "bench", "bench", Model.ContentHash.ToString(), 0, Model.Config.ContextLength, Model.Config.VocabularySize, files);
        var version = new DatanetVersionCard(
            "dn_bench", 1, _blobs.Put(RowCodec.Write(sample.Rows)).ToString(), sample.Rows.Count, new Dictionary<string, int>());
        var order = new TrainingOrder("tj_bench", Specification, card, version, _blobs.Put(sample.HeldOut).ToString());
        var outcome = new TrainingWork(order, new TrainingRun(order), models, _blobs, TimeProvider.System).Run(cancellationToken);
        Evaluation = outcome.Evaluation;
        var package = _blobs.ReadVerified(ContentHash.Parse(outcome.Manifest.PackageHash));
        Adapter = AdapterPackage.FromBytes(package, "adapter", Model.Config, null);
        _attributor = AnswerAttributor.Load(Model, outcome.Manifest, _blobs, TimeProvider.System);
        _generator = new Generator(new CausalModel(Model.Weights), Model.Tokenizer);
        _packed = new PackedAdapter(Adapter);
    }

    public ModelFolder Model { get; }

    public LoraAdapter Adapter { get; }

    public TrainingSpecification Specification { get; }

    public TrainingEvaluation Evaluation { get; }

    /// <summary>Answers a question greedily and attributes the answer, as an inference does.</summary>
    public ServedQuestion Serve(DatanetRow question)
    {
        var prompt = RowTokens.Prompt(Model, question.Row.Prompt);
        var pieces = _generator.Generate(prompt, new GenerationOptions { TokenCountMax = AnswerTokensMax }, _packed).ToList();
        int[] answer = [.. pieces.Select(piece => piece.TokenId)];
        var attribution = _attributor.Attribute(new AttributionQuery(prompt, answer));
        var example = RowTokens.Example(prompt, answer);
        return new ServedQuestion(
            question.Row.Prompt,
            string.Concat(pieces.Select(piece => piece.Text)),
            question.Row.Answer,
            question.Contributor,
            First(attribution.Contributors),
            example,
            -OpenLedger.Training.Evaluation.AnswerLoss(Model.Weights, Adapter, [example]).NegativeLogLikelihood);
    }

    public void Dispose() => Directory.Delete(_cacheFolder, recursive: true);

    static string? First(IReadOnlyList<ContributorScore> contributors)
    {
        var best = contributors.OrderByDescending(score => score.Credit).Take(2).ToList();
        return best.Count > 0 && best[0].Credit > 0 && (best.Count == 1 || best[1].Credit < best[0].Credit) ? best[0].Contributor : null;
    }
}
