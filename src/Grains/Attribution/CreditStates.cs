using OpenLedger.Economy;

namespace OpenLedger.Grains.Attribution;

/// <summary>
/// What an adapter owes its contributors, as of the receipts that were folded in last. It is written once for many answers: between two
/// writes the receipts in the log are the truth, and <see cref="OpenReceiptsState"/> names them.
/// </summary>
[GenerateSerializer, Alias("openledger.attribution.state")]
public sealed class AttributionState
{
    [Id(0)] public Dictionary<string, StoredTotal> Totals { get; set; } = [];

    /// <summary>Receipts that are folded in, the latest last: those are not added again.</summary>
    [Id(1)] public List<string> RecentReceipts { get; set; } = [];

    [Id(2)] public long Epoch { get; set; } = 1;

    [Id(3)] public long EpochStartedSeconds { get; set; }

    [Id(4)] public long EpochAnswerCount { get; set; }

    /// <summary>The epoch that is being paid, or null.</summary>
    [Id(5)] public StoredPayout? Paying { get; set; }

    [Id(6)] public List<StoredFreeze> Frozen { get; set; } = [];

    /// <summary>The latest epochs that were paid, the latest last.</summary>
    [Id(7)] public List<StoredEpoch> Epochs { get; set; } = [];

    /// <summary>Decimal text.</summary>
    [Id(8)] public string StakersUnpaid { get; set; } = "0";

    [Id(9)] public long FirstSeconds { get; set; }

    [Id(10)] public long AnswerCount { get; set; }

    public static AttributionState Of(CreditBook book, List<string> recentReceipts, List<StoredEpoch> epochs)
    {
        var accumulator = book.Accumulator;
        var state = new AttributionState
        {
            RecentReceipts = recentReceipts,
            Epoch = book.Epoch,
            EpochStartedSeconds = book.EpochStartedSeconds,
            EpochAnswerCount = book.EpochAnswerCount,
            Paying = book.Paying is { } paying
                ? new StoredPayout(paying.Epoch, Stored(paying.Payments), Stored(paying.Rewards), paying.AnswerCount)
                : null,
            Frozen =
            [
                .. book.Frozen.Select(each => new StoredFreeze(each.DisputeId, each.Contributor, each.Amount.ToString(), each.Whole)),
            ],
            Epochs = epochs,
            StakersUnpaid = book.StakersUnpaid.ToString(),
            FirstSeconds = book.FirstSeconds,
            AnswerCount = book.AnswerCount,
        };
        for (var number = 0; number < accumulator.Count; number++)
        {
            state.Totals.Add(accumulator.NameOf(number), new StoredTotal(
                Amount.FromAtto(accumulator.Credited(number)).ToString(),
                accumulator.Answers(number),
                Amount.FromAtto(accumulator.Unpaid(number)).ToString()));
        }

        return state;
    }

    public CreditBook ToBook()
    {
        var accumulator = new EpochAccumulator();
        foreach (var (contributor, total) in Totals)
        {
            accumulator.Restore(
                contributor, Amount.Parse(total.Unpaid).Atto, Amount.Parse(total.Amount).Atto, total.AnswerCount);
        }

        var book = new CreditBook(accumulator);
        book.RestoreHistory(FirstSeconds, AnswerCount);
        book.Restore(
            Epoch,
            EpochStartedSeconds,
            EpochAnswerCount,
            Amount.Parse(StakersUnpaid),
            Paying is null
                ? null : new EpochPayout(Paying.Epoch, Credits(Paying.Payments), Credits(Paying.Rewards), Paying.AnswerCount),
            [.. Frozen.Select(each => new FrozenCredit(each.DisputeId, each.Contributor, Amount.Parse(each.Amount), each.Whole))]);
        return book;
    }

    static List<StoredPayment> Stored(IReadOnlyList<Credit> credits) =>
        [.. credits.Select(credit => new StoredPayment(credit.Contributor, credit.Amount.ToString()))];

    static List<Credit> Credits(IReadOnlyList<StoredPayment> payments) =>
        [.. payments.Select(payment => new Credit(payment.Account, Amount.Parse(payment.Amount)))];
}

/// <param name="Amount">Ever credited, in decimal text: state is written by serializers that know no 128-bit integers.</param>
/// <param name="Unpaid">Credited and neither paid nor frozen nor being paid, in decimal text.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.state.total")]
public sealed record StoredTotal(
    [property: Id(0)] string Amount,
    [property: Id(1)] long AnswerCount,
    [property: Id(2)] string Unpaid = "0");

[GenerateSerializer, Immutable, Alias("openledger.attribution.state.payment")]
public sealed record StoredPayment([property: Id(0)] string Account, [property: Id(1)] string Amount);

[GenerateSerializer, Immutable, Alias("openledger.attribution.state.payout")]
public sealed record StoredPayout(
    [property: Id(0)] long Epoch,
    [property: Id(1)] List<StoredPayment> Payments,
    [property: Id(2)] List<StoredPayment> Rewards,
    [property: Id(3)] long AnswerCount);

[GenerateSerializer, Immutable, Alias("openledger.attribution.state.freeze")]
public sealed record StoredFreeze(
    [property: Id(0)] string DisputeId,
    [property: Id(1)] string Contributor,
    [property: Id(2)] string Amount,
    [property: Id(3)] bool Whole);

[GenerateSerializer, Immutable, Alias("openledger.attribution.state.epoch")]
public sealed record StoredEpoch(
    [property: Id(0)] long Epoch,
    [property: Id(1)] long EndedSeconds,
    [property: Id(2)] int PaidCount,
    [property: Id(3)] string Paid,
    [property: Id(4)] string Rewards,
    [property: Id(5)] long AnswerCount);

/// <summary>
/// Receipts that are expected, or settled and not folded in yet, by id: a small document that is written before a settlement, so that no
/// settled receipt is ever unknown, and rewritten often.
/// </summary>
[GenerateSerializer, Alias("openledger.attribution.open-state")]
public sealed class OpenReceiptsState
{
    [Id(0)] public Dictionary<string, OpenReceipt> Receipts { get; set; } = [];
}

/// <param name="HoldId">The hold out of which it is settled.</param>
/// <param name="SinceSeconds">When it was announced, in seconds since 1970.</param>
[GenerateSerializer, Immutable, Alias("openledger.attribution.open-state.receipt")]
public sealed record OpenReceipt([property: Id(0)] string HoldId, [property: Id(1)] long SinceSeconds);
