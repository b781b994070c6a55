using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Models;
using OpenLedger.Grains.Placement;
using OpenLedger.Inference;

namespace OpenLedger.Grains.Hosting;

/// <summary>An adapter's weights on this silo; whoever holds it can generate with it.</summary>
public sealed class ResidentAdapter : IDisposable
{
    readonly Action<ResidentAdapter> _release;

    internal ResidentAdapter(string adapterId, string modelId, AdapterHandle handle, Action<ResidentAdapter> release)
    {
        Handle = handle;
        Residency = new AdapterResidency(adapterId, modelId, handle.SizeBytes);
        _release = release;
    }

    internal AdapterHandle Handle { get; }

    /// <summary>Which adapter over which base model, and its bytes.</summary>
    public AdapterResidency Residency { get; }

    public long SizeBytes => Handle.SizeBytes;

    public void Dispose()
    {
        _release(this);
        Handle.Dispose();
    }
}

/// <summary>This silo's device: base models, resident adapters, and the engine thread that serves them.</summary>
public sealed class ServingHost : IAsyncDisposable
{
    readonly ModelStore _models;
    readonly IBlobStore _blobs;
    readonly InferenceEngine _engine = new(new InferenceEngineOptions { ThreadCount = 1 });
    readonly ConcurrentDictionary<string, Lazy<ModelHandle>> _handles = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, string> _modelIds = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<ResidentAdapter, AdapterResidency> _residents = new();

    public ServingHost(ModelStore models, IBlobStore blobs)
    {
        _models = models;
        _blobs = blobs;
    }

    /// <summary>Adapters resident here.</summary>
    public int ResidentAdapterCount => _engine.ResidentAdapterCount;

    /// <summary>Adapters resident here, by id.</summary>
    public IReadOnlyList<AdapterResidency> Residents =>
        [.. _residents.Values.OrderBy(resident => resident.AdapterId, StringComparer.Ordinal)];

    /// <summary>Base models that are served here, in ordinal order.</summary>
    public IReadOnlyList<string> ModelIds => [.. _modelIds.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Trained numbers of a model.</summary>
    public static long ParameterCount(ModelConfig config)
    {
        long layer = 2L * config.HiddenSize;
        foreach (var projection in Projections.All)
        {
            layer += (long)Projections.OutputSize(config, projection) * Projections.InputSize(config, projection);
        }

        var tables = (config.TieEmbeddings ? 1L : 2L) * config.VocabularySize * config.HiddenSize;
        return (layer * config.LayerCount) + tables + config.HiddenSize;
    }

    /// <summary>Tokens of a prompt, the begin token included.</summary>
    public int CountTokens(ModelCard model, string prompt) => RowTokens.Prompt(_models.Get(model), prompt).Length;

    /// <summary>Loads an adapter beside its base model.</summary>
    /// <exception cref="UserErrorException">The package is damaged or was made for another base.</exception>
    public ResidentAdapter Load(string adapterId, ModelCard model, AdapterManifest manifest)
    {
        var folder = _models.Get(model);
        var package = _blobs.ReadVerified(ContentHash.Parse(manifest.PackageHash));
        var adapter = AdapterPackage.FromBytes(package, manifest.PackageHash, folder.Config, model.Name);
        var resident = new ResidentAdapter(
            adapterId, model.Id, _engine.AddAdapter(Handle(model), adapter), released => _residents.TryRemove(released, out _));
        _residents[resident] = resident.Residency;
        return resident;
    }

    /// <summary>Streams what the model generates. The first chunk carries the prompt's tokens; the last the reason for the end.</summary>
    /// <exception cref="UserErrorException">The prompt does not fit the context, or a sampling option is out of range.</exception>
    public async IAsyncEnumerable<GenerationChunk> Generate(
        ModelCard model,
        ResidentAdapter? adapter,
        GenerationCommand command,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var handle = Handle(model);
        var prompt = RowTokens.Prompt(_models.Get(model), command.Prompt);
        var request = new GenerationRequest
        {
            Model = handle,
            Adapter = adapter?.Handle,
            Prompt = prompt,
            Options = new GenerationOptions
            {
                TokenCountMax = command.MaxTokens,
                Stops = command.Stop,
                Sampling = new SamplingOptions
                {
                    Temperature = (float)command.Sampling.Temperature,
                    TopK = command.Sampling.TopK,
                    TopP = (float)command.Sampling.TopP,
                    Seed = unchecked((int)(command.Sampling.Seed ^ (command.Sampling.Seed >> 32))),
                },
            },
        };
        yield return new GenerationChunk("", prompt, [], null);
        await foreach (var piece in _engine.Generate(request, cancellationToken).WithCancellation(cancellationToken))
        {
            yield return new GenerationChunk(piece.Text, [], [piece.TokenId], Finish(piece.Finish));
        }
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    static string? Finish(FinishReason reason) => reason switch
    {
        FinishReason.None => null,
        FinishReason.TokenCount or FinishReason.Context => "length",
        _ => "stop",
    };

    ModelHandle Handle(ModelCard model)
    {
        var handle = _handles
            .GetOrAdd(model.ContentHash, _ => new Lazy<ModelHandle>(() => _engine.AddModel(_models.Get(model)))).Value;
        _modelIds.TryAdd(model.Id, model.ContentHash);
        return handle;
    }
}
