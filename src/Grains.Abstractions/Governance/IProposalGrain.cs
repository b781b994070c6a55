using OpenLedger.Grains.Identity;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Governance;

/// <summary>What a proposal says, and the votes on it; the key is its id (<c>pr_…</c>). When it is open is governance's to say.</summary>
[Alias("openledger.proposal"), KeyPrefix(GrainKeys.Proposal)]
public interface IProposalGrain : IGrainWithStringKey
{
    /// <summary>Keeps what the proposal says; its key follows from that. Repeating it changes nothing.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("open")]
    Task Open(ProposeChanges content, Authorization authorization);

    /// <summary>Puts a vote in the box.</summary>
    /// <param name="authorization">The network's: governance has verified the voter's, and says what the vote weighs.</param>
    [Alias("cast")]
    Task<VoteCard> Cast(VoteCard vote, Authorization authorization);

    /// <summary>Ends the vote and counts it, for good.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("close")]
    Task<VoteTally> Close(Authorization authorization);

    /// <summary>Keeps what became of the proposal, once governance lets go of it.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("archive")]
    Task Archive(ProposalCard outcome, Authorization authorization);

    /// <summary>What it says; refused where it says nothing.</summary>
    [ReadOnly]
    [Alias("content")]
    Task<ProposeChanges> GetContent();

    /// <summary>What became of it, once governance has let go of it; null before.</summary>
    [ReadOnly]
    [Alias("outcome")]
    Task<ProposalCard?> GetOutcome();

    /// <summary>The votes as they are.</summary>
    [ReadOnly]
    [Alias("tally")]
    Task<VoteTally> GetTally();

    /// <summary>An account's vote, or null.</summary>
    [ReadOnly]
    [Alias("vote")]
    Task<VoteCard?> GetVote(string account);
}

/// <param name="CommandId">The client's own id, 1 to 100 characters: the same content may be proposed again under another.</param>
/// <param name="Changes">Name and new value of each parameter; none makes it a signal.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.propose")]
public sealed record ProposeChanges(
    [property: Id(0)] string CommandId,
    [property: Id(1)] string Proposer,
    [property: Id(2)] string Title,
    [property: Id(3)] string Description,
    [property: Id(4)] IReadOnlyList<ParameterValue> Changes);

/// <summary>The numbers of OpenZeppelin's <c>GovernorCountingSimple.VoteType</c>.</summary>
public enum VoteChoice
{
    Against,
    For,
    Abstain,
}

[GenerateSerializer, Immutable, Alias("openledger.governance.cast-vote")]
public sealed record CastVote(
    [property: Id(0)] string ProposalId,
    [property: Id(1)] string Account,
    [property: Id(2)] VoteChoice Choice);

/// <param name="Weight">The account's votes at the proposal's snapshot.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.vote")]
public sealed record VoteCard(
    [property: Id(0)] string ProposalId,
    [property: Id(1)] string Account,
    [property: Id(2)] VoteChoice Choice,
    [property: Id(3)] Amount Weight);

[GenerateSerializer, Immutable, Alias("openledger.governance.tally")]
public sealed record VoteTally(
    [property: Id(0)] Amount For,
    [property: Id(1)] Amount Against,
    [property: Id(2)] Amount Abstain,
    [property: Id(3)] int VoterCount);

/// <summary>The numbers of OpenZeppelin's <c>IGovernor.ProposalState</c>.</summary>
public enum ProposalStage
{
    Pending,
    Active,
    Canceled,
    Defeated,
    Succeeded,
    Queued,
    Expired,
    Executed,
}

/// <summary>A proposal and its state. Times in milliseconds since 1970.</summary>
/// <param name="SnapshotMs">Votes count as of this moment, and are taken after it.</param>
/// <param name="DeadlineMs">The last moment of voting.</param>
/// <param name="EtaMs">The earliest moment of execution; 0 while not queued.</param>
/// <param name="ExpiryMs">From this moment on it is expired; 0 while not queued.</param>
/// <param name="Votes">So far, or for good once voting has ended.</param>
/// <param name="Quorum">What for and abstain must come to; zero until voting has ended.</param>
/// <param name="Supply">All that was locked at the snapshot; zero until voting has ended.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.proposal")]
public sealed record ProposalCard(
    [property: Id(0)] string Id,
    [property: Id(1)] string Proposer,
    [property: Id(2)] string Title,
    [property: Id(3)] ProposalStage State,
    [property: Id(4)] IReadOnlyList<ParameterValue> Changes,
    [property: Id(5)] long CreatedMs,
    [property: Id(6)] long SnapshotMs,
    [property: Id(7)] long DeadlineMs,
    [property: Id(8)] long EtaMs,
    [property: Id(9)] long ExpiryMs,
    [property: Id(10)] VoteTally Votes,
    [property: Id(11)] Amount Quorum,
    [property: Id(12)] Amount Supply);

/// <param name="Total">Proposals that are listed in all.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.proposals")]
public sealed record ProposalPage([property: Id(0)] int Total, [property: Id(1)] IReadOnlyList<ProposalCard> Proposals);
