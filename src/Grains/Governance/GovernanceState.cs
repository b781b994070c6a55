using System.Globalization;
using OpenLedger.Economy;
using OpenLedger.Economy.Governance;
using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Governance;

/// <summary>What a network's governance keeps, in types that any serializer writes. Bounded by the bounds of the core.</summary>
[GenerateSerializer, Alias("openledger.governance.state")]
public sealed class GovernanceState
{
    /// <summary>Texts of the parameters by name.</summary>
    [Id(0)] public Dictionary<string, string> Parameters { get; set; } = [];

    /// <summary>Executed proposals so far.</summary>
    [Id(1)] public long ParametersVersion { get; set; }

    [Id(2)] public List<StoredVoter> Voters { get; set; } = [];

    /// <summary>Checkpoints of all that is locked.</summary>
    [Id(3)] public List<string> Supply { get; set; } = [];

    [Id(4)] public List<StoredProposal> Proposals { get; set; } = [];

    /// <summary>The latest moment that anything was done at.</summary>
    [Id(5)] public long LastMs { get; set; }

    /// <summary>Locks and unlocks whose outcome in the book is not known to be in <see cref="Voters"/>.</summary>
    [Id(6)] public List<StoredMove> Moves { get; set; } = [];

    /// <summary>Ids of the last moves, to answer repetitions; older ones are known by the book.</summary>
    [Id(7)] public List<string> RecentMoves { get; set; } = [];

    [Id(8)] public NonceMemory Nonces { get; set; } = new();

    internal void Take(Governor governor)
    {
        Parameters = ParameterMessages.ToTexts(governor.Parameters);
        ParametersVersion = governor.Version;
        LastMs = governor.LastMs;
        Supply = ToTexts(governor.Power.Supply);
        Voters =
        [
            .. governor.Power.Voters.Select(
                voter => new StoredVoter(voter.Account, voter.Locked.ToString(), voter.Delegate, ToTexts(voter.Votes))),
        ];
        Proposals = [.. governor.Proposals.Select(StoredProposal.Of)];
    }

    internal Governor ToGovernor()
    {
        var voters = Voters.Select(each => new Voter(each.Account)
        {
            Locked = Amount.Parse(each.Locked),
            Delegate = each.Delegate,
            Votes = ToCheckpoints(each.Votes),
        });
        return new Governor(
            ParameterMessages.FromTexts(Parameters),
            ParametersVersion,
            new VotingPower(voters, ToCheckpoints(Supply)),
            Proposals.Select(each => each.ToProposal()),
            LastMs);
    }

    static List<string> ToTexts(VoteCheckpoints checkpoints) =>
        [.. checkpoints.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.TimeMs}:{point.Votes}"))];

    static VoteCheckpoints ToCheckpoints(IReadOnlyList<string> texts) => new(texts.Select(text =>
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return new VoteCheckpoint(long.Parse(text.AsSpan(0, colon), CultureInfo.InvariantCulture), Amount.Parse(text.AsSpan(colon + 1)));
    }));
}

/// <param name="Locked">Decimal text.</param>
/// <param name="Votes">Checkpoints, <c>time:votes</c>.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.state.voter")]
public sealed record StoredVoter(
    [property: Id(0)] string Account,
    [property: Id(1)] string Locked,
    [property: Id(2)] string Delegate,
    [property: Id(3)] IReadOnlyList<string> Votes);

/// <summary>A lock or unlock that was begun: it is finished before anything else is done.</summary>
/// <param name="Id">The transfer's id.</param>
/// <param name="Amount">Decimal text.</param>
/// <param name="Delegate">Whom the account delegates to afterwards; empty leaves that.</param>
/// <param name="Authorization">The account's request, which allows taking the money; null for an unlock.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.state.move")]
public sealed record StoredMove(
    [property: Id(0)] string Id,
    [property: Id(1)] string Account,
    [property: Id(2)] string Amount,
    [property: Id(3)] string Delegate,
    [property: Id(4)] Authorization? Authorization);

/// <param name="Tally">For, against and abstain as decimal texts, once counted; empty before.</param>
/// <param name="Supply">Decimal text.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.state.proposal")]
public sealed record StoredProposal(
    [property: Id(0)] string Id,
    [property: Id(1)] string Proposer,
    [property: Id(2)] string Title,
    [property: Id(3)] IReadOnlyList<ParameterValue> Changes,
    [property: Id(4)] long CreatedMs,
    [property: Id(5)] long SnapshotMs,
    [property: Id(6)] long DeadlineMs,
    [property: Id(7)] int QuorumShare,
    [property: Id(8)] IReadOnlyList<string> Tally,
    [property: Id(9)] string Supply,
    [property: Id(10)] long EtaMs,
    [property: Id(11)] long ExpiryMs,
    [property: Id(12)] bool IsCanceled,
    [property: Id(13)] bool IsExecuted)
{
    internal static StoredProposal Of(Proposal proposal) => new(
        proposal.Id,
        proposal.Proposer,
        proposal.Title,
        ProposalMessages.ToMessages(proposal.Changes),
        proposal.CreatedMs,
        proposal.SnapshotMs,
        proposal.DeadlineMs,
        proposal.QuorumShare,
        proposal.Tally is { } tally ? [tally.For.ToString(), tally.Against.ToString(), tally.Abstain.ToString()] : [],
        proposal.Supply.ToString(),
        proposal.EtaMs,
        proposal.ExpiryMs,
        proposal.IsCanceled,
        proposal.IsExecuted);

    internal Proposal ToProposal() => new(
        Id, Proposer, ProposalMessages.ToChanges(Changes), CreatedMs, SnapshotMs, DeadlineMs, QuorumShare)
    {
        Title = Title,
        Tally = Tally.Count == 0 ? null : new Tally(Amount.Parse(Tally[0]), Amount.Parse(Tally[1]), Amount.Parse(Tally[2])),
        Supply = Amount.Parse(Supply),
        EtaMs = EtaMs,
        ExpiryMs = ExpiryMs,
        IsCanceled = IsCanceled,
        IsExecuted = IsExecuted,
    };
}
