namespace OpenLedger.Economy;

/// <summary>What governed parameters may be. The bounds keep sums within 128 bits and a network that can still be governed.</summary>
static class ParameterBounds
{
    /// <summary>Basis points of a whole.</summary>
    const int Whole = FeeSplit.Whole;

    /// <summary>Millionths of a whole.</summary>
    const int Million = 1_000_000;

    const long Day = 86_400;
    const long DayMs = 1_000 * Day;

    /// <summary>One sentence for every parameter that cannot stand.</summary>
    public static IEnumerable<string> Problems(NetworkParameters parameters) =>
    [
        .. Prices(parameters), .. Stakes(parameters), .. Attribution(parameters), .. Treasury(parameters), .. Governance(parameters),
    ];

    static IEnumerable<string> Prices(NetworkParameters parameters) =>
    [
        .. Within("pricing (prompt rate)", parameters.Pricing.PromptTokenRate, Amount.Zero, Amount.FromOpen(1_000)),
        .. Within("pricing (completion rate)", parameters.Pricing.CompletionTokenRate, Amount.Zero, Amount.FromOpen(1_000)),
        .. Within("epoch-seconds", parameters.EpochSeconds, 1, 31 * Day),
        .. Within("epoch-answer-count", parameters.EpochAnswerCount, 1, 1_000_000_000),
        .. Within("dust-threshold", parameters.DustThreshold, Amount.Zero, Amount.FromOpen(1_000)),
        .. Within("royalty-default", parameters.RoyaltyDefault, 0, Whole),
    ];

    static IEnumerable<string> Stakes(NetworkParameters parameters) =>
    [
        .. Within("stake-minimum", parameters.StakeMinimum, Amount.FromAtto(1), Amount.FromOpen(1_000_000)),
        .. Within("unbonding-seconds", parameters.UnbondingSeconds, 0, 365 * Day),
        .. Within("slash-spam", parameters.SlashSpam, 0, Whole),
        .. Within("slash-harm", parameters.SlashHarm, 0, Whole),
        .. Within("slash-fraud", parameters.SlashFraud, 0, Whole),
        .. Within("dispute-bond", parameters.DisputeBond, Amount.Zero, Amount.FromOpen(1_000_000)),
        .. Within("dispute-window-seconds", parameters.DisputeWindowSeconds, 1, 90 * Day),
    ];

    static IEnumerable<string> Attribution(NetworkParameters parameters)
    {
        IEnumerable<string> each =
        [
            .. Within("attribution-influence", parameters.AttributionInfluence, 0, Million),
            .. Within("attribution-span", parameters.AttributionSpan, 0, Million),
            .. Within("attribution-retrieval", parameters.AttributionRetrieval, 0, Million),
            .. Within("attribution-threshold", parameters.AttributionThreshold, 0, 1_000 * (long)Million),
        ];
        var sum = (long)parameters.AttributionInfluence + parameters.AttributionSpan + parameters.AttributionRetrieval;
        return sum == Million
            ? each
            : each.Append(
                $"attribution-influence, attribution-span and attribution-retrieval sum to {Million} millionths, but these sum to {sum}: "
                + "change them together");
    }

    static IEnumerable<string> Treasury(NetworkParameters parameters) =>
    [
        .. Within("emission-total-max", parameters.EmissionTotalMax, Amount.Zero, Allocation.Community.Total),
        .. Within("emission-per-epoch", parameters.EmissionPerEpoch, Amount.Zero, parameters.EmissionTotalMax),
        .. Within("treasury-burn-total", parameters.TreasuryBurnTotal, Amount.Zero, Allocation.Community.Total),
    ];

    static IEnumerable<string> Governance(NetworkParameters parameters) =>
    [
        .. Within("proposal-threshold", parameters.ProposalThreshold, Amount.One, Amount.FromOpen(100_000_000)),
        .. Within("voting-delay-ms", parameters.VotingDelayMs, 1, 30 * DayMs),
        .. Within("voting-period-ms", parameters.VotingPeriodMs, 1, 90 * DayMs),
        .. Within("quorum-share", parameters.QuorumShare, 1, Whole),
        .. Within("timelock-ms", parameters.TimelockMs, 0, 90 * DayMs),
        .. Within("grace-ms", parameters.GraceMs, 1, 90 * DayMs),
        .. parameters.Guardian.Length == 0 || AccountAddress.TryParse(parameters.Guardian, out _)
            ? Array.Empty<string>()
            : [$"guardian takes an account's address or none, and not '{parameters.Guardian}'"],
    ];

    static IEnumerable<string> Within<T>(string name, T value, T least, T most)
        where T : IComparable<T> =>
        value.CompareTo(least) < 0 || value.CompareTo(most) > 0
            ? [FormattableString.Invariant($"{name} takes {least} to {most}, and not {value}")]
            : [];
}
