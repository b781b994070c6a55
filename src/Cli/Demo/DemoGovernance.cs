using OpenLedger.Client;
using OpenLedger.Economy;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Inference;
using OpenLedger.Silo;

namespace OpenLedger.Cli.Demo;

/// <summary>What a vote did in the demo.</summary>
/// <param name="State">The proposal's state at the end: <c>executed</c>.</param>
/// <param name="AnswerFollows">Whether an answer that was paid after it was split by the new parts, and by the old ones before.</param>
sealed record DemoVote(
    string Proposal, string State, string Votes, string FeeSplitBefore, string FeeSplitAfter, bool AnswerFollows);

/// <summary>
/// A proposal changes the fee split: locked OPEN votes, the timelock runs, the next answer is paid by the new split. The demo's network
/// begins with times of seconds where others take days; the rules are the same.
/// </summary>
sealed class DemoGovernance
{
    /// <summary>What the demo's network begins with.</summary>
    public static IReadOnlyDictionary<string, string> Parameters { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["voting-delay-ms"] = "10",
        ["voting-period-ms"] = "3000",
        ["timelock-ms"] = "200",
    };

    const string FeeSplitName = "fee-split";
    const string Proposed = "500/2000/2000/5500";
    const ulong VotesOpen = 20_000;

    static readonly TimeSpan pollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>A silo's view of parameters is up to a second old.</summary>
    static readonly TimeSpan inForceAfter = ParameterCache.AgeMax + pollInterval;

    readonly EmbeddedSilo _silo;
    readonly DemoIdentity _identity;
    readonly DemoNetwork _network;
    readonly IDemoNarrator _narrator;

    public DemoGovernance(EmbeddedSilo silo, DemoIdentity identity, DemoNetwork network, IDemoNarrator narrator)
    {
        _silo = silo;
        _identity = identity;
        _network = network;
        _narrator = narrator;
    }

    GovernanceClient Governance => _network.Client.Governance;

    /// <param name="before">A settlement of before the vote.</param>
    /// <param name="after">Asks a question, pays for it, and gives its settlement.</param>
    public async Task<DemoVote> Run(DemoFeatureResult before, Func<Task<Settlement>> after, CancellationToken cancellationToken)
    {
        var voter = _identity.Key("voter");
        _network.Keys.Add(voter);
        await _network.Client.Ledger.OpenAccounts([voter.Address], cancellationToken);
        await _identity.Fund(_silo, voter.Address, Amount.FromOpen(VotesOpen));
        await Governance.Lock(new LockVotes("demo/lock", voter.Address, Amount.FromOpen(VotesOpen), voter.Address));
        var old = await FeeSplitInForce();

        // Votes count for proposing from the moment after they were locked.
        await Task.Delay(pollInterval, cancellationToken);
        var proposal = await Governance.Propose(new ProposeChanges(
            "demo/propose",
            voter.Address,
            "Half of the platform's part to the contributors",
            "The platform's part falls from 10 % to 5 %, the contributors' rises from 50 % to 55 %.",
            [new ParameterValue(FeeSplitName, Proposed)]));
        await Until(proposal.Id, ProposalStage.Active, cancellationToken);
        await Governance.Vote(new CastVote(proposal.Id, voter.Address, VoteChoice.For));
        await Until(proposal.Id, ProposalStage.Succeeded, cancellationToken);
        var queued = await Governance.Queue(proposal.Id);
        await Until(queued.EtaMs, cancellationToken);
        var executed = await Governance.Execute(proposal.Id);

        await Task.Delay(inForceAfter, cancellationToken);
        var settlement = await after();
        var follows = Follows(old, before.Fee, before.Lines) && Follows(Proposed, settlement.Fee, settlement.Lines);
        var votes = $"{executed.Votes.For} for, {executed.Votes.Against} against";
        _narrator.Note(
            $"Proposal {executed.Id} is {executed.State.ToString().ToLowerInvariant()} ({votes}): the fee split was {old} and is "
            + $"{await FeeSplitInForce()} basis points for platform, owner, stakers and contributors.");
        _narrator.Note(
            $"The next answer cost {settlement.Fee} OPEN, of which the platform got {PlatformPart(settlement.Lines)}"
            + (follows ? ": the new part." : ", which is not the new part."));
        return new DemoVote(
            executed.Id, executed.State.ToString().ToLowerInvariant(), votes, old, await FeeSplitInForce(), follows);
    }

    async Task<string> FeeSplitInForce() =>
        (await Governance.GetParameters()).Values.Single(each => each.Name == FeeSplitName).Value;

    async Task Until(string proposalId, ProposalStage stage, CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = (await Governance.GetProposal(proposalId)).State;
            if (state == stage)
            {
                return;
            }

            if (state is not (ProposalStage.Pending or ProposalStage.Active))
            {
                throw new InvalidOperationException($"The demo's proposal is {state} and should be {stage}.");
            }

            await Task.Delay(pollInterval, cancellationToken);
        }
    }

    static async Task Until(long timeMs, CancellationToken cancellationToken)
    {
        while (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() < timeMs)
        {
            await Task.Delay(pollInterval, cancellationToken);
        }
    }

    /// <summary>Whether the platform's line is the platform's part of the fee under a split, to the last atto-OPEN.</summary>
    static bool Follows(string split, Amount fee, IReadOnlyList<SettlementLine> lines)
    {
        var inForce = ParameterTable.Find(FeeSplitName).Write(NetworkParameters.Default, split).FeeSplit;
        ulong[] parts = [(ulong)inForce.Platform, (ulong)inForce.Owner, (ulong)inForce.Stakers, (ulong)inForce.Contributors];
        return PlatformPart(lines).Atto == LargestRemainder.Split(fee.Atto, parts)[0];
    }

    static Amount PlatformPart(IReadOnlyList<SettlementLine> lines) =>
        Amount.Sum(lines.Where(line => line.Role == SplitRole.Platform.Name()).Select(line => line.Amount));
}
