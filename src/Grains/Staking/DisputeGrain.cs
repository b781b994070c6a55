using OpenLedger.Economy;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Grains.Staking;

/// <summary>
/// One dispute. What it freezes, takes and pays lies with other grains and the ledger; each of those steps may be repeated, and a
/// reminder repeats them until the state says that they are done.
/// </summary>
sealed class DisputeGrain : Grain, IDisputeGrain, IRemindable
{
    internal const string AdvanceReminder = "advance";

    static readonly TimeSpan reminderPeriod = TimeSpan.FromMinutes(2);

    readonly IPersistentState<DisputeState> _state;
    readonly NetworkLedger _ledger;
    readonly NetworkAuthority _network;
    readonly ParameterCache _parameters;
    readonly RequestVerifier _requests;
    readonly TimeProvider _clock;

    public DisputeGrain(
        [PersistentState("dispute")] IPersistentState<DisputeState> state,
        NetworkLedger ledger,
        NetworkAuthority network,
        ParameterCache parameters,
        RequestVerifier requests,
        TimeProvider clock)
    {
        _state = state;
        _ledger = ledger;
        _network = network;
        _parameters = parameters;
        _requests = requests;
        _clock = clock;
    }

    DisputeEffects Effects => new(this.GetPrimaryKeyString(), _state.State, GrainFactory, _ledger, _network);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Dispute, "a dispute");
        return base.OnActivateAsync(cancellationToken);
    }

    public async Task<DisputeCard> Open(OpenDispute command, Authorization authorization)
    {
        Verify(nameof(Open), authorization, RequestBody.Of(command)).RequireAccount(command.Challenger, "the challenger");
        if (_state.State.Command is { } earlier && earlier != command)
        {
            throw new RefusedException($"Dispute {this.GetPrimaryKeyString()} is about something else: choose another id.");
        }

        if (_state.State.Command is null)
        {
            await Begin(command, authorization);
        }

        if (!_state.State.IsSetUp)
        {
            await SetUp();
        }

        return Card();
    }

    public Task<DisputeCard> Answer(DisputeAnswer command, Authorization authorization) => Change(
        Verify(nameof(Answer), authorization, RequestBody.Of(command)),
        command.Account,
        dispute => dispute.IsAnswered && dispute.Answer == DisputeInput.Hash(command.AnswerHash, "the answer")
            ? dispute
            : dispute.AnswerBy(command.Account, DisputeInput.Hash(command.AnswerHash, "the answer"), NowSeconds()));

    public Task<DisputeCard> Appeal(DisputeStep command, Authorization authorization) => Change(
        Verify(nameof(Appeal), authorization, RequestBody.Of(command)),
        command.Account,
        dispute => dispute.Stage == DisputeStage.Voting ? dispute : dispute.AppealBy(command.Account, NowSeconds()));

    public async Task<DisputeCard> Vote(DisputeVote command, Authorization authorization)
    {
        var request = Verify(nameof(Vote), authorization, RequestBody.Of(command)).RequireAccount(command.Account, "the voter");
        var weight = await GrainFactory.GetGrain<IStakingPoolGrain>(StakingPools.Network)
            .GetVoteWeight(command.Account, _state.State.VoteBeganSeconds);
        return await Change(
            request,
            command.Account,
            dispute => dispute.Voters.Contains(command.Account)
                ? dispute
                : dispute.VoteBy(command.Account, command.Uphold, weight, NowSeconds()));
    }

    public Task<DisputeCard> TakeBack(DisputeStep command, Authorization authorization) => Change(
        Verify(nameof(TakeBack), authorization, RequestBody.Of(command)),
        command.Account,
        dispute => dispute.HasEnded ? dispute : dispute.WithdrawBy(command.Account, NowSeconds()));

    public Task<DisputeCard> Conclude(DisputeStep command, Authorization authorization)
    {
        var request = Verify(nameof(Conclude), authorization, RequestBody.Of(command));
        var party = _state.State.Command is { } dispute && command.Account == dispute.Accused ? dispute.Accused
            : _state.State.Command?.Challenger ?? "";
        request.RequireAccount(party, "a party");
        return Change(request, command.Account, dispute => dispute);
    }

    public Task<DisputeCard> GetCard()
    {
        Existing();
        return Task.FromResult(Card());
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_state.State.Command is not null && !_state.State.IsConcluded)
        {
            if (!_state.State.IsSetUp)
            {
                await SetUp();
            }

            await Advance(dispute => dispute);
        }

        if ((_state.State.Command is null || _state.State.IsConcluded) && await this.GetReminder(AdvanceReminder) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    /// <summary>Writes what is disputed before anything is frozen or taken.</summary>
    async Task Begin(OpenDispute command, Authorization authorization)
    {
        var parameters = await _parameters.Get();
        var slash = DisputeRules.SlashBasisPoints(parameters, (DisputeKind)command.Reason);
        if (parameters.DisputeBond > authorization.SpendMax)
        {
            throw new RefusedException(
                $"The bond is {parameters.DisputeBond} OPEN, and {authorization.SpendMax} may be taken: allow more.");
        }

        var credit = await DisputeInput.Check(command, _ledger);
        var dispute = Dispute.Open(
            new DisputeClaim(
                command.Challenger,
                command.Accused,
                (DisputeKind)command.Reason,
                DisputeInput.Hash(command.EvidenceHash, "the evidence"),
                parameters.DisputeBond,
                slash,
                parameters.DisputeWindowSeconds),
            NowSeconds());
        await this.RegisterOrUpdateReminder(AdvanceReminder, reminderPeriod, reminderPeriod);
        var state = _state.State;
        state.Command = command;
        state.SpenderHeader = AuthorizationHeader.Format(authorization);
        state.SpenderTarget = authorization.Target;
        state.SpenderBody = new ContentHash(authorization.BodyHash.Span).ToString();
        state.Bond = parameters.DisputeBond.ToString();
        state.SlashBasisPoints = slash;
        state.WindowSeconds = parameters.DisputeWindowSeconds;
        state.DisputedCredit = credit?.ToString() ?? "";
        state.Take(dispute);
        await _state.WriteStateAsync();
    }

    /// <summary>Freezes and takes the bond; where that is refused, everything is as if it had never been asked for.</summary>
    async Task SetUp()
    {
        try
        {
            _state.State.FrozenCredit = (await Effects.Freeze()).ToString();
            await Effects.TakeBond();
        }
        catch (UserErrorException)
        {
            await Effects.Unfreeze();
            _state.State = new DisputeState();
            await _state.WriteStateAsync();
            throw;
        }

        _state.State.IsSetUp = true;
        await _state.WriteStateAsync();
    }

    async Task<DisputeCard> Change(VerifiedRequest request, string account, Func<Dispute, Dispute> change)
    {
        request.RequireAccount(account, "the account that the request names");
        Existing();
        if (!_state.State.IsSetUp)
        {
            await SetUp();
        }

        await Advance(change);
        return Card();
    }

    async Task Advance(Func<Dispute, Dispute> change)
    {
        var before = _state.State.ToDispute();
        var after = change(before).Advance(NowSeconds());
        if (after != before)
        {
            _state.State.Take(after);
            await _state.WriteStateAsync();
        }

        if (after.HasEnded && !_state.State.IsConcluded)
        {
            // Each of these is done once however often it is asked for; the state is written when all of them are.
            var (slashed, forfeited) = after.Stage == DisputeStage.Upheld ? await Effects.Uphold() : await Effects.Reject();
            _state.State.Slashed = slashed.ToString();
            _state.State.Forfeited = forfeited.ToString();
            _state.State.IsConcluded = true;
            await _state.WriteStateAsync();
        }
    }

    VerifiedRequest Verify(string method, Authorization authorization, ContentHash body) =>
        _requests.Verify<IDisputeGrain>(this.GetPrimaryKeyString(), method, authorization, body);

    OpenDispute Existing() =>
        _state.State.Command ?? throw new RefusedException($"There is no dispute {this.GetPrimaryKeyString()}.");

    DisputeCard Card()
    {
        var dispute = _state.State.ToDispute().Advance(NowSeconds());
        return new DisputeCard(
            this.GetPrimaryKeyString(),
            _state.State.Command!,
            dispute.Stage.ToString().ToLowerInvariant(),
            dispute.DeadlineSeconds,
            dispute.Claim.Bond,
            dispute.Claim.SlashBasisPoints,
            Amount.Parse(_state.State.FrozenCredit),
            _state.State.Answer,
            dispute.Uphold,
            dispute.Reject,
            dispute.Voters.Count,
            _state.State.IsConcluded,
            Amount.Parse(_state.State.Slashed),
            Amount.Parse(_state.State.Forfeited));
    }

    long NowSeconds() => _clock.GetUtcNow().ToUnixTimeSeconds();
}
