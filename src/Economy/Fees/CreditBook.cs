namespace OpenLedger.Economy;

/// <summary>A contributor and an amount.</summary>
public readonly record struct Credit(string Contributor, Amount Amount);

/// <summary>An epoch whose payment has begun and may have to be repeated: it says the same until it is done.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Payments">To contributors, out of the adapter's pool.</param>
/// <param name="Rewards">To staking pools (or to the reserve, where nobody has a stake), out of the stakers' account.</param>
/// <param name="AnswerCount">Answers of the epoch.</param>
public sealed record EpochPayout(long Epoch, IReadOnlyList<Credit> Payments, IReadOnlyList<Credit> Rewards, long AnswerCount)
{
    /// <summary>What contributors are paid.</summary>
    public Amount Sum => Amount.Sum(Payments.Select(payment => payment.Amount));
}

/// <summary>Credit that is in dispute: accrued, and not paid until the dispute ends.</summary>
/// <param name="DisputeId">At most one freeze a dispute.</param>
/// <param name="Amount">What was unpaid and is set aside.</param>
/// <param name="Whole">Whether everything that the contributor is credited meanwhile is frozen as well.</param>
public sealed record FrozenCredit(string DisputeId, string Contributor, Amount Amount, bool Whole);

/// <summary>
/// What an adapter owes its contributors, and to whom: credits accumulate, an epoch ends and pays those at or above the dust threshold,
/// a dispute freezes. The state machine holds no money; the adapter's pool holds exactly <see cref="OwedSum"/>, always.
/// Pure: times are given, nothing is written. Not safe for several threads.
/// </summary>
public sealed class CreditBook
{
    /// <summary>Freezes at one time.</summary>
    public const int FreezesMax = 256;

    readonly List<FrozenCredit> frozen = [];

    public CreditBook(EpochAccumulator accumulator) => Accumulator = accumulator;

    /// <summary>Credits by contributor; read it, and change it only through this book.</summary>
    public EpochAccumulator Accumulator { get; }

    /// <summary>The epoch that accumulates, counted from 1.</summary>
    public long Epoch { get; private set; } = 1;

    /// <summary>When the epoch's first credit came, in seconds since 1970; 0 before it.</summary>
    public long EpochStartedSeconds { get; private set; }

    /// <summary>Answers of this epoch so far.</summary>
    public long EpochAnswerCount { get; private set; }

    /// <summary>When the very first credit came, in seconds since 1970; 0 before it.</summary>
    public long FirstSeconds { get; private set; }

    /// <summary>Answers ever.</summary>
    public long AnswerCount { get; private set; }

    /// <summary>The epoch that is being paid, or null.</summary>
    public EpochPayout? Paying { get; private set; }

    public IReadOnlyList<FrozenCredit> Frozen => frozen;

    /// <summary>The stakers' part of this adapter's fees that no epoch has given to pools yet; it lies in the stakers' account.</summary>
    public Amount StakersUnpaid { get; private set; }

    /// <summary>What the adapter's pool must hold: unpaid, being paid, and frozen.</summary>
    public UInt128 OwedSum => checked(
        Accumulator.UnpaidSum
        + (Paying is null ? UInt128.Zero : Paying.Sum.Atto)
        + Amount.Sum(frozen.Select(each => each.Amount)).Atto);

    /// <summary>Adds the credits of one answer. Whoever calls sees to it that an answer is added once.</summary>
    /// <param name="stakers">The stakers' part of the answer's fee.</param>
    /// <param name="nowSeconds">Seconds since 1970.</param>
    public void Add(IReadOnlyList<Credit> credits, Amount stakers, long nowSeconds)
    {
        ArgumentNullException.ThrowIfNull(credits);
        if (EpochStartedSeconds == 0)
        {
            EpochStartedSeconds = nowSeconds;
        }
        FirstSeconds = FirstSeconds == 0 ? nowSeconds : FirstSeconds;
        AnswerCount++;
        foreach (var credit in credits)
        {
            Accumulator.Add(Accumulator.NumberOf(credit.Contributor), credit.Amount.Atto);
        }
        StakersUnpaid += stakers;
        EpochAnswerCount++;
    }

    /// <summary>
    /// Whether the epoch ends by its count of answers or by its time. One in which nothing was credited, nor freed, never ends.
    /// </summary>
    public bool IsDue(NetworkParameters parameters, long nowSeconds)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return EpochStartedSeconds > 0
            && (EpochAnswerCount >= parameters.EpochAnswerCount || nowSeconds - EpochStartedSeconds >= parameters.EpochSeconds);
    }

    /// <summary>
    /// Ends the epoch: what is at or above the threshold is to be paid, the rest is carried over. Where a payout is under way already it
    /// is the answer, and the epoch goes on. Save the state before the first transfer of the payout.
    /// </summary>
    /// <param name="threshold">Dust below it stays.</param>
    /// <param name="pools">Who shares the stakers' part, by weight; the parts sum to it exactly.</param>
    public EpochPayout Begin(Amount threshold, IReadOnlyList<ContributorWeight> pools)
    {
        ArgumentNullException.ThrowIfNull(pools);
        if (Paying is not null)
        {
            return Paying;
        }
        var payments = Accumulator.Payments(threshold.Atto, IsFrozen);
        foreach (var payment in payments)
        {
            Accumulator.Take(payment.Number, payment.Atto);
        }
        var parts = pools.Count == 0
            ? [] : LargestRemainder.Split(StakersUnpaid.Atto, [.. pools.Select(pool => pool.Weight)]);
        Paying = new EpochPayout(
            Epoch,
            [.. payments.Select(payment => new Credit(Accumulator.NameOf(payment.Number), Amount.FromAtto(payment.Atto)))],
            [.. parts.Select((part, i) => new Credit(pools[i].Account, Amount.FromAtto(part))).Where(reward => !reward.Amount.IsZero)],
            EpochAnswerCount);
        StakersUnpaid -= Amount.Sum(Paying.Rewards.Select(reward => reward.Amount));
        Epoch++;
        EpochStartedSeconds = 0;
        EpochAnswerCount = 0;
        return Paying;
    }

    /// <summary>The payout's transfers all stand.</summary>
    /// <exception cref="InvalidOperationException">No payout is under way.</exception>
    public EpochPayout Complete()
    {
        var paid = Paying ?? throw new InvalidOperationException("no epoch is being paid");
        Paying = null;
        return paid;
    }

    /// <summary>
    /// Sets credit aside for a dispute: of what is unpaid, at most <paramref name="amount"/>; what was paid before is not taken back.
    /// A repetition answers what stands.
    /// </summary>
    /// <param name="amount">What is disputed, or null for everything of the contributor, that of later answers included.</param>
    /// <exception cref="CreditException">There are <see cref="FreezesMax"/> freezes.</exception>
    public FrozenCredit Freeze(string disputeId, string contributor, Amount? amount)
    {
        ArgumentException.ThrowIfNullOrEmpty(disputeId);
        if (Find(disputeId) is { } earlier)
        {
            return earlier;
        }
        if (frozen.Count == FreezesMax)
        {
            throw new CreditException($"{FreezesMax} disputes freeze credits of this adapter already: wait until one ends");
        }
        var number = Accumulator.NumberOf(contributor);
        var unpaid = Amount.FromAtto(Accumulator.Unpaid(number));
        var taken = Amount.Min(amount ?? unpaid, unpaid);
        Accumulator.Take(number, taken.Atto);
        var freeze = new FrozenCredit(disputeId, contributor, taken, amount is null);
        frozen.Add(freeze);
        return freeze;
    }

    /// <summary>Ends a freeze in the contributor's favour: the credit is unpaid again. Nothing where there is none.</summary>
    /// <param name="nowSeconds">Seconds since 1970.</param>
    public void Release(string disputeId, long nowSeconds)
    {
        if (Find(disputeId) is { } freeze)
        {
            EpochStartedSeconds = EpochStartedSeconds == 0 ? nowSeconds : EpochStartedSeconds;
            _ = frozen.Remove(freeze);
            Accumulator.Return(Accumulator.NumberOf(freeze.Contributor), freeze.Amount.Atto);
        }
    }

    /// <summary>
    /// What a freeze holds, for it to be paid elsewhere: with a whole freeze everything credited meanwhile as well. Call
    /// <see cref="Forfeit"/> when that is done.
    /// </summary>
    public FrozenCredit? Gather(string disputeId)
    {
        if (Find(disputeId) is not { Whole: true } freeze)
        {
            return Find(disputeId);
        }
        var number = Accumulator.NumberOf(freeze.Contributor);
        var since = Accumulator.Unpaid(number);
        Accumulator.Take(number, since);
        var gathered = freeze with { Amount = freeze.Amount + Amount.FromAtto(since), Whole = false };
        frozen[frozen.IndexOf(freeze)] = gathered;
        return gathered;
    }

    /// <summary>Ends a freeze whose amount has been paid elsewhere.</summary>
    public void Forfeit(string disputeId) => frozen.RemoveAll(freeze => freeze.DisputeId == disputeId);

    /// <summary>Sets what the book counts over all epochs.</summary>
    public void RestoreHistory(long firstSeconds, long answerCount) => (FirstSeconds, AnswerCount) = (firstSeconds, answerCount);

    /// <summary>Sets the book as a snapshot has it; the accumulator is restored by contributor.</summary>
    public void Restore(
        long epoch,
        long startedSeconds,
        long answerCount,
        Amount stakersUnpaid,
        EpochPayout? paying,
        IReadOnlyList<FrozenCredit> freezes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epoch, 1);
        (Epoch, EpochStartedSeconds, EpochAnswerCount) = (epoch, startedSeconds, answerCount);
        (StakersUnpaid, Paying) = (stakersUnpaid, paying);
        frozen.Clear();
        frozen.AddRange(freezes);
    }

    bool IsFrozen(int number) =>
        frozen.Count > 0 && frozen.Exists(freeze => freeze.Whole && freeze.Contributor == Accumulator.NameOf(number));

    FrozenCredit? Find(string disputeId) => frozen.Find(freeze => freeze.DisputeId == disputeId);
}

/// <summary>A credit that cannot be frozen, or a question about credits that has no answer.</summary>
public sealed class CreditException(string message) : UserErrorException(message);
