using OpenLedger.Economy.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Grains.Governance;

/// <summary>
/// A network's governance: the core's state machine, its money in the book, its votes in the proposals' own grains. What a call changes
/// is written in one piece before it is answered.
/// </summary>
sealed class GovernanceGrain : Grain, IGovernanceGrain
{
    /// <summary>Ids of moves kept to answer repetitions.</summary>
    const int RecentMovesMax = 1_024;

    const int PageMax = 100;

    readonly IPersistentState<GovernanceState> _state;
    readonly GenesisParameters _genesis;
    readonly NetworkLedger _ledger;
    readonly NetworkAuthority _network;
    readonly RequestVerifier _requests;
    Governor? _governor;

    public GovernanceGrain(
        [PersistentState("governance")] IPersistentState<GovernanceState> state,
        GenesisParameters genesis,
        NetworkLedger ledger,
        NetworkAuthority network,
        RequestVerifier requests)
    {
        _state = state;
        _genesis = genesis;
        _ledger = ledger;
        _network = network;
        _requests = requests;
    }

    Governor Core => _governor ?? throw new InvalidOperationException("Governance is not active.");

    long NowMs => _requests.NowMs;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Network, "a network");
        if (_state.RecordExists)
        {
            _governor = _state.State.ToGovernor();
        }
        else
        {
            // What the network begins with is written down: another start with other settings changes nothing of it.
            _governor = new Governor(_genesis.Parameters, 0, new VotingPower(), [], 0);
            await Save();
        }

        await base.OnActivateAsync(cancellationToken);
    }

    public Task<GovernedParameters> GetParameters() =>
        Task.FromResult(ParameterMessages.ToMessage(Core.Parameters, Core.Version));

    public Task<VotingPowerCard> GetVotingPower(string account) => Task.FromResult(Power(account));

    public async Task<VotingPowerCard> Lock(LockVotes command, Authorization authorization)
    {
        var request = Verify(nameof(Lock), authorization, RequestBody.Of(command))
            .RequireAccount(command.Account, "the account that locks");
        ProposalMessages.CheckCommandId(command.CommandId);
        if (command.Delegate.Length > 0)
        {
            RequireAddress(command.Delegate);
        }

        if (request.SpendMax < command.Amount)
        {
            throw new RefusedException($"The request allows spending {request.SpendMax} OPEN, and locking takes {command.Amount}.");
        }

        var id = MoveId("lock", command.Account, command.CommandId);
        await Begin(
            new StoredMove(id, command.Account, command.Amount.ToString(), command.Delegate, authorization),
            () => Core.Power.RequireLockable(command.Account, command.Amount));
        return Power(command.Account);
    }

    public async Task<VotingPowerCard> Unlock(UnlockVotes command, Authorization authorization)
    {
        Verify(nameof(Unlock), authorization, RequestBody.Of(command)).RequireAccount(command.Account, "the account that unlocks");
        ProposalMessages.CheckCommandId(command.CommandId);
        var id = MoveId("unlock", command.Account, command.CommandId);
        await Begin(
            new StoredMove(id, command.Account, command.Amount.ToString(), "", null),
            () => Core.Power.RequireUnlockable(command.Account, command.Amount));
        return Power(command.Account);
    }

    public async Task<VotingPowerCard> Delegate(DelegateVotes command, Authorization authorization)
    {
        var request = Verify(nameof(Delegate), authorization, RequestBody.Of(command))
            .RequireAccount(command.Account, "the account that delegates");
        if (command.To.Length > 0)
        {
            RequireAddress(command.To);
        }

        await FinishMoves();

        // Delegation goes back and forth: a request of before does not undo one that came after it.
        if (!_state.State.Nonces.IsRepetition(request, NowMs))
        {
            Core.Delegate(command.Account, command.To, NowMs);
            _state.State.Nonces.Remember(request);
            await Save();
        }

        return Power(command.Account);
    }

    public async Task<ProposalCard> Propose(ProposeChanges command, Authorization authorization)
    {
        Verify(nameof(Propose), authorization, RequestBody.Of(command)).RequireAccount(command.Proposer, "the proposer");
        ProposalMessages.Check(command);
        var id = ProposalMessages.IdOf(command);
        await FinishMoves();
        if (Core.Find(id) is null)
        {
            await CountEnded();
            if (Core.NextToLeave(NowMs) is { } leaving)
            {
                var outcome = await Card(leaving);
                await Box(leaving.Id).Archive(outcome, Authorize(leaving.Id, nameof(IProposalGrain.Archive), RequestBody.Of(outcome)));
            }

            Core.Propose(id, command.Proposer, ProposalMessages.ToChanges(command.Changes), NowMs, command.Title.Trim());
            try
            {
                // What it says is kept before it is a proposal: voters always find what they vote on.
                await Box(id).Open(command, Authorize(id, nameof(IProposalGrain.Open), RequestBody.Of(command)));
            }
            catch
            {
                _governor = _state.State.ToGovernor();
                throw;
            }

            await Save();
        }

        return await Card(Core.Get(id));
    }

    public async Task<VoteCard> Vote(CastVote command, Authorization authorization)
    {
        Verify(nameof(Vote), authorization, RequestBody.Of(command)).RequireAccount(command.Account, "the voter");
        _ = ProposalMessages.ToSupport(command.Choice);
        await FinishMoves();
        var proposal = Core.Get(command.ProposalId);
        Amount weight;
        try
        {
            weight = Core.Weight(proposal.Id, command.Account, NowMs);
        }
        catch (GovernanceException) when (NowMs > proposal.SnapshotMs)
        {
            // Who repeats a vote after the end learns what became of it.
            if (await Box(proposal.Id).GetVote(command.Account) is { } earlier && earlier.Choice == command.Choice)
            {
                return earlier;
            }

            throw;
        }

        if (_state.State.LastMs <= proposal.SnapshotMs)
        {
            // Written down that the snapshot is past: no silo whose clock is behind moves votes before it.
            await Save();
        }

        var vote = new VoteCard(proposal.Id, command.Account, command.Choice, weight);
        return await Box(proposal.Id).Cast(vote, Authorize(proposal.Id, nameof(IProposalGrain.Cast), RequestBody.Of(vote)));
    }

    public async Task<ProposalCard> Queue(string proposalId, Authorization authorization)
    {
        // Anybody may, by name: no nonce is kept, as a proposal is queued once.
        Verify(nameof(Queue), authorization, RequestBody.Of(proposalId));
        await FinishMoves();
        await CountEnded();
        if (Core.Get(proposalId).EtaMs == 0)
        {
            Core.Queue(proposalId, NowMs);
            await Save();
        }

        return await Card(Core.Get(proposalId));
    }

    public async Task<ProposalCard> Execute(string proposalId, Authorization authorization)
    {
        // Anybody may, by name: a proposal is executed once.
        Verify(nameof(Execute), authorization, RequestBody.Of(proposalId));
        await FinishMoves();
        await CountEnded();
        if (!Core.Get(proposalId).IsExecuted)
        {
            Core.Execute(proposalId, NowMs);
            await Save();
        }

        return await Card(Core.Get(proposalId));
    }

    public async Task<ProposalCard> Cancel(string proposalId, Authorization authorization)
    {
        var request = Verify(nameof(Cancel), authorization, RequestBody.Of(proposalId));
        await FinishMoves();
        await CountEnded();
        if (!Core.Get(proposalId).IsCanceled)
        {
            Core.Cancel(proposalId, request.Account, NowMs);
            await Save();
        }

        return await Card(Core.Get(proposalId));
    }

    public async Task<ProposalCard> GetProposal(string proposalId)
    {
        await CountEnded();
        if (Core.Find(proposalId) is { } proposal)
        {
            return await Card(proposal);
        }

        GrainKeys.Require(proposalId, GrainKeys.Proposal, "a proposal");
        return await Box(proposalId).GetOutcome() ?? throw new RefusedException($"There is no proposal '{proposalId}' in this network.");
    }

    public async Task<ProposalPage> GetProposals(int skip, int count)
    {
        if (skip < 0 || count is < 1 or > PageMax)
        {
            throw new RefusedException($"{count} proposals from {skip} on were asked for; 1 to {PageMax} are given at once, from 0 on.");
        }

        await CountEnded();
        var all = Core.Proposals.ToList();
        return new ProposalPage(all.Count, await Task.WhenAll(all.Skip(skip).Take(count).Select(Card)));
    }

    VotingPowerCard Power(string account) => new(
        account, Core.Power.Locked(account), Core.Power.DelegateOf(account), Core.Power.Votes(account), Core.Power.Supply.Latest);

    async Task<ProposalCard> Card(Proposal proposal)
    {
        Core.Observe(NowMs);
        var state = proposal.StateAt(Core.Now(NowMs));
        return ProposalMessages.ToCard(proposal, state, await Box(proposal.Id).GetTally());
    }

    /// <summary>Begins a lock or an unlock, and finishes it. The book decides: its transfer is the one thing that happens once.</summary>
    async Task Begin(StoredMove move, Action require)
    {
        await FinishMoves();
        if (_state.State.RecentMoves.Contains(move.Id))
        {
            return;
        }

        require();
        _state.State.Moves.Add(move);
        await Save();
        await Finish(move, isFresh: true);
    }

    /// <summary>Finishes what a crash or a failure interrupted, before anything else is counted.</summary>
    async Task FinishMoves()
    {
        while (_state.State.Moves.Count > 0)
        {
            await Finish(_state.State.Moves[0], isFresh: false);
        }
    }

    /// <param name="isFresh">
    /// Whether the move was written down just now: a transfer that the book then knows already was counted long ago, and is not again.
    /// </param>
    async Task Finish(StoredMove move, bool isFresh)
    {
        var (amount, isLock) = (Amount.Parse(move.Amount), move.Authorization is not null);
        var (debit, credit) = isLock ? (move.Account, SystemAccounts.Votes) : (SystemAccounts.Votes, move.Account);
        IReadOnlyList<TransferOrder> orders = [new(move.Id, TransferKind.Posted, debit, credit, amount)];
        var outcome = (await (isLock ? _ledger.Transfer(orders, move.Authorization!) : _ledger.Transfer(orders)))[0];
        if (outcome.Accepted && !(isFresh && outcome.Repeated))
        {
            Count(move, amount, isLock);
        }

        _state.State.Moves.RemoveAll(each => each.Id == move.Id);
        if (outcome.Accepted)
        {
            _state.State.RecentMoves.Add(move.Id);
            if (_state.State.RecentMoves.Count > RecentMovesMax)
            {
                _state.State.RecentMoves.RemoveAt(0);
            }
        }

        await Save();
        if (!outcome.Accepted && isFresh)
        {
            throw new RefusedException($"The book refused to move {amount} OPEN from {debit} to {credit}: {outcome.Result}.");
        }
    }

    void Count(StoredMove move, Amount amount, bool isLock)
    {
        if (!isLock)
        {
            Core.Unlock(move.Account, amount, NowMs);
            return;
        }

        Core.Lock(move.Account, amount, NowMs);
        if (move.Delegate.Length > 0)
        {
            Core.Delegate(move.Account, move.Delegate, NowMs);
        }
    }

    /// <summary>Counts the votes of proposals whose voting has ended.</summary>
    async Task CountEnded()
    {
        foreach (var proposal in Core.Proposals.Where(each => each.IsToBeCounted(Core.Now(NowMs))).ToList())
        {
            var body = RequestBody.Nothing;
            var votes = await Box(proposal.Id).Close(Authorize(proposal.Id, nameof(IProposalGrain.Close), body));
            Core.Count(proposal.Id, ProposalMessages.ToTally(votes), NowMs);
            await Save();
        }
    }

    async Task Save()
    {
        Core.Prune(NowMs);
        _state.State.Take(Core);
        try
        {
            await _state.WriteStateAsync();
        }
        catch
        {
            // The core knows what was not written, or is not known to have been; the next activation reads what was.
            DeactivateOnIdle();
            throw;
        }
    }

    VerifiedRequest Verify(string method, Authorization authorization, ContentHash body) =>
        _requests.Verify<IGovernanceGrain>(this.GetPrimaryKeyString(), method, authorization, body);

    Authorization Authorize(string proposalId, string method, ContentHash body) =>
        _network.Authorize<IProposalGrain>(proposalId, method, body);

    IProposalGrain Box(string proposalId) => GrainFactory.GetGrain<IProposalGrain>(proposalId);

    string MoveId(string kind, string account, string commandId) =>
        TransferId.From($"votes/{this.GetPrimaryKeyString()}/{kind}/{account}/{commandId}").ToString();

    static void RequireAddress(string account)
    {
        if (!AccountAddress.TryParse(account, out _))
        {
            throw new RefusedException($"'{account}' is not an account address: one letter may be wrong, the checksum does not match.");
        }
    }
}
