using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Models;

namespace OpenLedger.Grains.Attribution;

/// <summary>Holds one adapter's artefacts while it is active, and what its contributors were paid so far.</summary>
sealed class AttributionGrain : Grain, IAttributionGrain
{
    /// <summary>Ids of receipts kept to recognise repetitions; older ones are forgotten in order of arrival.</summary>
    const int RecentReceiptsMax = 4_096;

    readonly IPersistentState<AttributionState> _state;
    readonly AttributionHost _host;
    readonly RequestVerifier _requests;
    Task<AnswerAttributor>? _attributor;

    public AttributionGrain(
        [PersistentState("attribution")] IPersistentState<AttributionState> state, AttributionHost host, RequestVerifier requests)
    {
        _requests = requests;
        _state = state;
        _host = host;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Adapter, "an adapter");
        return base.OnActivateAsync(cancellationToken);
    }

    public Task Prepare()
    {
        _attributor ??= Load();
        return Task.CompletedTask;
    }

    public async Task<AttributionResult> Attribute(AttributionQuery query)
    {
        var loading = _attributor ??= Load();
        try
        {
            return await _host.Attribute(await loading, query);
        }
        catch when (loading.IsFaulted)
        {
            // A failed load is forgotten, so that the next answer tries again.
            _attributor = _attributor == loading ? null : _attributor;
            throw;
        }
    }

    public async Task Accumulate(SettledCredit credit, Authorization authorization)
    {
        var body = RequestBody.Of(credit);
        _requests.Verify<IAttributionGrain>(this.GetPrimaryKeyString(), nameof(Accumulate), authorization, body).RequireNetwork();
        var state = _state.State;
        if (state.RecentReceipts.Contains(credit.ReceiptId))
        {
            return;
        }

        state.RecentReceipts.Add(credit.ReceiptId);
        if (state.RecentReceipts.Count > RecentReceiptsMax)
        {
            state.RecentReceipts.RemoveAt(0);
        }

        foreach (var payment in credit.Payments)
        {
            var total = state.Totals.GetValueOrDefault(payment.Contributor) ?? new StoredTotal(Amount.Zero.ToString(), 0);
            state.Totals[payment.Contributor] = new StoredTotal(
                (Amount.Parse(total.Amount) + payment.Amount).ToString(), total.AnswerCount + 1);
        }

        await _state.WriteStateAsync();
    }

    public Task<IReadOnlyList<ContributorTotal>> GetTotals() => Task.FromResult<IReadOnlyList<ContributorTotal>>(
    [
        .. _state.State.Totals.Select(pair => new ContributorTotal(pair.Key, Amount.Parse(pair.Value.Amount), pair.Value.AnswerCount))
            .OrderByDescending(total => total.Amount).ThenBy(total => total.Contributor, StringComparer.Ordinal),
    ]);

    async Task<AnswerAttributor> Load()
    {
        var adapter = await GrainFactory.GetGrain<IAdapterGrain>(this.GetPrimaryKeyString()).GetCard();
        var manifest = adapter.Manifest ?? throw new RefusedException($"Adapter {adapter.Id} is not published.");
        var model = await GrainFactory.GetGrain<IModelGrain>(manifest.ModelId).GetCard();
        return await _host.Load(model, manifest, CancellationToken.None);
    }
}

/// <summary>What an adapter's attribution grain keeps.</summary>
[GenerateSerializer, Alias("openledger.attribution.state")]
public sealed class AttributionState
{
    [Id(0)] public Dictionary<string, StoredTotal> Totals { get; set; } = [];

    [Id(1)] public List<string> RecentReceipts { get; set; } = [];
}

/// <param name="Amount">Decimal text with 18 places: state is written by serializers that know no 128-bit integers.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.state.total")]
public sealed record StoredTotal([property: Id(0)] string Amount, [property: Id(1)] long AnswerCount);
