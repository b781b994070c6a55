namespace OpenLedger.Economy;

/// <summary>Stake that has been taken out and is paid when its time has passed.</summary>
public readonly record struct Unbonding(Amount Amount, long ReleaseSeconds);

/// <summary>One staker's place in a pool.</summary>
public sealed class StakePosition
{
    internal StakePosition(string staker) => Staker = staker;

    public string Staker { get; }

    /// <summary>What earns and votes.</summary>
    public Amount Bonded { get; internal set; }

    /// <summary>When bonded stake was added last, in seconds since 1970.</summary>
    public long BondedSinceSeconds { get; internal set; }

    /// <summary>Atto-OPEN times seconds since the pool's last reward, as of <see cref="WeighedSeconds"/>.</summary>
    public UInt128 Weight { get; internal set; }

    public long WeighedSeconds { get; internal set; }

    /// <summary>Rewards that are not claimed yet.</summary>
    public Amount Reward { get; internal set; }

    /// <summary>In the order in which they were asked for.</summary>
    public IReadOnlyList<Unbonding> Unbonding => Leaving;

    /// <summary>Disputes that freeze this position: nothing is paid out of it until each has ended.</summary>
    public IReadOnlyList<string> Disputes => Freezes;

    /// <summary>Bonded and unbonding together: what a slash takes its part of.</summary>
    public Amount Staked => Bonded + Amount.Sum(Leaving.Select(each => each.Amount));

    public bool IsFrozen => Freezes.Count > 0;

    internal List<Unbonding> Leaving { get; } = [];

    internal List<string> Freezes { get; } = [];

    internal bool IsEmpty => Staked.IsZero && Reward.IsZero && Freezes.Count == 0;

    /// <summary>What has unbonded and may be withdrawn.</summary>
    public Amount Withdrawable(long nowSeconds) =>
        Amount.Sum(Leaving.Where(each => each.ReleaseSeconds <= nowSeconds).Select(each => each.Amount));
}

/// <summary>
/// Stakes of one pool and the rewards on them. A reward is divided by stake times the seconds that it was bonded since the reward before,
/// in whole atto-OPEN by largest remainder, so that the parts sum to it: stake that comes a second before a reward has a second's weight,
/// and stake that is gone by then has none. The pool's account holds <see cref="HeldSum"/>, always.
/// Pure: times are given in seconds since 1970. Not safe for several threads.
/// </summary>
public sealed class StakingPool
{
    /// <summary>Stakers of one pool.</summary>
    public const int PositionsMax = 4_096;

    /// <summary>Parts of one stake that unbond at a time.</summary>
    public const int UnbondingsMax = 16;

    /// <summary>Disputes that freeze one stake at a time.</summary>
    public const int FreezesMax = 16;

    readonly SortedDictionary<string, StakePosition> positions = new(StringComparer.Ordinal);

    /// <summary>In ordinal order of staker.</summary>
    public IReadOnlyCollection<StakePosition> Positions => positions.Values;

    /// <summary>Rewards that came while nobody had a weight; the next one takes them along.</summary>
    public Amount Undistributed { get; private set; }

    /// <summary>Everything that was ever given as a reward.</summary>
    public Amount Rewarded { get; private set; }

    public Amount Bonded => Amount.Sum(positions.Values.Select(each => each.Bonded));

    /// <summary>What the pool's account must hold: stakes, bonded and unbonding, and rewards that are not claimed.</summary>
    public Amount HeldSum => Undistributed + Amount.Sum(positions.Values.Select(each => each.Staked + each.Reward));

    /// <summary>A staker's position, or null.</summary>
    public StakePosition? Find(string staker) => positions.GetValueOrDefault(staker);

    /// <summary>Refuses what <see cref="Stake"/> would refuse.</summary>
    /// <exception cref="StakingException">The stake would be below the minimum, or the pool is full.</exception>
    public void CheckStake(string staker, Amount amount, Amount minimum)
    {
        ArgumentException.ThrowIfNullOrEmpty(staker);
        var bonded = Find(staker)?.Bonded ?? Amount.Zero;
        if (amount.IsZero || bonded + amount < minimum)
        {
            throw new StakingException($"a stake is at least {minimum} OPEN; this would make {bonded + amount}");
        }
        if (Find(staker) is null && positions.Count >= PositionsMax)
        {
            throw new StakingException($"the pool has {PositionsMax} stakers and takes no more: choose another pool");
        }
    }

    /// <summary>Bonds an amount.</summary>
    /// <inheritdoc cref="CheckStake"/>
    public void Stake(string staker, Amount amount, Amount minimum, long nowSeconds)
    {
        CheckStake(staker, amount, minimum);
        if (!positions.TryGetValue(staker, out var position))
        {
            position = new StakePosition(staker) { WeighedSeconds = nowSeconds };
            positions.Add(staker, position);
        }
        Weigh(position, nowSeconds);
        position.Bonded += amount;
        position.BondedSinceSeconds = nowSeconds;
    }

    /// <summary>Begins to take bonded stake out.</summary>
    /// <param name="unbondingSeconds">How long it takes.</param>
    /// <exception cref="StakingException">So much is not bonded, or what stays would be below the minimum.</exception>
    public void Unstake(string staker, Amount amount, Amount minimum, long unbondingSeconds, long nowSeconds)
    {
        var position = Require(staker);
        if (amount.IsZero || amount > position.Bonded)
        {
            throw new StakingException($"{position.Bonded} OPEN are bonded; {amount} cannot be unstaked");
        }
        var rest = position.Bonded - amount;
        if (!rest.IsZero && rest < minimum)
        {
            throw new StakingException($"{rest} OPEN would stay, less than the least stake of {minimum}: unstake all of it");
        }
        if (position.Leaving.Count >= UnbondingsMax)
        {
            throw new StakingException($"{UnbondingsMax} parts of this stake unbond already: withdraw first");
        }
        Weigh(position, nowSeconds);
        position.Bonded = rest;
        position.Leaving.Add(new Unbonding(amount, checked(nowSeconds + unbondingSeconds)));
    }

    /// <summary>Takes out what has unbonded, once.</summary>
    /// <exception cref="StakingException">The stake is in dispute, or nothing has unbonded.</exception>
    public Amount Withdraw(string staker, long nowSeconds)
    {
        var position = RequirePayable(staker);
        var amount = position.Withdrawable(nowSeconds);
        if (amount.IsZero)
        {
            var next = position.Leaving.Count == 0 ? "nothing is unbonding" : string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"the next part is free at {DateTimeOffset.FromUnixTimeSeconds(position.Leaving.Min(each => each.ReleaseSeconds)):u}");
            throw new StakingException($"nothing can be withdrawn: {next}");
        }
        _ = position.Leaving.RemoveAll(each => each.ReleaseSeconds <= nowSeconds);
        DropEmpty(position);
        return amount;
    }

    /// <summary>Takes rewards out.</summary>
    /// <exception cref="StakingException">The stake is in dispute, or there is no reward.</exception>
    public Amount Claim(string staker)
    {
        var position = RequirePayable(staker);
        var amount = position.Reward;
        if (amount.IsZero)
        {
            throw new StakingException("there is no reward to claim yet");
        }
        position.Reward = Amount.Zero;
        DropEmpty(position);
        return amount;
    }

    /// <summary>Divides a reward over the stakes that are bonded now, by stake times seconds since the last reward.</summary>
    public void Reward(Amount amount, long nowSeconds)
    {
        var all = Undistributed + amount;
        Rewarded += amount;
        var bonded = new List<StakePosition>(positions.Count);
        foreach (var position in positions.Values)
        {
            Weigh(position, nowSeconds);
            if (!position.Bonded.IsZero && position.Weight > UInt128.Zero)
            {
                bonded.Add(position);
            }
        }
        if (bonded.Count == 0)
        {
            Undistributed = all;
            return;
        }
        var parts = LargestRemainder.Split(all.Atto, bonded.ConvertAll(position => position.Weight));
        for (var i = 0; i < parts.Length; i++)
        {
            bonded[i].Reward += Amount.FromAtto(parts[i]);
        }
        Undistributed = Amount.Zero;
        foreach (var position in positions.Values)
        {
            position.Weight = UInt128.Zero;
        }
    }

    /// <summary>Takes a part of a stake away, bonded and unbonding alike, rounded down.</summary>
    /// <param name="basisPoints">0 to 10,000.</param>
    public Amount Slash(string staker, int basisPoints, long nowSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(basisPoints);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(basisPoints, FeeSplit.Whole);
        if (Find(staker) is not { } position || position.Staked.IsZero)
        {
            return Amount.Zero;
        }
        Weigh(position, nowSeconds);
        var slashed = position.Staked.MultiplyDivide((UInt128)(uint)basisPoints, FeeSplit.Whole);
        var parts = LargestRemainder.Split(
            slashed.Atto, [position.Bonded.Atto, .. position.Leaving.Select(each => each.Amount.Atto)]);
        position.Bonded -= Amount.FromAtto(parts[0]);
        for (var i = 0; i < position.Leaving.Count; i++)
        {
            var leaving = position.Leaving[i];
            position.Leaving[i] = leaving with { Amount = leaving.Amount - Amount.FromAtto(parts[i + 1]) };
        }
        _ = position.Leaving.RemoveAll(each => each.Amount.IsZero);
        DropEmpty(position);
        return slashed;
    }

    /// <summary>Pays nothing out of a stake until <see cref="Unfreeze"/>. A repetition changes nothing.</summary>
    /// <exception cref="StakingException">There is no such stake, or too many disputes freeze it.</exception>
    public void Freeze(string staker, string disputeId)
    {
        var position = Require(staker);
        if (position.Freezes.Contains(disputeId))
        {
            return;
        }
        if (position.Freezes.Count >= FreezesMax)
        {
            throw new StakingException($"{FreezesMax} disputes freeze this stake already: wait until one ends");
        }
        position.Freezes.Add(disputeId);
    }

    /// <summary>Ends a freeze; nothing where there is none.</summary>
    public void Unfreeze(string staker, string disputeId)
    {
        if (Find(staker) is { } position)
        {
            _ = position.Freezes.Remove(disputeId);
            DropEmpty(position);
        }
    }

    /// <summary>The weight of a staker's vote in a vote that began then: bonded stake, if none of it came later.</summary>
    public Amount VoteWeight(string staker, long beganSeconds) =>
        Find(staker) is { } position && position.BondedSinceSeconds <= beganSeconds ? position.Bonded : Amount.Zero;

    /// <summary>Sets what a snapshot has beside the positions.</summary>
    public void Restore(Amount undistributed, Amount rewarded) => (Undistributed, Rewarded) = (undistributed, rewarded);

    /// <summary>Adds a position as a snapshot has it.</summary>
    public void RestorePosition(
        string staker,
        Amount bonded,
        long bondedSinceSeconds,
        UInt128 weight,
        long weighedSeconds,
        Amount reward,
        IEnumerable<Unbonding> unbonding,
        IEnumerable<string> disputes)
    {
        var position = new StakePosition(staker)
        {
            Bonded = bonded,
            BondedSinceSeconds = bondedSinceSeconds,
            Weight = weight,
            WeighedSeconds = weighedSeconds,
            Reward = reward,
        };
        position.Leaving.AddRange(unbonding);
        position.Freezes.AddRange(disputes);
        positions.Add(staker, position);
    }

    // A clock that goes back weighs nothing.
    static void Weigh(StakePosition position, long nowSeconds)
    {
        var seconds = Math.Max(0, nowSeconds - position.WeighedSeconds);
        position.Weight = checked(position.Weight + (position.Bonded.Atto * (UInt128)seconds));
        position.WeighedSeconds = Math.Max(position.WeighedSeconds, nowSeconds);
    }

    void DropEmpty(StakePosition position)
    {
        if (position.IsEmpty)
        {
            _ = positions.Remove(position.Staker);
        }
    }

    StakePosition Require(string staker) => Find(staker) ?? throw new StakingException($"{staker} has no stake in this pool");

    StakePosition RequirePayable(string staker)
    {
        var position = Require(staker);
        return position.IsFrozen
            ? throw new StakingException($"the stake is in dispute ({position.Freezes[0]}): nothing is paid out of it until that ends")
            : position;
    }
}

/// <summary>Something that cannot be done with a stake or a dispute; the message says what to do.</summary>
public sealed class StakingException(string message) : UserErrorException(message);
