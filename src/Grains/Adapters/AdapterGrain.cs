using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Models;
using OpenLedger.Grains.Placement;
using Orleans.Placement;

namespace OpenLedger.Grains.Adapters;

/// <summary>
/// One adapter. The activation holds its weights: they are loaded with it and let go with it. It lies where there is an accelerator and
/// the base model, and no rebalancing moves it: moving weights is loading them again.
/// </summary>
[PrefersAccelerator]
[ResidencyPlacement]
[Immovable]
sealed class AdapterGrain : Grain, IAdapterGrain
{
    /// <summary>A fee of the most tokens at this rate is far from what 128 bits hold.</summary>
    static readonly Amount rateMax = Amount.FromOpen(1_000);

    readonly IPersistentState<AdapterState> _state;
    readonly ServingHost _serving;
    readonly NetworkAuthority _network;
    readonly RequestVerifier _requests;
    ModelCard? _model;
    ResidentAdapter? _resident;

    public AdapterGrain(
        [PersistentState("adapter")] IPersistentState<AdapterState> state,
        ServingHost serving,
        NetworkAuthority network,
        RequestVerifier requests)
    {
        _state = state;
        _serving = serving;
        _network = network;
        _requests = requests;
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Adapter, "an adapter");
        await base.OnActivateAsync(cancellationToken);
        if (_state.State.Deployed)
        {
            await Load();
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // Requests that run hold the weights themselves and are served to their end.
        _resident?.Dispose();
        _resident = null;
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    public async Task<AdapterCard> Publish(AdapterManifest manifest, Authorization authorization)
    {
        // Neither here nor below is a nonce kept: publishing and deploying are done once and never undone.
        _requests.Verify<IAdapterGrain>(this.GetPrimaryKeyString(), nameof(Publish), authorization, RequestBody.Of(manifest))
            .RequireAccount(manifest.Owner, "the adapter's owner", orNetwork: true);
        if (_state.State.Manifest is { } earlier)
        {
            return earlier.ContentHash == manifest.ContentHash
                ? Card()
                : throw new RefusedException(
                    $"Adapter {this.GetPrimaryKeyString()} is published with content {earlier.ContentHash}; "
                    + "a manifest never changes. Use another id.");
        }

        _state.State.Manifest = manifest;
        await _state.WriteStateAsync();
        return Card();
    }

    public async Task<AdapterCard> Deploy(Authorization authorization)
    {
        var adapterId = this.GetPrimaryKeyString();
        var request = _requests.Verify<IAdapterGrain>(adapterId, nameof(Deploy), authorization, RequestBody.Nothing);
        if (_state.State.Manifest is null)
        {
            throw new RefusedException(
                $"Adapter {this.GetPrimaryKeyString()} is not published: a training job publishes it when it completes.");
        }

        request.RequireAccount(_state.State.Manifest.Owner, "the adapter's owner", orNetwork: true);
        await Load();
        if (!_state.State.Deployed)
        {
            _state.State.Deployed = true;
            await _state.WriteStateAsync();
        }

        var modelId = _state.State.Manifest.ModelId;
        await GrainFactory.GetGrain<IModelGrain>(modelId).ListAdapter(
            adapterId, _network.Authorize<IModelGrain>(modelId, nameof(IModelGrain.ListAdapter), RequestBody.Of(adapterId)));
        return Card();
    }

    public async Task<AdapterCard> SetRates(SetAdapterRates command, Authorization authorization)
    {
        var adapterId = this.GetPrimaryKeyString();
        var request = _requests.Verify<IAdapterGrain>(adapterId, nameof(SetRates), authorization, RequestBody.Of(command))
            .RequireAccount(_state.State.Manifest?.Owner ?? "", "the adapter's owner");
        if (command.Rates is { } rates && Amount.Max(rates.PromptToken, rates.CompletionToken) > rateMax)
        {
            throw new RefusedException($"A token costs at most {rateMax} OPEN.");
        }

        if (_state.State.Nonces.IsRepetition(request, _requests.NowMs))
        {
            return Card();
        }

        _state.State.Rates = command.Rates is null
            ? null : new StoredRates(command.Rates.PromptToken.ToString(), command.Rates.CompletionToken.ToString());
        _state.State.Nonces.Remember(request);
        await _state.WriteStateAsync();
        return Card();
    }

    public Task<AdapterCard> GetCard() => Task.FromResult(Card());

    public IAsyncEnumerable<GenerationChunk> Generate(GenerationCommand command, CancellationToken cancellationToken = default)
    {
        if (_resident is null || _model is null)
        {
            throw new RefusedException($"Adapter {this.GetPrimaryKeyString()} is not deployed.");
        }

        return _serving.Generate(_model, _resident, command, cancellationToken);
    }

    async Task Load()
    {
        if (_resident is not null)
        {
            return;
        }

        var manifest = _state.State.Manifest!;
        _model = await GrainFactory.GetGrain<IModelGrain>(manifest.ModelId).GetCard();
        _resident = _serving.Load(this.GetPrimaryKeyString(), _model, manifest);
        await GrainFactory.GetGrain<IAttributionGrain>(this.GetPrimaryKeyString()).Prepare();
    }

    AdapterCard Card() => new(
        this.GetPrimaryKeyString(),
        _state.State.Manifest is not null,
        _state.State.Deployed,
        _state.State.Manifest,
        _resident?.SizeBytes ?? 0,
        _state.State.Rates is { } rates ? new AdapterRates(Amount.Parse(rates.PromptToken), Amount.Parse(rates.CompletionToken)) : null);
}

/// <summary>What an adapter's grain keeps.</summary>
[GenerateSerializer, Alias("openledger.adapter.state")]
public sealed class AdapterState
{
    [Id(0)] public AdapterManifest? Manifest { get; set; }

    [Id(1)] public bool Deployed { get; set; }

    /// <summary>What its tokens cost, or null for the network's rates.</summary>
    [Id(2)] public StoredRates? Rates { get; set; }

    [Id(3)] public NonceMemory Nonces { get; set; } = new();
}

/// <summary>Amounts in decimal text.</summary>
[GenerateSerializer, Immutable, Alias("openledger.adapter.state.rates")]
public sealed record StoredRates([property: Id(0)] string PromptToken, [property: Id(1)] string CompletionToken);
