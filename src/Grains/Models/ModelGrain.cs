using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Placement;

namespace OpenLedger.Grains.Models;

/// <summary>Card of one base model; generating goes to this silo's device.</summary>
[PrefersAccelerator]
[ResidencyPlacement]
sealed class ModelGrain : Grain, IModelGrain
{
    const int AdaptersMax = 100_000;

    readonly IPersistentState<ModelState> _state;
    readonly ModelStore _models;
    readonly ServingHost _serving;
    readonly RequestVerifier _requests;

    public ModelGrain(
        [PersistentState("model")] IPersistentState<ModelState> state, ModelStore models, ServingHost serving, RequestVerifier requests)
    {
        _requests = requests;
        _state = state;
        _models = models;
        _serving = serving;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Model, "a model");
        return base.OnActivateAsync(cancellationToken);
    }

    public async Task<ModelCard> Register(RegisterModel command, Authorization authorization)
    {
        // No nonce is kept: a model is registered once, and the same request finds its card.
        _requests.Verify<IModelGrain>(this.GetPrimaryKeyString(), nameof(Register), authorization, RequestBody.Of(command))
            .RequireAccount(command.Owner, "the model's owner", orNetwork: true);
        var model = _models.Get(command.Files);
        var hash = model.ContentHash.ToString();
        if (_state.State.Card is { } card)
        {
            return card.ContentHash == hash
                ? card
                : throw new RefusedException(
                    $"Model {card.Id} is registered with content {card.ContentHash}; these files have {hash}. "
                    + "Other weights are another model: give it another name.");
        }

        _state.State.Card = new ModelCard(
            this.GetPrimaryKeyString(),
            command.Name,
            command.Owner,
            hash,
            ServingHost.ParameterCount(model.Config),
            model.Config.ContextLength,
            model.Config.VocabularySize,
            command.Files);
        await _state.WriteStateAsync();
        return _state.State.Card;
    }

    public Task<ModelCard> GetCard() => Task.FromResult(Card());

    public async Task ListAdapter(string adapterId, Authorization authorization)
    {
        var body = RequestBody.Of(adapterId);
        _requests.Verify<IModelGrain>(this.GetPrimaryKeyString(), nameof(ListAdapter), authorization, body).RequireNetwork();
        Card();
        var adapters = _state.State.Adapters;
        var index = adapters.BinarySearch(adapterId, StringComparer.Ordinal);
        if (index >= 0)
        {
            return;
        }

        if (adapters.Count >= AdaptersMax)
        {
            throw new RefusedException($"Model {this.GetPrimaryKeyString()} lists {AdaptersMax:N0} adapters and takes no more.");
        }

        adapters.Insert(~index, adapterId);
        await _state.WriteStateAsync();
    }

    public Task<IReadOnlyList<string>> GetAdapters() => Task.FromResult<IReadOnlyList<string>>([.. _state.State.Adapters]);

    public IAsyncEnumerable<GenerationChunk> Generate(GenerationCommand command, CancellationToken cancellationToken = default) =>
        _serving.Generate(Card(), null, command, cancellationToken);

    ModelCard Card() => _state.State.Card
        ?? throw new RefusedException(
            $"There is no model {this.GetPrimaryKeyString()}. Models are registered when a silo starts with --model.");
}

/// <summary>What a model's grain keeps.</summary>
[GenerateSerializer, Alias("openledger.model.state")]
public sealed class ModelState
{
    [Id(0)] public ModelCard? Card { get; set; }

    /// <summary>Deployed adapters, in ordinal order.</summary>
    [Id(1)] public List<string> Adapters { get; set; } = [];
}
