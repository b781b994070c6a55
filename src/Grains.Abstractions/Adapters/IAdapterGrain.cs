using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Adapters;

/// <summary>
/// One LoRA adapter; the key is its id (<c>ad_…</c>). Its activation is the adapter's residency: activating loads the weights
/// on this silo's device, deactivating frees them.
/// </summary>
[Alias("openledger.adapter"), KeyPrefix(GrainKeys.Adapter)]
public interface IAdapterGrain : IGrainWithStringKey
{
    /// <summary>Records what a training job left behind. Once published, the manifest never changes.</summary>
    /// <param name="authorization">The owner's, or the network's.</param>
    [Alias("publish")]
    Task<AdapterCard> Publish(AdapterManifest manifest, Authorization authorization);

    /// <summary>Opens the adapter for serving and loads it here.</summary>
    /// <param name="authorization">The owner's, or the network's.</param>
    [Alias("deploy")]
    Task<AdapterCard> Deploy(Authorization authorization);

    /// <summary>Sets what later requests pay a token; requests that run are priced as they began. Only the owner may.</summary>
    /// <param name="authorization">The owner's.</param>
    [Alias("set-rates")]
    Task<AdapterCard> SetRates(SetAdapterRates command, Authorization authorization);

    [ReadOnly]
    [Alias("card")]
    Task<AdapterCard> GetCard();

    /// <summary>Generates with the base model and this adapter, where the adapter is resident.</summary>
    [AlwaysInterleave]
    [Alias("generate")]
    IAsyncEnumerable<GenerationChunk> Generate(GenerationCommand command, CancellationToken cancellationToken = default);
}

/// <param name="PackageHash">Blob: adapter configuration and weights.</param>
/// <param name="ContentHash">Hash of the adapter's content, as written on receipts.</param>
/// <param name="AttributionHashes">Blob of each attribution artefact by name.</param>
/// <param name="Lineage">What it was derived from, itself first; null where from nothing.</param>
/// <param name="RoyaltyBasisPoints">What works derived from it owe of their owner's part; -1 for the network's default.</param>
[GenerateSerializer, Immutable, Alias("openledger.adapter.manifest")]
public sealed record AdapterManifest(
    [property: Id(0)] string ModelId,
    [property: Id(1)] string Owner,
    [property: Id(2)] string JobId,
    [property: Id(3)] string DatanetId,
    [property: Id(4)] int DatanetVersion,
    [property: Id(5)] string PackageHash,
    [property: Id(6)] string ContentHash,
    [property: Id(7)] IReadOnlyDictionary<string, string> AttributionHashes,
    [property: Id(8)] IReadOnlyList<LineageNode>? Lineage = null,
    [property: Id(9)] int RoyaltyBasisPoints = -1);

/// <summary>A work in a lineage: first the work itself, then what it was derived from, and so on.</summary>
/// <param name="Id">Id of an adapter or a Datanet.</param>
/// <param name="Owner">Account that is paid.</param>
/// <param name="Child">Index of the work that was derived from this one; -1 for the first.</param>
/// <param name="BasisPoints">The part of what the child gets that goes to this one.</param>
[GenerateSerializer, Immutable, Alias("openledger.lineage.node")]
public sealed record LineageNode(
    [property: Id(0)] string Id,
    [property: Id(1)] string Owner,
    [property: Id(2)] int Child,
    [property: Id(3)] int BasisPoints);

/// <param name="Rates">What a token costs, or null where the network's own rates hold.</param>
[GenerateSerializer, Immutable, Alias("openledger.adapter.card")]
public sealed record AdapterCard(
    [property: Id(0)] string Id,
    [property: Id(1)] bool Published,
    [property: Id(2)] bool Deployed,
    [property: Id(3)] AdapterManifest? Manifest,
    [property: Id(4)] long ResidentBytes,
    [property: Id(5)] AdapterRates? Rates);

/// <param name="PromptToken">OPEN for a token of the prompt.</param>
/// <param name="CompletionToken">OPEN for a token of the answer.</param>
[GenerateSerializer, Immutable, Alias("openledger.adapter.rates")]
public sealed record AdapterRates([property: Id(0)] Amount PromptToken, [property: Id(1)] Amount CompletionToken);

/// <param name="Owner">The adapter's owner.</param>
/// <param name="Rates">The new rates, or null for the network's own.</param>
[GenerateSerializer, Immutable, Alias("openledger.adapter.set-rates")]
public sealed record SetAdapterRates([property: Id(0)] string Owner, [property: Id(1)] AdapterRates? Rates);
