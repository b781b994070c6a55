namespace OpenLedger.Economy;

/// <summary>What one adapter's contributors have been credited so far.</summary>
/// <param name="FirstSeconds">Time of its first answer, in seconds since 1970.</param>
/// <param name="Credited">By contributor.</param>
public sealed record AdapterEarnings(string AdapterId, long FirstSeconds, long AnswerCount, IReadOnlyList<Credit> Credited);

/// <summary>
/// What a Datanet would pay, from what it has paid: nothing is assumed but that tomorrow is like the history. Credit is what was measured
/// (influence and spans), not the number of rows. For a contributor: credited to all × (own credit ÷ credit of all) ÷ days of history.
/// For somebody new: what a quarter, half and three quarters of those who are credited get at most.
/// </summary>
/// <param name="HistorySeconds">From the first answer to now.</param>
/// <param name="CreditedSum">Credited to all contributors in that time.</param>
/// <param name="PerThousandAnswers">Of that, for a thousand answers.</param>
/// <param name="PerDay">Of that, a day; null where the history is shorter than <see cref="HistorySecondsMin"/>.</param>
/// <param name="LowPerDay">A quarter of the contributors get no more.</param>
/// <param name="MedianPerDay">Half of the contributors get no more.</param>
/// <param name="HighPerDay">Three quarters of the contributors get no more.</param>
/// <param name="OwnCredited">What the account was credited, where one was named.</param>
/// <param name="OwnPerDay">Of that, a day.</param>
public sealed record EarningsEstimate(
    long HistorySeconds,
    long AnswerCount,
    int ContributorCount,
    Amount CreditedSum,
    Amount PerThousandAnswers,
    Amount? PerDay,
    Amount? LowPerDay,
    Amount? MedianPerDay,
    Amount? HighPerDay,
    Amount? OwnCredited,
    Amount? OwnPerDay)
{
    /// <summary>A shorter history says nothing about a day.</summary>
    public const long HistorySecondsMin = 3_600;

    /// <summary>How it was reckoned, for people to read.</summary>
    public const string Formula =
        "a day = credited to contributors since the first answer × (own measured credit ÷ all measured credit) ÷ days of history";

    const long SecondsPerDay = 86_400;

    /// <param name="account">The contributor who asks, or null for somebody new.</param>
    /// <exception cref="CreditException">There is no history: nothing is invented.</exception>
    public static EarningsEstimate Of(IReadOnlyList<AdapterEarnings> adapters, string? account, long nowSeconds)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        var used = adapters.Where(adapter => adapter.AnswerCount > 0).ToList();
        if (used.Count == 0)
        {
            throw new CreditException(
                "no adapter that was trained on this Datanet has answered yet: there is no history, and an estimate would be invented");
        }
        var history = Math.Max(1, nowSeconds - used.Min(adapter => adapter.FirstSeconds));
        var answers = used.Sum(adapter => adapter.AnswerCount);
        var byContributor = used.SelectMany(adapter => adapter.Credited).GroupBy(credit => credit.Contributor, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => Amount.Sum(group.Select(credit => credit.Amount)), StringComparer.Ordinal);
        var sum = Amount.Sum(byContributor.Values);
        var sorted = byContributor.Values.Where(amount => !amount.IsZero).Order().ToList();
        Amount? own = account is null ? null : byContributor.GetValueOrDefault(account);
        return new EarningsEstimate(
            history,
            answers,
            sorted.Count,
            sum,
            sum.MultiplyDivide(1_000, (UInt128)answers),
            PerDay(sum),
            PerDay(Quantile(1)),
            PerDay(Quantile(2)),
            PerDay(Quantile(3)),
            own,
            own is { } credited ? PerDay(credited) : null);

        Amount? PerDay(Amount amount) =>
            history < HistorySecondsMin ? null : amount.MultiplyDivide(SecondsPerDay, (UInt128)history);

        Amount Quantile(int quarter) => sorted.Count == 0 ? Amount.Zero : sorted[(sorted.Count - 1) * quarter / 4];
    }
}
