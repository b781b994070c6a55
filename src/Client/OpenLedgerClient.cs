using OpenLedger.Grains;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Models;

namespace OpenLedger.Client;

/// <summary>The typed API of an OpenLedger cluster, over an Orleans client.</summary>
/// <remarks>
/// Every call that changes something carries an idempotency id. A timeout, a silo that went away or a database that did not answer
/// leave the outcome unknown; the client repeats such a call with the same id, within the bounds of <see cref="Repetition"/>, before it
/// lets the exception through.
/// </remarks>
public sealed class OpenLedgerClient
{
    /// <summary>The book answers within milliseconds; when it has not by then, the silo that kept it may be gone.</summary>
    static readonly TimeSpan ledgerAnswerMax = TimeSpan.FromSeconds(1);

    readonly IGrainFactory _grains;
    readonly Repetition _repetition;

    /// <param name="clock">Paces repetitions; the system's by default.</param>
    public OpenLedgerClient(IGrainFactory grains, TimeProvider? clock = null)
    {
        _grains = grains;
        clock ??= TimeProvider.System;
        _repetition = new Repetition(clock);
        Accounts = new AccountsClient(grains, _repetition);
        Datanets = new DatanetsClient(grains, _repetition);
        Training = new TrainingClient(grains, _repetition);
        Ledger = new LedgerClient(grains, new Repetition(clock, ledgerAnswerMax));
    }

    public AccountsClient Accounts { get; }

    public DatanetsClient Datanets { get; }

    public TrainingClient Training { get; }

    public LedgerClient Ledger { get; }

    /// <summary>The card of a base model (<c>md_…</c>).</summary>
    public Task<ModelCard> GetModel(string modelId) => _repetition.Run(() => _grains.GetGrain<IModelGrain>(modelId).GetCard());

    /// <summary>The card of an adapter (<c>ad_…</c>).</summary>
    public Task<AdapterCard> GetAdapter(string adapterId) => _repetition.Run(() => _grains.GetGrain<IAdapterGrain>(adapterId).GetCard());

    /// <summary>Opens a published adapter for serving.</summary>
    public Task<AdapterCard> Deploy(string adapterId, CancellationToken cancellationToken = default) =>
        _repetition.Run(() => _grains.GetGrain<IAdapterGrain>(adapterId).Deploy(), cancellationToken);

    /// <summary>What an adapter's contributors were paid so far, highest first.</summary>
    public Task<IReadOnlyList<ContributorTotal>> GetContributorTotals(string adapterId) =>
        _grains.GetGrain<IAttributionGrain>(adapterId).GetTotals();

    /// <summary>Streams a paid answer; the last chunk carries the settlement.</summary>
    /// <exception cref="UserErrorException">The model is unknown, the payer's funds are too low, or the prompt is too long.</exception>
    public IAsyncEnumerable<InferenceChunk> Stream(InferenceRequest request, CancellationToken cancellationToken = default) =>
        _grains.GetGrain<IInferenceGrain>(GrainKeys.OfRequest(request.RequestId)).Complete(request, cancellationToken);

    /// <summary>A paid answer, whole, with its settlement.</summary>
    public async Task<Answer> Complete(InferenceRequest request, CancellationToken cancellationToken = default)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        var generated = TimeSpan.Zero;
        var text = new System.Text.StringBuilder();
        var finishReason = "";
        Settlement? settlement = null;
        await foreach (var chunk in Stream(request, cancellationToken).WithCancellation(cancellationToken))
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
