using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Models;

/// <summary>One base model; the key is its id (<c>md_…</c>).</summary>
[Alias("openledger.model"), KeyPrefix(GrainKeys.Model)]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>Registers the files of a model that lie in the blob store. Repeating it with the same files changes nothing.</summary>
    /// <param name="authorization">The owner's, or the network's.</param>
    [Alias("register")]
    Task<ModelCard> Register(RegisterModel command, Authorization authorization);

    [ReadOnly]
    [Alias("card")]
    Task<ModelCard> GetCard();

    /// <summary>Lists an adapter that is deployed over this model. Repeating it changes nothing.</summary>
    /// <param name="authorization">The network's: the adapter has been deployed.</param>
    [Alias("list-adapter")]
    Task ListAdapter(string adapterId, Authorization authorization);

    /// <summary>Ids of the adapters deployed over this model, in ordinal order.</summary>
    [ReadOnly]
    [Alias("adapters")]
    Task<IReadOnlyList<string>> GetAdapters();

    /// <summary>Generates with the base model alone.</summary>
    [AlwaysInterleave]
    [Alias("generate")]
    IAsyncEnumerable<GenerationChunk> Generate(GenerationCommand command, CancellationToken cancellationToken = default);
}

/// <param name="Owner">Account that is paid as the model's owner.</param>
/// <param name="Files">File name to content hash of its bytes in the blob store.</param>
[GenerateSerializer, Immutable, Alias("openledger.model.register")]
public sealed record RegisterModel(
    [property: Id(0)] string Name,
    [property: Id(1)] string Owner,
    [property: Id(2)] IReadOnlyDictionary<string, string> Files);

/// <param name="ContentHash">Hash over the files' names and hashes.</param>
[GenerateSerializer, Immutable, Alias("openledger.model.card")]
public sealed record ModelCard(
    [property: Id(0)] string Id,
    [property: Id(1)] string Name,
    [property: Id(2)] string Owner,
    [property: Id(3)] string ContentHash,
    [property: Id(4)] long ParameterCount,
    [property: Id(5)] int ContextLength,
    [property: Id(6)] int VocabularySize,
    [property: Id(7)] IReadOnlyDictionary<string, string> Files);
