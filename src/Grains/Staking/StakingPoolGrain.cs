using OpenLedger.Economy;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Grains.Staking;

/// <summary>One staking pool: who may do what, around <see cref="PoolMoney"/>.</summary>
sealed class StakingPoolGrain : Grain, IStakingPoolGrain
{
    const int CommandIdCharactersMax = 100;

    readonly IPersistentState<StakingPoolState> _state;
    readonly NetworkLedger _ledger;
    readonly ParameterCache _parameters;
    readonly RequestVerifier _requests;
    readonly TimeProvider _clock;
    PoolMoney? _money;

    public StakingPoolGrain(
        [PersistentState("staking-pool")] IPersistentState<StakingPoolState> state,
        NetworkLedger ledger,
        ParameterCache parameters,
        RequestVerifier requests,
        TimeProvider clock)
    {
        _state = state;
        _ledger = ledger;
        _parameters = parameters;
        _requests = requests;
        _clock = clock;
    }

    PoolMoney Money => _money ?? throw new InvalidOperationException("The grain is not active.");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.StakingPool, "a staking pool");
        _money = new PoolMoney(this.GetPrimaryKeyString(), _state, new PoolLedger(_ledger), _clock);
        return base.OnActivateAsync(cancellationToken);
    }

    public async Task<StakeCard> Stake(StakeCommand command, Authorization authorization)
    {
        var request = ByStaker(nameof(Stake), authorization, RequestBody.Of(command), command.Staker);
        if (command.Amount > authorization.SpendMax)
        {
            throw new RefusedException($"{command.Amount} OPEN are to be staked, and {authorization.SpendMax} may be taken: allow more.");
        }

        var parameters = await _parameters.Get();
        await Do(command.CommandId, request, async id =>
        {
            await Money.Stake(id, command, authorization, parameters.StakeMinimum);
            return Amount.Zero;
        });
        return Card(command.Staker);
    }

    public async Task<StakeCard> Unstake(StakeCommand command, Authorization authorization)
    {
        var request = ByStaker(nameof(Unstake), authorization, RequestBody.Of(command), command.Staker);
        var parameters = await _parameters.Get();
        await Do(command.CommandId, request, async id =>
        {
            await Money.Change(id, pool => pool.Unstake(
                command.Staker, command.Amount, parameters.StakeMinimum, parameters.UnbondingSeconds, NowSeconds()));
            return Amount.Zero;
        });
        return Card(command.Staker);
    }

    public Task<Amount> Withdraw(StakePayout command, Authorization authorization)
    {
        var request = ByStaker(nameof(Withdraw), authorization, RequestBody.Of(command), command.Staker);
        return Do(command.CommandId, request, id => Money.Pay(
            id, pool => [(command.Staker, pool.Withdraw(command.Staker, NowSeconds()))]));
    }

    public Task<Amount> Claim(StakePayout command, Authorization authorization)
    {
        var request = ByStaker(nameof(Claim), authorization, RequestBody.Of(command), command.Staker);
        return Do(command.CommandId, request, id => Money.Pay(id, pool => [(command.Staker, pool.Claim(command.Staker))]));
    }

    public Task Reward(PoolReward reward, Authorization authorization)
    {
        var request = Verify(nameof(Reward), authorization, RequestBody.Of(reward)).RequireNetwork();
        return Do(reward.RewardId, request, async _ =>
        {
            await Money.Reward(reward);
            return reward.Amount;
        });
    }

    public Task Freeze(string staker, string disputeId, Authorization authorization)
    {
        Verify(nameof(Freeze), authorization, RequestBody.Of(staker, disputeId)).RequireNetwork();
        return Guard(async () =>
        {
            await Money.Resume();
            await Money.Change($"{disputeId}/freeze", pool => pool.Freeze(staker, disputeId));
            return true;
        });
    }

    public Task Unfreeze(string staker, string disputeId, Authorization authorization)
    {
        Verify(nameof(Unfreeze), authorization, RequestBody.Of(staker, disputeId)).RequireNetwork();
        return Guard(async () =>
        {
            await Money.Resume();
            await Money.Change($"{disputeId}/unfreeze", pool => pool.Unfreeze(staker, disputeId));
            return true;
        });
    }

    public Task<Amount> Slash(StakeSlash slash, Authorization authorization)
    {
        var request = Verify(nameof(Slash), authorization, RequestBody.Of(slash)).RequireNetwork();
        return Do($"{slash.DisputeId}/slash", request, id => Money.Pay(id, pool => Slash(pool, slash)));
    }

    public Task<StakeCard> GetPosition(string staker) => Task.FromResult(Card(staker));

    public Task<Amount> GetVoteWeight(string staker, long beganSeconds) =>
        Task.FromResult(Money.Pool.VoteWeight(staker, beganSeconds));

    public Task<PoolSummary> GetSummary() => Task.FromResult(new PoolSummary(
        this.GetPrimaryKeyString(),
        Money.Account,
        Money.Pool.Positions.Count,
        Money.Pool.Bonded,
        Money.Pool.HeldSum,
        Money.Pool.Rewarded,
        Money.Pool.Undistributed));

    /// <summary>A freeze is slashed once: with it goes what would allow a second time.</summary>
    IReadOnlyList<(string Account, Amount Amount)> Slash(StakingPool pool, StakeSlash slash)
    {
        if (pool.Find(slash.Staker)?.Disputes.Contains(slash.DisputeId) != true)
        {
            return [];
        }

        var slashed = pool.Slash(slash.Staker, slash.BasisPoints, NowSeconds());
        pool.Unfreeze(slash.Staker, slash.DisputeId);
        var challenger = DisputeRules.ChallengerPart(slashed);
        return [(slash.Challenger, challenger), (SystemAccounts.Reserve, slashed - challenger)];
    }

    /// <summary>
    /// Carries a command out once; a repetition is answered with what it was answered before. More commands are remembered than requests
    /// can be repeated before they expire, so that one that is not known has been refused, and may be tried again.
    /// </summary>
    Task<Amount> Do(string commandId, VerifiedRequest request, Func<string, Task<Amount>> work) => Guard(async () =>
    {
        if (commandId.Length is 0 or > CommandIdCharactersMax)
        {
            throw new RefusedException($"A command's id has 1 to {CommandIdCharactersMax} characters; it makes a repetition recognisable.");
        }

        await Money.Resume();
        var id = request.IsNetwork ? commandId : $"{request.Account}/{commandId}";
        if (Money.Done(id) is { } earlier)
        {
            return earlier;
        }

        if (!_state.State.Nonces.IsRepetition(request, _requests.NowMs))
        {
            _state.State.Nonces.Remember(request);
        }

        return await work(id);
    });

    /// <summary>Ends the activation after a failure that leaves an outcome unknown: the next one completes what the state says.</summary>
    async Task<T> Guard<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is not (UserErrorException or BusyException))
        {
            DeactivateOnIdle();
            throw exception is UnavailableException or TimeoutException
                ? exception
                : new UnavailableException($"Pool {this.GetPrimaryKeyString()} is read anew ({exception.Message}).");
        }
    }

    VerifiedRequest ByStaker(string method, Authorization authorization, ContentHash body, string staker) =>
        Verify(method, authorization, body).RequireAccount(staker, "the staker");

    VerifiedRequest Verify(string method, Authorization authorization, ContentHash body) =>
        _requests.Verify<IStakingPoolGrain>(this.GetPrimaryKeyString(), method, authorization, body);

    StakeCard Card(string staker)
    {
        var position = Money.Pool.Find(staker);
        return new StakeCard(
            this.GetPrimaryKeyString(),
            staker,
            position?.Bonded ?? Amount.Zero,
            [.. (position?.Unbonding ?? []).Select(part => new UnbondingPart(part.Amount, part.ReleaseSeconds))],
            position?.Reward ?? Amount.Zero,
            position?.Withdrawable(NowSeconds()) ?? Amount.Zero,
            position?.Disputes.ToList() ?? []);
    }

    long NowSeconds() => _clock.GetUtcNow().ToUnixTimeSeconds();
}
