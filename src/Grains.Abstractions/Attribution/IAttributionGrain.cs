using OpenLedger.Grains.Identity;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Attribution;

/// <summary>Attributes one adapter's answers to the rows it was trained on; the key is the adapter's id.</summary>
[Alias("openledger.attribution"), KeyPrefix(GrainKeys.Adapter)]
public interface IAttributionGrain : IGrainWithStringKey
{
    /// <summary>Begins to read the artefacts, so that the first answer does not wait for them. Returns at once.</summary>
    [AlwaysInterleave]
    [Alias("prepare")]
    Task Prepare();

    /// <summary>Scores an answer by the tokens that were served; prompt tokens condition the gradient and enter no score.</summary>
    [AlwaysInterleave]
    [Alias("attribute")]
    Task<AttributionResult> Attribute(AttributionQuery query);

    /// <summary>Adds a settled answer's credit to the totals. Idempotent by <see cref="SettledCredit.ReceiptId"/>.</summary>
    /// <param name="authorization">The network's: the answer has been settled.</param>
    [Alias("accumulate")]
    Task Accumulate(SettledCredit credit, Authorization authorization);

    /// <summary>Credit accumulated since the adapter was published, highest first.</summary>
    [ReadOnly]
    [Alias("totals")]
    Task<IReadOnlyList<ContributorTotal>> GetTotals();
}

[GenerateSerializer, Immutable, Alias("openledger.attribution.query")]
public sealed record AttributionQuery(
    [property: Id(0)] IReadOnlyList<int> PromptTokens,
    [property: Id(1)] IReadOnlyList<int> AnswerTokens);

/// <param name="Method">Name of the method, as written on the receipt.</param>
/// <param name="Credits">Credited rows, highest first; bounded.</param>
/// <param name="Contributors">Every contributor with its scores by signal, in order of account.</param>
/// <param name="BaseReserve">Share of the contributors' part that the adapter did not earn against the base, in millionths.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.result")]
public sealed record AttributionResult(
    [property: Id(0)] string Method,
    [property: Id(1)] IReadOnlyList<RowCredit> Credits,
    [property: Id(2)] IReadOnlyList<ContributorScore> Contributors,
    [property: Id(3)] int BaseReserve,
    [property: Id(4)] double Milliseconds);

/// <param name="Credit">Integer weight in the split.</param>
/// <param name="Passage">The part of the row's answer that the served answer repeats, or empty.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.row")]
public sealed record RowCredit(
    [property: Id(0)] string DatanetId,
    [property: Id(1)] string RowId,
    [property: Id(2)] string Contributor,
    [property: Id(3)] double Influence,
    [property: Id(4)] double Span,
    [property: Id(5)] double Combined,
    [property: Id(6)] long Credit,
    [property: Id(7)] string Passage);

[GenerateSerializer, Immutable, Alias("openledger.attribution.contributor")]
public sealed record ContributorScore(
    [property: Id(0)] string Contributor,
    [property: Id(1)] double Influence,
    [property: Id(2)] double Span,
    [property: Id(3)] double Combined,
    [property: Id(4)] long Credit);

[GenerateSerializer, Immutable, Alias("openledger.attribution.settled")]
public sealed record SettledCredit(
    [property: Id(0)] string ReceiptId,
    [property: Id(1)] IReadOnlyList<ContributorPayment> Payments);

[GenerateSerializer, Immutable, Alias("openledger.attribution.payment")]
public sealed record ContributorPayment([property: Id(0)] string Contributor, [property: Id(1)] Amount Amount);

[GenerateSerializer, Immutable, Alias("openledger.attribution.total")]
public sealed record ContributorTotal(
    [property: Id(0)] string Contributor,
    [property: Id(1)] Amount Amount,
    [property: Id(2)] long AnswerCount);
