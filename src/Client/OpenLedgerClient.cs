using OpenLedger.Grains;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Models;

namespace OpenLedger.Client;

/// <summary>The typed API of an OpenLedger cluster, over an Orleans client.</summary>
/// <remarks>
/// Every call that changes something is signed here, with the key of the account in whose name it is made; a client without keys reads.
/// Every call that changes something carries an idempotency id. A timeout, a silo that went away or a database that did not answer
/// leave the outcome unknown; the client repeats such a call with the same id, within the bounds of <see cref="Repetition"/>, before it
/// lets the exception through.
/// </remarks>
public sealed class OpenLedgerClient
{
    /// <summary>The book answers within milliseconds; when it has not by then, the silo that kept it may be gone.</summary>
    static readonly TimeSpan ledgerAnswerMax = TimeSpan.FromSeconds(1);

    /// <summary>What may be taken for an answer where the caller names no bound.</summary>
    public static readonly Amount SpendMaxDefault = Amount.FromOpen(2);

    readonly IGrainFactory _grains;
    readonly Repetition _repetition;

    /// <summary>A client that signs with one account's key.</summary>
    public OpenLedgerClient(IGrainFactory grains, AccountKey key)
        : this(grains, null, new AccountKeys(key))
    {
    }

    /// <param name="clock">Paces repetitions; the system's by default.</param>
    /// <param name="keys">What to sign with; null reads only.</param>
    /// <param name="network">The network's name (its log's origin), which signatures cover; null asks the network for it.</param>
    public OpenLedgerClient(IGrainFactory grains, TimeProvider? clock = null, AccountKeys? keys = null, string? network = null)
    {
        _grains = grains;
        clock ??= TimeProvider.System;
        _repetition = new Repetition(clock);
        Signer = new RequestSigner(grains, _repetition, keys ?? new AccountKeys(), network);
        Accounts = new AccountsClient(grains, _repetition, Signer);
        Datanets = new DatanetsClient(grains, _repetition, Signer);
        Training = new TrainingClient(grains, _repetition, Signer);
        Staking = new StakingClient(grains, _repetition, Signer);
        Ledger = new LedgerClient(grains, new Repetition(clock, ledgerAnswerMax), Signer);
        Governance = new GovernanceClient(grains, _repetition, Signer);
        Treasury = new TreasuryClient(grains, _repetition, Signer);
    }

    public AccountsClient Accounts { get; }

    public DatanetsClient Datanets { get; }

    public TrainingClient Training { get; }

    public LedgerClient Ledger { get; }

    public GovernanceClient Governance { get; }

    public TreasuryClient Treasury { get; }

    public StakingClient Staking { get; }

    /// <summary>Signs this client's requests.</summary>
    public RequestSigner Signer { get; }

    /// <summary>A client of the same cluster that signs with another key.</summary>
    public OpenLedgerClient SignedBy(AccountKey key) => new(_grains, key);

    /// <summary>The card of a base model (<c>md_…</c>).</summary>
    public Task<ModelCard> GetModel(string modelId) => _repetition.Run(() => _grains.GetGrain<IModelGrain>(modelId).GetCard());

    /// <summary>Ids of the adapters that are deployed over a base model.</summary>
    public Task<IReadOnlyList<string>> GetAdapters(string modelId) =>
        _repetition.Run(() => _grains.GetGrain<IModelGrain>(modelId).GetAdapters());

    /// <summary>The card of an adapter (<c>ad_…</c>).</summary>
    public Task<AdapterCard> GetAdapter(string adapterId) => _repetition.Run(() => _grains.GetGrain<IAdapterGrain>(adapterId).GetCard());

    /// <summary>Opens a published adapter for serving; signed by its owner.</summary>
    public async Task<AdapterCard> Deploy(string adapterId, CancellationToken cancellationToken = default)
    {
        var owner = Signer.Keys.Count == 1 ? null : (await GetAdapter(adapterId)).Manifest?.Owner;
        var signed = await Signer.Sign<IAdapterGrain>(owner, adapterId, nameof(IAdapterGrain.Deploy), RequestBody.Nothing);
        return await _repetition.Run(() => _grains.GetGrain<IAdapterGrain>(adapterId).Deploy(signed), cancellationToken);
    }

    /// <summary>What an adapter's contributors were credited so far, and what of it is unpaid; highest first.</summary>
    public Task<IReadOnlyList<ContributorTotal>> GetContributorTotals(string adapterId) =>
        _repetition.Run(() => _grains.GetGrain<IAttributionGrain>(adapterId).GetTotals());

    /// <summary>What an adapter owes its contributors, and the epochs that were paid.</summary>
    public Task<CreditSummary> GetCredits(string adapterId) =>
        _repetition.Run(() => _grains.GetGrain<IAttributionGrain>(adapterId).GetCredits());

    /// <summary>Ends the adapter's epoch and pays its contributors, nobody twice. Signed by the adapter's owner.</summary>
    /// <returns>The epoch that was paid, or null where no answer came since the last one.</returns>
    public async Task<EpochSummary?> SettleEpoch(string adapterId, CancellationToken cancellationToken = default)
    {
        var owner = Signer.Keys.Count == 1 ? null : (await GetAdapter(adapterId)).Manifest?.Owner;
        var command = new SettleEpoch(IdSource.Secure().Next("cmd"), Now: true);
        var signed = await Signer.Sign<IAttributionGrain>(
            owner, adapterId, nameof(IAttributionGrain.SettleEpoch), RequestBody.Of(command));
        return await _repetition.Run(
            () => _grains.GetGrain<IAttributionGrain>(adapterId).SettleEpoch(command, signed), cancellationToken);
    }

    /// <summary>Sets what an adapter's tokens cost from the next request on; signed by its owner.</summary>
    /// <exception cref="UserErrorException">The account is not the adapter's owner.</exception>
    public async Task<AdapterCard> SetRates(string adapterId, SetAdapterRates command, CancellationToken cancellationToken = default)
    {
        var signed = await Signer.Sign<IAdapterGrain>(
            command.Owner, adapterId, nameof(IAdapterGrain.SetRates), RequestBody.Of(command));
        return await _repetition.Run(() => _grains.GetGrain<IAdapterGrain>(adapterId).SetRates(command, signed), cancellationToken);
    }

    /// <summary>Streams a paid answer; the last chunk carries the settlement. Signed by the payer.</summary>
    /// <param name="spendMax">The most that may be taken from the payer; null for <see cref="SpendMaxDefault"/>.</param>
    /// <exception cref="UserErrorException">The model is unknown, the payer's funds are too low, or the prompt is too long.</exception>
    public async IAsyncEnumerable<InferenceChunk> Stream(
        InferenceRequest request,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default,
        Amount? spendMax = null)
    {
        var key = GrainKeys.OfRequest(request.RequestId);
        var signed = await Signer.Sign<IInferenceGrain>(
            request.Payer, key, nameof(IInferenceGrain.Complete), RequestBody.Of(request), spendMax ?? SpendMaxDefault);
        var chunks = _grains.GetGrain<IInferenceGrain>(key).Complete(request, signed, cancellationToken);
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            yield return chunk;
        }
    }

    /// <summary>A paid answer, whole, with its settlement. Signed by the payer.</summary>
    /// <inheritdoc cref="Stream"/>
    public async Task<Answer> Complete(
        InferenceRequest request, CancellationToken cancellationToken = default, Amount? spendMax = null)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        var generated = TimeSpan.Zero;
        var text = new System.Text.StringBuilder();
        var finishReason = "";
        Settlement? settlement = null;
        await foreach (var chunk in Stream(request, cancellationToken, spendMax).WithCancellation(cancellationToken))
        {
            text.Append(chunk.Text);
            if (chunk.FinishReason is not null)
            {
                finishReason = chunk.FinishReason;
                generated = System.Diagnostics.Stopwatch.GetElapsedTime(started);
            }

            settlement = chunk.Settlement ?? settlement;
        }

        return new Answer(
            text.ToString(),
            finishReason,
            generated,
            settlement ?? throw new InvalidOperationException($"The answer to request '{request.RequestId}' ended without a settlement."));
    }
}

/// <summary>A whole answer and who was paid for it.</summary>
/// <param name="GenerationTime">From the request to the last token; attribution and settlement come after.</param>
public sealed record Answer(string Text, string FinishReason, TimeSpan GenerationTime, Settlement Settlement);
