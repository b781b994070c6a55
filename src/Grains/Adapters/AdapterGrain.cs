using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Hosting;
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
    readonly IPersistentState<AdapterState> _state;
    readonly ServingHost _serving;
    ModelCard? _model;
    ResidentAdapter? _resident;

    public AdapterGrain([PersistentState("adapter")] IPersistentState<AdapterState> state, ServingHost serving)
    {
        _state = state;
        _serving = serving;
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

    public async Task<AdapterCard> Publish(AdapterManifest manifest)
    {
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

    public async Task<AdapterCard> Deploy()
    {
        if (_state.State.Manifest is null)
        {
            throw new RefusedException(
                $"Adapter {this.GetPrimaryKeyString()} is not published: a training job publishes it when it completes.");
        }

        await Load();
        if (!_state.State.Deployed)
        {
            _state.State.Deployed = true;
            await _state.WriteStateAsync();
        }

        await GrainFactory.GetGrain<IModelGrain>(_state.State.Manifest.ModelId).ListAdapter(this.GetPrimaryKeyString());
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
        _resident?.SizeBytes ?? 0);
}

/// <summary>What an adapter's grain keeps.</summary>
[GenerateSerializer, Alias("openledger.adapter.state")]
public sealed class AdapterState
{
    [Id(0)] public AdapterManifest? Manifest { get; set; }

    [Id(1)] public bool Deployed { get; set; }
}
