using OpenLedger.Economy.Governance;
using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Governance;

/// <summary>
/// One proposal's content and ballot box. Governance calls it and is never called by it, so that neither waits for the other; what it
/// takes carries the network's word.
/// </summary>
sealed class ProposalGrain : Grain, IProposalGrain
{
    readonly IPersistentState<ProposalBox> _state;
    readonly RequestVerifier _requests;
    BallotBox _box = new();

    public ProposalGrain([PersistentState("proposal")] IPersistentState<ProposalBox> state, RequestVerifier requests)
    {
        _state = state;
        _requests = requests;
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Proposal, "a proposal");
        _box = _state.State.ToBox();
        return base.OnActivateAsync(cancellationToken);
    }

    public async Task Open(ProposeChanges content, Authorization authorization)
    {
        Verify(nameof(Open), authorization, RequestBody.Of(content));
        if (ProposalMessages.IdOf(content) != this.GetPrimaryKeyString())
        {
            throw new RefusedException($"{this.GetPrimaryKeyString()} is not the id of this content.");
        }

        if (_state.State.Content is null)
        {
            _state.State.Content = content;
            await Save();
        }
    }

    public async Task<VoteCard> Cast(VoteCard vote, Authorization authorization)
    {
        Verify(nameof(Cast), authorization, RequestBody.Of(vote));
        if (_box.Cast(vote.Account, ProposalMessages.ToSupport(vote.Choice), vote.Weight))
        {
            _state.State.Take(_box);
            await Save();
        }

        return Find(vote.Account)!;
    }

    public async Task<VoteTally> Close(Authorization authorization)
    {
        Verify(nameof(Close), authorization, RequestBody.Nothing);
        if (!_box.IsClosed)
        {
            _box.Close();
            _state.State.Take(_box);
            await Save();
        }

        return Tally();
    }

    public async Task Archive(ProposalCard outcome, Authorization authorization)
    {
        Verify(nameof(Archive), authorization, RequestBody.Of(outcome));
        _state.State.Outcome = outcome;
        await Save();
    }

    public Task<ProposeChanges> GetContent() => Task.FromResult(
        _state.State.Content ?? throw new RefusedException($"There is no proposal '{this.GetPrimaryKeyString()}' in this network."));

    public Task<ProposalCard?> GetOutcome() => Task.FromResult(_state.State.Outcome);

    public Task<VoteTally> GetTally() => Task.FromResult(Tally());

    public Task<VoteCard?> GetVote(string account) => Task.FromResult(Find(account));

    VoteTally Tally() => ProposalMessages.ToMessage(_box.Count(), _box.Ballots.Count);

    VoteCard? Find(string account) => _box.Find(account) is { } ballot
        ? new VoteCard(this.GetPrimaryKeyString(), account, (VoteChoice)ballot.Support, ballot.Weight)
        : null;

    void Verify(string method, Authorization authorization, ContentHash body) =>
        _requests.Verify<IProposalGrain>(this.GetPrimaryKeyString(), method, authorization, body).RequireNetwork();

    async Task Save()
    {
        try
        {
            await _state.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }
}

/// <summary>What a proposal's grain keeps. Its votes are as many as governance has voters, at most.</summary>
[GenerateSerializer, Alias("openledger.proposal.state")]
public sealed class ProposalBox
{
    [Id(0)] public ProposeChanges? Content { get; set; }

    /// <summary>Vote and weight by account: <c>for 12.500000000000000000</c>.</summary>
    [Id(1)] public Dictionary<string, string> Votes { get; set; } = [];

    [Id(2)] public bool IsClosed { get; set; }

    [Id(3)] public ProposalCard? Outcome { get; set; }

    internal void Take(BallotBox box)
    {
        IsClosed = box.IsClosed;
        Votes = box.Ballots.ToDictionary(
            pair => pair.Key, pair => $"{BallotBox.Word(pair.Value.Support)} {pair.Value.Weight}", StringComparer.Ordinal);
    }

    internal BallotBox ToBox() => new(Votes.Select(pair => KeyValuePair.Create(pair.Key, ToBallot(pair.Value))), IsClosed);

    static Ballot ToBallot(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return new Ballot(Enum.Parse<VoteSupport>(text.AsSpan(0, space), ignoreCase: true), Amount.Parse(text.AsSpan(space + 1)));
    }
}
