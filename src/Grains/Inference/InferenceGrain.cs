using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Models;
using Orleans.Placement;

namespace OpenLedger.Grains.Inference;

/// <summary>
/// One paid request from price to receipt, on the caller's silo. It keeps no state: everything it must not lose is in the ledger. It is
/// an ordinary grain with a key a request, and no stateless worker, because a stream belongs to one activation: between two pieces
/// Orleans may hand a stateless worker's call to another worker, which knows nothing of the stream.
/// </summary>
[PreferLocalPlacement]
[CollectionAgeLimit(Minutes = 2)]
sealed class InferenceGrain : Grain, IInferenceGrain
{
    /// <summary>A hold outlives any request, and a request that dies gives its funds back within this time.</summary>
    const int HoldSeconds = 600;

    readonly ServingHost _serving;
    readonly SettlementDesk _desk;
    readonly NetworkLedger _ledger;
    readonly ParameterCache _parameters;
    readonly RequestVerifier _requests;

    public InferenceGrain(
        ServingHost serving, SettlementDesk desk, NetworkLedger ledger, ParameterCache parameters, RequestVerifier requests)
    {
        _serving = serving;
        _desk = desk;
        _ledger = ledger;
        _parameters = parameters;
        _requests = requests;
    }

    public async IAsyncEnumerable<InferenceChunk> Complete(
        InferenceRequest request,
        Authorization authorization,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // No nonces are kept here: the hold's id follows from payer and request id, and the book takes it once.
        var body = RequestBody.Of(request);
        _requests.Verify<IInferenceGrain>(this.GetPrimaryKeyString(), nameof(Complete), authorization, body)
            .RequireAccount(request.Payer, "the payer");
        RequestRules.Check(request);
        var route = await Resolve(request.Model);
        var served = new ServedAnswer(request, route.Model, route.Adapter, await _parameters.Get());
        var hold = await Reserve(served, authorization);

        // From here on the hold ends in a settlement or is released, whatever happens to the stream.
        var concluded = false;
        var expected = Task.CompletedTask;
        try
        {
            // The receipt is announced while the answer is made.
            expected = served.Adapter is null ? expected : _desk.Expect(served.Adapter.Id, request, hold);
            var command = new GenerationCommand(request.Prompt, request.MaxTokens, request.Sampling, request.Stop);
            await foreach (var chunk in Generate(route, command, cancellationToken).WithCancellation(cancellationToken))
            {
                served.Add(chunk);
                yield return new InferenceChunk(chunk.Text, chunk.FinishReason, null);
            }

            concluded = true;
            yield return new InferenceChunk("", null, await Conclude(served, hold, expected));
        }
        finally
        {
            if (!concluded)
            {
                // Whoever leaves midway pays for what was served: otherwise leaving before the last chunk would be free.
                await Conclude(served, hold, expected);
            }
        }
    }

    /// <summary>
    /// Attributes and settles what was served; with nothing served, or when that fails, the hold is given back. A failure in which even
    /// that fails leaves the hold to its own expiry.
    /// </summary>
    async Task<Settlement?> Conclude(ServedAnswer served, TransferOrder hold, Task expected)
    {
        try
        {
            await expected;
            if (served.AnswerTokens.Count == 0)
            {
                await _desk.Release(hold);
                return null;
            }

            var attribution = served.Adapter is null ? null : await Attribute(served.Adapter.Id, served);
            var settlement = await _desk.Settle(served, hold, attribution);
            if (served.Adapter is not null)
            {
                await _desk.Accumulate(served.Adapter.Id, settlement);
            }

            return settlement;
        }
        catch
        {
            // A hold that was posted meanwhile stays posted: releasing it is refused and changes nothing.
            await _desk.Release(hold);
            throw;
        }
    }

    async Task<(ModelCard Model, AdapterCard? Adapter)> Resolve(string name)
    {
        if (name.StartsWith(GrainKeys.Model, StringComparison.Ordinal))
        {
            return (await GrainFactory.GetGrain<IModelGrain>(name).GetCard(), null);
        }

        if (!name.StartsWith(GrainKeys.Adapter, StringComparison.Ordinal))
        {
            throw new RefusedException(
                $"'{name}' names no model: a base model's id begins with {GrainKeys.Model}, an adapter's with {GrainKeys.Adapter}.");
        }

        var adapter = await GrainFactory.GetGrain<IAdapterGrain>(name).GetCard();
        if (!adapter.Deployed || adapter.Manifest is null)
        {
            throw new RefusedException(adapter.Published
                ? $"Adapter {name} is published but not deployed."
                : $"There is no adapter {name}.");
        }

        return (await GrainFactory.GetGrain<IModelGrain>(adapter.Manifest.ModelId).GetCard(), adapter);
    }

    /// <summary>Reserves the most that the answer can cost.</summary>
    async Task<TransferOrder> Reserve(ServedAnswer served, Authorization authorization)
    {
        var promptTokens = _serving.CountTokens(served.Model, served.Request.Prompt);
        var room = served.Model.ContextLength - promptTokens;
        if (room < 1)
        {
            throw new RefusedException(
                $"The prompt has {promptTokens} tokens; {served.Model.Name} takes {served.Model.ContextLength - 1} and an answer.");
        }

        var price = served.Pricing.FeeMax(promptTokens, Math.Min(served.Request.MaxTokens, room));
        if (price > authorization.SpendMax)
        {
            throw new RefusedException(
                $"This answer can cost {price} OPEN, and {served.Request.Payer} allowed {authorization.SpendMax}: allow more, or ask for "
                + "fewer tokens.");
        }

        var hold = new TransferOrder(
            TransferId.From($"{SettlementDesk.Key(served.Request)}/hold").ToString(),
            TransferKind.Pending,
            served.Request.Payer,
            SystemAccounts.Escrow,
            price,
            TimeoutSeconds: HoldSeconds);
        var outcome = (await _ledger.Transfer([hold], authorization))[0];
        if (outcome.Repeated)
        {
            throw new RefusedException(
                $"Request '{served.Request.RequestId}' was sent before. "
                + $"If it was settled, its receipt is {SettlementDesk.ReceiptId(served.Request)}.");
        }

        if (!outcome.Accepted)
        {
            throw new RefusedException(
                $"{price} OPEN could not be reserved from {served.Request.Payer}: {outcome.Result}. "
                + "The most this answer can cost is reserved first.");
        }

        return hold;
    }

    IAsyncEnumerable<GenerationChunk> Generate(
        (ModelCard Model, AdapterCard? Adapter) route, GenerationCommand command, CancellationToken cancellationToken) =>
        route.Adapter is null
            ? GrainFactory.GetGrain<IModelGrain>(route.Model.Id).Generate(command, cancellationToken)
            : GrainFactory.GetGrain<IAdapterGrain>(route.Adapter.Id).Generate(command, cancellationToken);

    Task<AttributionResult> Attribute(string adapterId, ServedAnswer served) =>
        GrainFactory.GetGrain<IAttributionGrain>(adapterId).Attribute(new AttributionQuery(served.PromptTokens, served.AnswerTokens));
}
