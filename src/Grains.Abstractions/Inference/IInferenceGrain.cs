using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Inference;

/// <summary>
/// One paid request: price, hold, route, stream, attribute, settle. It keeps no state; the key is <see cref="GrainKeys.OfRequest"/>,
/// so that all pieces of one stream come from one activation.
/// </summary>
[Alias("openledger.inference"), KeyPrefix(GrainKeys.Request)]
public interface IInferenceGrain : IGrainWithStringKey
{
    /// <summary>
    /// Streams the answer, then, after its last token, one chunk with the settlement. A cancelled request pays for what it got.
    /// </summary>
    /// <param name="authorization">The payer's; its <see cref="Authorization.SpendMax"/> bounds what is reserved.</param>
    [Alias("complete")]
    IAsyncEnumerable<InferenceChunk> Complete(
        InferenceRequest request, Authorization authorization, CancellationToken cancellationToken = default);
}

/// <summary>How the next token is drawn.</summary>
/// <param name="Temperature">0 is greedy.</param>
/// <param name="TopK">0 keeps every token.</param>
/// <param name="TopP">1 keeps every token.</param>
[GenerateSerializer, Immutable, Alias("openledger.inference.sampling")]
public sealed record Sampling(
    [property: Id(0)] double Temperature = 0,
    [property: Id(1)] int TopK = 0,
    [property: Id(2)] double TopP = 1,
    [property: Id(3)] long Seed = 0);

/// <param name="RequestId">Client-made idempotency id: a request is charged once, however often it is sent.</param>
/// <param name="Payer">Account that pays.</param>
/// <param name="Model">A model id (<c>md_…</c>) or an adapter id (<c>ad_…</c>).</param>
/// <param name="Stop">Strings that end the answer; at most 16.</param>
[GenerateSerializer, Immutable, Alias("openledger.inference.request")]
public sealed record InferenceRequest(
    [property: Id(0)] string RequestId,
    [property: Id(1)] string Payer,
    [property: Id(2)] string Model,
    [property: Id(3)] string Prompt,
    [property: Id(4)] int MaxTokens,
    [property: Id(5)] Sampling Sampling,
    [property: Id(6)] IReadOnlyList<string> Stop);

/// <summary>A piece of the answer, or, last, the settlement.</summary>
[GenerateSerializer, Immutable, Alias("openledger.inference.chunk")]
public sealed record InferenceChunk(
    [property: Id(0)] string Text,
    [property: Id(1)] string? FinishReason,
    [property: Id(2)] Settlement? Settlement);

/// <summary>What a device is asked to generate.</summary>
[GenerateSerializer, Immutable, Alias("openledger.inference.generation-command")]
public sealed record GenerationCommand(
    [property: Id(0)] string Prompt,
    [property: Id(1)] int MaxTokens,
    [property: Id(2)] Sampling Sampling,
    [property: Id(3)] IReadOnlyList<string> Stop);

/// <summary>Tokens as the device makes them. The first chunk carries the prompt's tokens.</summary>
/// <param name="FinishReason"><c>stop</c> or <c>length</c> on the last chunk, null before.</param>
[GenerateSerializer, Immutable, Alias("openledger.inference.generation-chunk")]
public sealed record GenerationChunk(
    [property: Id(0)] string Text,
    [property: Id(1)] IReadOnlyList<int> PromptTokens,
    [property: Id(2)] IReadOnlyList<int> Tokens,
    [property: Id(3)] string? FinishReason);

/// <summary>Who was paid for one answer, and where that is proved.</summary>
[GenerateSerializer, Immutable, Alias("openledger.inference.settlement")]
public sealed record Settlement(
    [property: Id(0)] string ReceiptId,
    [property: Id(1)] int PromptTokenCount,
    [property: Id(2)] int CompletionTokenCount,
    [property: Id(3)] Amount Fee,
    [property: Id(4)] IReadOnlyList<SettlementLine> Lines,
    [property: Id(5)] Attribution.AttributionResult? Attribution);

/// <param name="Role"><c>platform</c>, <c>owner</c>, <c>stakers</c>, <c>contributor</c> or <c>reserve</c>.</param>
[GenerateSerializer, Immutable, Alias("openledger.inference.settlement-line")]
public sealed record SettlementLine(
    [property: Id(0)] string Account,
    [property: Id(1)] string Role,
    [property: Id(2)] Amount Amount);
