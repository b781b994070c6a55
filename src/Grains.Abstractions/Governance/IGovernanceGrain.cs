using OpenLedger.Grains.Identity;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Governance;

/// <summary>How a network is governed; the key is the network's id (<c>nw_main</c>).</summary>
[Alias("openledger.governance"), KeyPrefix(GrainKeys.Network)]
public interface IGovernanceGrain : IGrainWithStringKey
{
    /// <summary>The parameters in force. Cheap; services of a silo ask for them by way of its cache.</summary>
    [AlwaysInterleave]
    [Alias("parameters")]
    Task<GovernedParameters> GetParameters();

    /// <summary>What an account has locked, whom it delegates to, and what it votes with.</summary>
    [Alias("voting-power")]
    Task<VotingPowerCard> GetVotingPower(string account);

    /// <summary>
    /// Locks OPEN for voting: it moves to the network's account for votes. Idempotent by <see cref="LockVotes.CommandId"/>.
    /// </summary>
    /// <param name="authorization">The account's; allows spending the amount.</param>
    [Alias("lock")]
    Task<VotingPowerCard> Lock(LockVotes command, Authorization authorization);

    /// <summary>Gives locked OPEN back; its votes end now, and past snapshots keep them. Idempotent as <see cref="Lock"/>.</summary>
    /// <param name="authorization">The account's.</param>
    [Alias("unlock")]
    Task<VotingPowerCard> Unlock(UnlockVotes command, Authorization authorization);

    /// <summary>Gives an account's votes to another, to itself, or to nobody.</summary>
    /// <param name="authorization">The account's.</param>
    [Alias("delegate")]
    Task<VotingPowerCard> Delegate(DelegateVotes command, Authorization authorization);

    /// <summary>Makes a proposal. Its id follows from its content, <see cref="ProposeChanges.CommandId"/> included.</summary>
    /// <param name="authorization">The proposer's.</param>
    [Alias("propose")]
    Task<ProposalCard> Propose(ProposeChanges command, Authorization authorization);

    /// <summary>Casts an account's vote, for good. The same vote again changes nothing.</summary>
    /// <param name="authorization">The voter's.</param>
    [Alias("vote")]
    Task<VoteCard> Vote(CastVote command, Authorization authorization);

    /// <summary>Queues a proposal that succeeded; the timelock runs from here. A queued one stays as it is.</summary>
    /// <param name="authorization">Anybody's.</param>
    [Alias("queue")]
    Task<ProposalCard> Queue(string proposalId, Authorization authorization);

    /// <summary>Makes a proposal's changes, all together, once the timelock has run out. An executed one stays as it is.</summary>
    /// <param name="authorization">Anybody's.</param>
    [Alias("execute")]
    Task<ProposalCard> Execute(string proposalId, Authorization authorization);

    /// <summary>Cancels a proposal, where the account may. A canceled one stays as it is.</summary>
    /// <param name="authorization">The proposer's or the guardian's; anybody's where the proposer is below the threshold.</param>
    [Alias("cancel")]
    Task<ProposalCard> Cancel(string proposalId, Authorization authorization);

    /// <summary>A proposal and its state; one that has left the list is told of by its own grain.</summary>
    [Alias("proposal")]
    Task<ProposalCard> GetProposal(string proposalId);

    /// <summary>Proposals, the newest first.</summary>
    /// <param name="skip">How many newer ones are left out.</param>
    /// <param name="count">1 to 100.</param>
    [Alias("proposals")]
    Task<ProposalPage> GetProposals(int skip, int count);
}

/// <summary>
/// Every governed parameter as text: a silo that does not know one of them leaves it out, and takes its own default for one that is not
/// among them, so that silos of two versions can share a network.
/// </summary>
/// <param name="Version">Rises by one with every executed proposal.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.parameters")]
public sealed record GovernedParameters(
    [property: Id(0)] long Version,
    [property: Id(1)] IReadOnlyList<ParameterValue> Values);

/// <param name="Name">Lower-case words with hyphens: <c>fee-split</c>.</param>
/// <param name="Value">Canonical text: <c>1000/2000/2000/5000</c>.</param>
/// <param name="Unit">What it counts, for display.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.parameter")]
public sealed record ParameterValue(
    [property: Id(0)] string Name,
    [property: Id(1)] string Value,
    [property: Id(2)] string Unit = "");

/// <param name="CommandId">The client's own id of this command, 1 to 100 characters.</param>
/// <param name="Delegate">Whom to delegate to from here on; empty leaves that as it is.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.lock")]
public sealed record LockVotes(
    [property: Id(0)] string CommandId,
    [property: Id(1)] string Account,
    [property: Id(2)] Amount Amount,
    [property: Id(3)] string Delegate = "");

/// <param name="CommandId">The client's own id of this command, 1 to 100 characters.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.unlock")]
public sealed record UnlockVotes(
    [property: Id(0)] string CommandId,
    [property: Id(1)] string Account,
    [property: Id(2)] Amount Amount);

/// <param name="To">An account, which may be the delegator's own; empty for nobody.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.delegate")]
public sealed record DelegateVotes([property: Id(0)] string Account, [property: Id(1)] string To);

/// <param name="Locked">OPEN that the account has locked.</param>
/// <param name="Delegate">Who votes with it; empty for nobody.</param>
/// <param name="Votes">What the account votes with now: all that is delegated to it.</param>
/// <param name="Supply">All OPEN that is locked, by anybody.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.voting-power")]
public sealed record VotingPowerCard(
    [property: Id(0)] string Account,
    [property: Id(1)] Amount Locked,
    [property: Id(2)] string Delegate,
    [property: Id(3)] Amount Votes,
    [property: Id(4)] Amount Supply);
