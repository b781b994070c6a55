using OpenLedger.Grains.Identity;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Staking;

/// <summary>One accusation with its bond, answer, vote and outcome; the key is its id (<c>ds_…</c>), made by the client.</summary>
[Alias("openledger.dispute"), KeyPrefix(GrainKeys.Dispute)]
public interface IDisputeGrain : IGrainWithStringKey
{
    /// <summary>
    /// Deposits the bond and freezes what is disputed: the accused's stake in a pool, credit of an adapter that is not paid yet, or both.
    /// Repeating it with the same values changes nothing.
    /// </summary>
    /// <param name="authorization">The challenger's; its <see cref="Authorization.SpendMax"/> is at least the bond.</param>
    [Alias("open")]
    Task<DisputeCard> Open(OpenDispute command, Authorization authorization);

    /// <summary>Answers within the window.</summary>
    /// <param name="authorization">The accused's.</param>
    [Alias("answer")]
    Task<DisputeCard> Answer(DisputeAnswer command, Authorization authorization);

    /// <summary>Calls the network pool's stakers to vote: who would lose may, within the window.</summary>
    /// <param name="authorization">Of the account that the command names.</param>
    [Alias("appeal")]
    Task<DisputeCard> Appeal(DisputeStep command, Authorization authorization);

    /// <summary>Votes, once, with the stake that was bonded in the network pool when the vote began.</summary>
    /// <param name="authorization">The voter's.</param>
    [Alias("vote")]
    Task<DisputeCard> Vote(DisputeVote command, Authorization authorization);

    /// <summary>The challenger takes it back before a vote; the bond is the accused's.</summary>
    /// <param name="authorization">The challenger's.</param>
    [Alias("take-back")]
    Task<DisputeCard> TakeBack(DisputeStep command, Authorization authorization);

    /// <summary>Carries out how it ended, if it has; a reminder does the same within a few minutes. Repeating it changes nothing.</summary>
    /// <param name="authorization">Of one of the parties, whom the command names.</param>
    [Alias("conclude")]
    Task<DisputeCard> Conclude(DisputeStep command, Authorization authorization);

    [ReadOnly]
    [Alias("card")]
    Task<DisputeCard> GetCard();
}

/// <summary>What somebody is accused of; it decides the part of the stake that is slashed.</summary>
public enum DisputeReason
{
    None,
    Spam,
    Harm,
    Fraud,
}

/// <param name="EvidenceHash">SHA-256 of the evidence, <c>sha256:…</c>; whoever disputes publishes what it is of.</param>
/// <param name="PoolId">Pool with the accused's stake, or empty.</param>
/// <param name="AdapterId">Adapter that owes the accused credit, or empty.</param>
/// <param name="ReceiptId">Only the credit of this receipt, or empty for all of it.</param>
/// <param name="RowId">Only the credit of this row on the receipt, or empty.</param>
/// <param name="RightfulOwner">Account that gets the credit if this is upheld; empty for the reserve.</param>
[GenerateSerializer, Immutable, Alias("openledger.dispute.open")]
public sealed record OpenDispute(
    [property: Id(0)] string Challenger,
    [property: Id(1)] string Accused,
    [property: Id(2)] DisputeReason Reason,
    [property: Id(3)] string EvidenceHash,
    [property: Id(4)] string PoolId = "",
    [property: Id(5)] string AdapterId = "",
    [property: Id(6)] string ReceiptId = "",
    [property: Id(7)] string RowId = "",
    [property: Id(8)] string RightfulOwner = "");

/// <param name="AnswerHash">SHA-256 of the answer, <c>sha256:…</c>.</param>
[GenerateSerializer, Immutable, Alias("openledger.dispute.answer")]
public sealed record DisputeAnswer([property: Id(0)] string Account, [property: Id(1)] string AnswerHash);

[GenerateSerializer, Immutable, Alias("openledger.dispute.step")]
public sealed record DisputeStep([property: Id(0)] string Account);

[GenerateSerializer, Immutable, Alias("openledger.dispute.vote")]
public sealed record DisputeVote([property: Id(0)] string Account, [property: Id(1)] bool Uphold);

/// <param name="Stage"><c>open</c>, <c>answered</c>, <c>unanswered</c>, <c>voting</c>, <c>upheld</c> or <c>rejected</c>.</param>
/// <param name="DeadlineSeconds">When the stage ends, in seconds since 1970.</param>
/// <param name="FrozenCredit">Credit that is set aside; what comes meanwhile is frozen as well where no receipt is named.</param>
/// <param name="Uphold">Stake that votes to uphold.</param>
/// <param name="Concluded">Whether the outcome has been carried out.</param>
/// <param name="Slashed">What was slashed.</param>
/// <param name="Forfeited">Credit that went to the reserve or the rightful owner.</param>
[GenerateSerializer, Immutable, Alias("openledger.dispute.card")]
public sealed record DisputeCard(
    [property: Id(0)] string Id,
    [property: Id(1)] OpenDispute Dispute,
    [property: Id(2)] string Stage,
    [property: Id(3)] long DeadlineSeconds,
    [property: Id(4)] Amount Bond,
    [property: Id(5)] int SlashBasisPoints,
    [property: Id(6)] Amount FrozenCredit,
    [property: Id(7)] string AnswerHash,
    [property: Id(8)] Amount Uphold,
    [property: Id(9)] Amount Reject,
    [property: Id(10)] int VoterCount,
    [property: Id(11)] bool Concluded,
    [property: Id(12)] Amount Slashed,
    [property: Id(13)] Amount Forfeited);
