using System.Globalization;
using OpenLedger.Economy;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Grains.Staking;

/// <summary>
/// A pool's state and its money, in step. What moves is written before it moves, and moved again until it stands: money that comes is
/// counted when it is here, money that goes is uncounted before it leaves. A crash at any point leaves an operation that the next call
/// completes, once, as the ids of its transfers follow from its number.
/// </summary>
sealed class PoolMoney
{
    /// <summary>Commands that are remembered.</summary>
    public const int RecentMax = 2 * NonceMemory.CountMax;

    readonly string _poolId;
    readonly IPersistentState<StakingPoolState> _state;
    readonly IPoolLedger _ledger;
    readonly TimeProvider _clock;
    StakingPool _pool;

    public PoolMoney(string poolId, IPersistentState<StakingPoolState> state, IPoolLedger ledger, TimeProvider clock)
    {
        _poolId = poolId;
        _state = state;
        _ledger = ledger;
        _clock = clock;
        _pool = state.State.ToPool();
    }

    /// <summary>The pool as the state has it.</summary>
    public StakingPool Pool => _pool;

    public string Account => PoolAccounts.OfStakes(_poolId);

    /// <summary>What a command paid that was carried out already, or null.</summary>
    public Amount? Done(string id) =>
        _state.State.Recent.Find(each => each.Id == id) is { } known ? Amount.Parse(known.Amount) : null;

    /// <summary>Completes what a crash or a timeout left; every change begins with it.</summary>
    public async Task Resume()
    {
        if (_state.State.Pending is { } pending)
        {
            await Complete(pending);
        }
    }

    /// <summary>Takes a staker's money and bonds it.</summary>
    public async Task Stake(string id, StakeCommand command, Authorization spender, Amount minimum)
    {
        _pool.CheckStake(command.Staker, command.Amount, minimum);
        var number = NextNumber();
        await _ledger.OpenPool(Account);
        await Begin(new StoredOperation(
            PoolOperation.Stake,
            id,
            command.Staker,
            command.Amount.ToString(),
            [new StoredTransfer(IdOf(number, 0), command.Staker, Account, command.Amount.ToString())],
            AuthorizationHeader.Format(spender),
            spender.Target,
            new ContentHash(spender.BodyHash.Span).ToString()));
    }

    /// <summary>Takes a reward out of the stakers' account and divides it.</summary>
    public async Task Reward(PoolReward reward)
    {
        await _ledger.OpenPool(Account);
        await Begin(new StoredOperation(
            PoolOperation.Reward,
            reward.RewardId,
            "",
            reward.Amount.ToString(),
            [new StoredTransfer(reward.RewardId, SystemAccounts.Stakers, Account, reward.Amount.ToString())],
            "",
            "",
            ""));
    }

    /// <summary>Changes the pool, which then owes an amount less, and pays that amount to others.</summary>
    /// <param name="change">Changes a pool and answers who is paid what; it may throw, and then nothing has happened.</param>
    public async Task<Amount> Pay(string id, Func<StakingPool, IReadOnlyList<(string Account, Amount Amount)>> change)
    {
        var pool = _state.State.ToPool();
        var payments = change(pool).Where(payment => !payment.Amount.IsZero).ToList();
        var paid = Amount.Sum(payments.Select(payment => payment.Amount));
        var number = NextNumber();
        _state.State.Take(pool);
        _pool = pool;
        await Begin(new StoredOperation(
            PoolOperation.Payment,
            id,
            "",
            paid.ToString(),
            [
                .. payments.Select((payment, index) =>
                    new StoredTransfer(IdOf(number, index), Account, payment.Account, payment.Amount.ToString())),
            ],
            "",
            "",
            ""));
        return paid;
    }

    /// <summary>Changes the pool where no money moves.</summary>
    public async Task Change(string id, Action<StakingPool> change)
    {
        var pool = _state.State.ToPool();
        change(pool);
        _state.State.Take(pool);
        _pool = pool;
        Remember(id, Amount.Zero);
        await _state.WriteStateAsync();
    }

    async Task Begin(StoredOperation operation)
    {
        _state.State.Pending = operation;
        await _state.WriteStateAsync();
        await Complete(operation);
    }

    async Task Complete(StoredOperation operation)
    {
        var refusal = await Move(operation);
        if (refusal is null)
        {
            Count(operation);
            Remember(operation.Id, Amount.Parse(operation.Amount));
        }

        _state.State.Pending = null;
        await _state.WriteStateAsync();
        if (refusal is not null)
        {
            throw new RefusedException(
                $"{operation.Amount} OPEN of {operation.Staker} could not be staked: {refusal}.");
        }
    }

    /// <summary>Moves the money; the ledger's reason where it refuses a staker, who may have too little.</summary>
    async Task<string?> Move(StoredOperation operation)
    {
        if (operation.Transfers.Count == 0)
        {
            return null;
        }

        var orders = operation.Transfers.Select((each, index) => new TransferOrder(
            each.Id,
            TransferKind.Posted,
            each.Debit,
            each.Credit,
            Amount.Parse(each.Amount),
            Linked: index < operation.Transfers.Count - 1)).ToList();
        var spender = operation.SpenderHeader.Length == 0
            ? null
            : AuthorizationHeader.Parse(operation.SpenderHeader, operation.SpenderTarget, ContentHash.Parse(operation.SpenderBody));
        var outcomes = await _ledger.Transfer(orders, spender);
        if (outcomes.FirstOrDefault(outcome => !outcome.Accepted) is not { } refused)
        {
            return null;
        }

        return operation.Kind == PoolOperation.Stake
            ? refused.Result
            : throw new UnavailableException($"A payment of pool {_poolId} was refused ({refused.Result}); it is repeated.");
    }

    void Count(StoredOperation operation)
    {
        var amount = Amount.Parse(operation.Amount);
        switch (operation.Kind)
        {
            case PoolOperation.Stake:
                // The rules were checked before the money moved, and nothing happens in between.
                _pool.Stake(operation.Staker, amount, Amount.Zero, NowSeconds());
                break;
            case PoolOperation.Reward:
                _pool.Reward(amount, NowSeconds());
                break;
            default:
                return;
        }

        _state.State.Take(_pool);
    }

    void Remember(string id, Amount amount)
    {
        var recent = _state.State.Recent;
        recent.Add(new StoredResult(id, amount.ToString()));
        if (recent.Count > RecentMax)
        {
            recent.RemoveAt(0);
        }
    }

    long NextNumber() => ++_state.State.Sequence;

    string IdOf(long number, int index) =>
        TransferId.From(string.Create(CultureInfo.InvariantCulture, $"{_poolId}/operation/{number}/{index}")).ToString();

    long NowSeconds() => _clock.GetUtcNow().ToUnixTimeSeconds();
}

/// <summary>What a pool asks of the ledger.</summary>
interface IPoolLedger
{
    Task OpenPool(string account);

    Task<IReadOnlyList<TransferOutcome>> Transfer(IReadOnlyList<TransferOrder> transfers, Authorization? spender);
}

/// <summary>The network's own ledger.</summary>
sealed class PoolLedger : IPoolLedger
{
    readonly NetworkLedger _ledger;

    public PoolLedger(NetworkLedger ledger) => _ledger = ledger;

    public Task OpenPool(string account) => _ledger.OpenPools([account]);

    public Task<IReadOnlyList<TransferOutcome>> Transfer(IReadOnlyList<TransferOrder> transfers, Authorization? spender) =>
        spender is null ? _ledger.Transfer(transfers) : _ledger.Transfer(transfers, spender);
}
