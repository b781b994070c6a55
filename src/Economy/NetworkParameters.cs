namespace OpenLedger.Economy;

/// <summary>
/// What governance decides, in one immutable value: proposals change it as a whole, atomically. Amounts in atto-OPEN, fractions in basis
/// points (1/10,000) where nothing else is said, times in seconds.
/// </summary>
public sealed record NetworkParameters
{
    const long DayMs = 86_400_000;

    /// <summary>What a network starts with.</summary>
    public static NetworkParameters Default { get; } = new();

    /// <summary>How an inference fee is divided.</summary>
    public FeeSplit FeeSplit { get; init; } = FeeSplit.Default;

    /// <summary>The price of a token where an adapter or model names none of its own.</summary>
    public Pricing Pricing { get; init; } = Pricing.Default;

    /// <summary>An epoch of credits is settled after this many seconds, if anything accumulated.</summary>
    public long EpochSeconds { get; init; } = 3_600;

    /// <summary>An epoch of credits is settled after this many answers, whatever the time.</summary>
    public long EpochAnswerCount { get; init; } = 1_000_000;

    /// <summary>A contributor's credit below this is carried over to the next epoch.</summary>
    public Amount DustThreshold { get; init; } = Amount.Parse("0.001");

    /// <summary>The least that can be staked.</summary>
    public Amount StakeMinimum { get; init; } = Amount.One;

    /// <summary>Seconds between the request to unstake and its payment.</summary>
    public long UnbondingSeconds { get; init; } = 7 * 86_400;

    /// <summary>Part of a stake that is slashed for spam.</summary>
    public int SlashSpam { get; init; } = 1_000;

    /// <summary>Part of a stake that is slashed for data that measurably harms.</summary>
    public int SlashHarm { get; init; } = 2_500;

    /// <summary>Part of a stake that is slashed for fraud, such as a laundered copy.</summary>
    public int SlashFraud { get; init; } = 10_000;

    /// <summary>What a challenger deposits, lost if the challenge fails.</summary>
    public Amount DisputeBond { get; init; } = Amount.FromOpen(10);

    /// <summary>Seconds in which a slash may be answered and appealed before it is final.</summary>
    public long DisputeWindowSeconds { get; init; } = 3 * 86_400;

    /// <summary>The part of a fee's owner share that goes to an adapter's or Datanet's parents where their licence names none.</summary>
    public int RoyaltyDefault { get; init; } = 1_000;

    /// <summary>Millionths: weights of the attribution signals; they sum to a million.</summary>
    public int AttributionInfluence { get; init; } = 500_000;

    /// <inheritdoc cref="AttributionInfluence"/>
    public int AttributionSpan { get; init; } = 500_000;

    /// <inheritdoc cref="AttributionInfluence"/>
    public int AttributionRetrieval { get; init; }

    /// <summary>Millionths of the median score below which a score is noise (6,000,000 is six times the median).</summary>
    public long AttributionThreshold { get; init; } = 6_000_000;

    /// <summary>What early contributions are rewarded with in an epoch, at most.</summary>
    public Amount EmissionPerEpoch { get; init; } = Amount.Zero;

    /// <summary>What all early contribution rewards together may come to.</summary>
    public Amount EmissionTotalMax { get; init; } = Amount.FromOpen(10_000_000);

    /// <summary>
    /// What governance has decided to burn of the treasury, all decisions together: it only rises, and the treasury burns what it rose by.
    /// </summary>
    public Amount TreasuryBurnTotal { get; init; } = Amount.Zero;

    /// <summary>Votes that an account needs to propose, and to keep: below it anybody may cancel until voting has ended.</summary>
    public Amount ProposalThreshold { get; init; } = Amount.FromOpen(10_000);

    /// <summary>Milliseconds from a proposal to its snapshot, when voting begins.</summary>
    public long VotingDelayMs { get; init; } = DayMs;

    /// <summary>Milliseconds of voting.</summary>
    public long VotingPeriodMs { get; init; } = 7 * DayMs;

    /// <summary>Part of the voting supply at the snapshot that votes for a proposal or abstains, at least, for it to succeed.</summary>
    public int QuorumShare { get; init; } = 500;

    /// <summary>Milliseconds from the queueing of a proposal that succeeded to the earliest moment of its execution.</summary>
    public long TimelockMs { get; init; } = 7 * DayMs;

    /// <summary>Milliseconds after that moment in which a proposal is executed, or else expires.</summary>
    public long GraceMs { get; init; } = 14 * DayMs;

    /// <summary>The account that may cancel any proposal, and execute none; empty for nobody.</summary>
    public string Guardian { get; init; } = "";

    /// <summary>Refuses values that cannot be, each with what it may be. Every change is checked so before it takes effect.</summary>
    /// <exception cref="ParameterException">Names every parameter that cannot stand.</exception>
    public NetworkParameters Validate()
    {
        var problems = ParameterBounds.Problems(this).ToList();
        return problems.Count == 0 ? this : throw new ParameterException(string.Join("; ", problems));
    }
}
