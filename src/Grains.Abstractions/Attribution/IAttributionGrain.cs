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

    /// <summary>
    /// Announces a receipt before it is settled, durably, so that its credits are added whatever happens afterwards. Idempotent by
    /// <see cref="ExpectedReceipt.ReceiptId"/>.
    /// </summary>
    /// <param name="authorization">The network's: the funds are held.</param>
    [AlwaysInterleave]
    [Alias("expect")]
    Task Expect(ExpectedReceipt receipt, Authorization authorization);

    /// <summary>Adds a settled answer's credit to the totals. Idempotent by <see cref="SettledCredit.ReceiptId"/>.</summary>
    /// <param name="authorization">The network's: the answer has been settled.</param>
    [AlwaysInterleave]
    [Alias("accumulate")]
    Task Accumulate(SettledCredit credit, Authorization authorization);

    /// <summary>Credit accumulated since the adapter was published, highest first.</summary>
    [AlwaysInterleave]
    [Alias("totals")]
    Task<IReadOnlyList<ContributorTotal>> GetTotals();

    /// <summary>
    /// Pays the credits of an epoch that is due, by time or by answers, or goes on paying one that was interrupted. Repeating it pays
    /// nobody twice.
    /// </summary>
    /// <param name="authorization">The adapter's owner's, or the network's.</param>
    /// <returns>The epoch that was paid, or null where none was.</returns>
    [Alias("settle-epoch")]
    Task<EpochSummary?> SettleEpoch(SettleEpoch command, Authorization authorization);

    /// <summary>What accumulates, what is owed, and the latest epochs.</summary>
    [AlwaysInterleave]
    [Alias("credits")]
    Task<CreditSummary> GetCredits();

    /// <summary>Sets credit aside that is in dispute. Idempotent by <see cref="CreditFreeze.DisputeId"/>.</summary>
    /// <param name="authorization">The network's.</param>
    /// <returns>What is set aside: at most what is unpaid.</returns>
    [Alias("freeze")]
    Task<Amount> Freeze(CreditFreeze freeze, Authorization authorization);

    /// <summary>Ends a freeze, in the contributor's favour or another account's. Idempotent by dispute.</summary>
    /// <param name="beneficiary">The account that gets what was frozen, or empty for the contributor.</param>
    /// <param name="authorization">The network's.</param>
    /// <returns>What the other account got.</returns>
    [Alias("end-freeze")]
    Task<Amount> EndFreeze(string disputeId, string beneficiary, Authorization authorization);
}

/// <param name="CommandId">Client-made id of this request.</param>
/// <param name="Now">Ends an epoch that is not due yet as well.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.settle-epoch")]
public sealed record SettleEpoch([property: Id(0)] string CommandId, [property: Id(1)] bool Now);

/// <param name="HoldId">The hold out of which it will be settled.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.expected")]
public sealed record ExpectedReceipt([property: Id(0)] string ReceiptId, [property: Id(1)] string HoldId);

/// <param name="Amount">What is disputed at most, or null for all of the contributor's credit, that of later answers included.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.freeze")]
public sealed record CreditFreeze(
    [property: Id(0)] string DisputeId,
    [property: Id(1)] string Contributor,
    [property: Id(2)] Amount? Amount = null);

/// <summary>An epoch that was paid.</summary>
/// <param name="PaidCount">Contributors that were paid.</param>
/// <param name="Paid">What they were paid together.</param>
/// <param name="Rewards">What staking pools got.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.epoch")]
public sealed record EpochSummary(
    [property: Id(0)] string AdapterId,
    [property: Id(1)] long Epoch,
    [property: Id(2)] long EndedSeconds,
    [property: Id(3)] int PaidCount,
    [property: Id(4)] Amount Paid,
    [property: Id(5)] Amount Rewards,
    [property: Id(6)] long AnswerCount);

/// <param name="Pool">The account that holds what contributors are owed.</param>
/// <param name="Epoch">The epoch that accumulates, counted from 1.</param>
/// <param name="EpochStartedSeconds">Time of its first answer, in seconds since 1970; 0 before it.</param>
/// <param name="Owed">Unpaid, being paid, and frozen: what the pool holds.</param>
/// <param name="Frozen">The part of it that is in dispute.</param>
/// <param name="StakersUnpaid">The stakers' part that waits for the epoch's end.</param>
/// <param name="Epochs">The latest epochs that were paid, the latest last.</param>
/// <param name="FirstSeconds">Time of the very first answer, in seconds since 1970; 0 before it.</param>
/// <param name="AnswerCount">Answers ever.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.credits")]
public sealed record CreditSummary(
    [property: Id(0)] string AdapterId,
    [property: Id(1)] string Pool,
    [property: Id(2)] long Epoch,
    [property: Id(3)] long EpochStartedSeconds,
    [property: Id(4)] long EpochAnswerCount,
    [property: Id(5)] Amount Owed,
    [property: Id(6)] Amount Frozen,
    [property: Id(7)] Amount StakersUnpaid,
    [property: Id(8)] IReadOnlyList<EpochSummary> Epochs,
    [property: Id(9)] long FirstSeconds,
    [property: Id(10)] long AnswerCount);

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

/// <param name="Payments">What each contributor is credited.</param>
/// <param name="Stakers">The stakers' part of the fee.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.settled")]
public sealed record SettledCredit(
    [property: Id(0)] string ReceiptId,
    [property: Id(1)] IReadOnlyList<ContributorPayment> Payments,
    [property: Id(2)] Amount Stakers);

[GenerateSerializer, Immutable, Alias("openledger.attribution.payment")]
public sealed record ContributorPayment([property: Id(0)] string Contributor, [property: Id(1)] Amount Amount);

/// <param name="Amount">What was ever credited.</param>
/// <param name="Unpaid">The part of it that is not paid yet and not in dispute.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.total")]
public sealed record ContributorTotal(
    [property: Id(0)] string Contributor,
    [property: Id(1)] Amount Amount,
    [property: Id(2)] long AnswerCount,
    [property: Id(3)] Amount Unpaid);
