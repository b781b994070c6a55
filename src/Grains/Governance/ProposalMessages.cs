using OpenLedger.Economy;
using OpenLedger.Economy.Governance;
using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Governance;

/// <summary>Proposals and votes to and from what grains send, and the bounds of what a proposal says.</summary>
static class ProposalMessages
{
    public const int TitleCharactersMax = 200;
    public const int DescriptionCharactersMax = 10_000;
    public const int CommandIdCharactersMax = 100;

    const int IdDigits = 32;

    /// <summary>The id that belongs to a proposal's content: who names an id has said what it stands for.</summary>
    public static string IdOf(ProposeChanges content) => GrainKeys.OfProposal(RequestBody.Of(content).Hex[..IdDigits]);

    /// <exception cref="RefusedException">A text is too long or missing.</exception>
    public static void Check(ProposeChanges content)
    {
        CheckCommandId(content.CommandId);
        if (content.Title.Trim().Length is 0 or > TitleCharactersMax)
        {
            throw new RefusedException(
                $"A proposal has a title of 1 to {TitleCharactersMax} characters; this one has {content.Title.Length}.");
        }

        if (content.Description.Length > DescriptionCharactersMax)
        {
            throw new RefusedException(
                $"A proposal's description has at most {DescriptionCharactersMax:N0} characters; "
                + $"this one has {content.Description.Length:N0}.");
        }

        if (content.Changes.Count > Proposal.ChangesMax)
        {
            throw new RefusedException($"A proposal makes at most {Proposal.ChangesMax} changes, and not {content.Changes.Count}.");
        }
    }

    /// <exception cref="RefusedException">The id is too long or missing.</exception>
    public static void CheckCommandId(string id)
    {
        if (id.Length is 0 or > CommandIdCharactersMax)
        {
            throw new RefusedException($"A command has an id of 1 to {CommandIdCharactersMax} characters; this one has {id.Length}.");
        }
    }

    public static IReadOnlyList<ParameterChange> ToChanges(IReadOnlyList<ParameterValue> values) =>
        [.. values.Select(each => ParameterChange.Parse(each.Name, each.Value))];

    public static IReadOnlyList<ParameterValue> ToMessages(IReadOnlyList<ParameterChange> changes) =>
        [.. changes.Select(each => new ParameterValue(each.Parameter, each.Value, ParameterTable.Find(each.Parameter).Unit))];

    public static VoteTally ToMessage(Tally tally, int voterCount) => new(tally.For, tally.Against, tally.Abstain, voterCount);

    public static Tally ToTally(VoteTally tally) => new(tally.For, tally.Against, tally.Abstain);

    public static VoteSupport ToSupport(VoteChoice choice) => choice switch
    {
        VoteChoice.Against => VoteSupport.Against,
        VoteChoice.For => VoteSupport.For,
        VoteChoice.Abstain => VoteSupport.Abstain,
        _ => throw new RefusedException("A vote is for, against or abstain."),
    };

    public static ProposalCard ToCard(Proposal proposal, ProposalState state, VoteTally votes) => new(
        proposal.Id,
        proposal.Proposer,
        proposal.Title,
        (ProposalStage)state,
        ToMessages(proposal.Changes),
        proposal.CreatedMs,
        proposal.SnapshotMs,
        proposal.DeadlineMs,
        proposal.EtaMs,
        proposal.ExpiryMs,
        votes,
        proposal.Tally is null ? Amount.Zero : proposal.Quorum,
        proposal.Supply);
}
