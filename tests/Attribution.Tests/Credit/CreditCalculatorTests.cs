using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Attribution.Tests;

public sealed class CreditCalculatorTests
{
    static readonly Arbitrary<(double[] Influence, double[] Span, int[] Owners, double Noise)> cases = (
        from count in Gen.Choose(1, 60)
        from influence in Gen.Choose(-1_000, 1_000).Select(value => value % 7 == 0 ? value * 0.37 : value * 0.001).ArrayOf(count)
        from span in Gen.Choose(0, 1_000).Select(value => value % 5 == 0 ? value * 0.1 : 0).ArrayOf(count)
        from owners in Gen.Choose(0, 7).ArrayOf(count)
        from noise in Gen.Choose(0, 20)
        select (influence, span, owners, noise * 0.01)).ToArbitrary();

    static readonly CreditPolicy policy = new() { Threshold = 0.5 };

    static bool IsSybil(ContributorCredit contributor) => contributor.Account.StartsWith("sybil_", StringComparison.Ordinal);

    static string[] Names(int[] owners, Func<int, string> name) => Array.ConvertAll(owners, owner => name(owner));

    [Fact]
    public void RelabellingOwnersLeavesEveryCreditAsItIs() =>
        Prop.ForAll(cases, value =>
        {
            var credits = CreditCalculator.Compute(value.Influence, value.Noise, value.Span, policy);
            var before = CreditCalculator.ByContributor(credits, Names(value.Owners, owner => $"acct_{owner}"));
            var after = CreditCalculator.ByContributor(credits, Names(value.Owners, owner => $"acct_{9 - owner}"));
            return before.All(one =>
            {
                var renamed = $"acct_{(char)('9' - one.Account[^1] + '0')}";
                return after.Single(other => other.Account == renamed) with { Account = one.Account } == one;
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void DividingRowsOverIdentitiesChangesNoTotal() =>
        Prop.ForAll(cases, value =>
        {
            var credits = CreditCalculator.Compute(value.Influence, value.Noise, value.Span, policy);
            var whole = CreditCalculator.ByContributor(credits, Names(value.Owners, owner => $"acct_{owner}"));
            var row = 0;
            var divided = CreditCalculator.ByContributor(
                credits, Names(value.Owners, owner => owner == 0 ? $"sybil_{row++ % 3}" : $"acct_{owner}"));
            var one = whole.SingleOrDefault(contributor => contributor.Account == "acct_0")?.Weight ?? 0;
            var many = divided.Where(IsSybil).Sum(contributor => contributor.Weight);
            return one == many
                && whole.Where(contributor => contributor.Account != "acct_0")
                    .SequenceEqual(divided.Where(contributor => !IsSybil(contributor)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void ContributorsSumToTheirRows() =>
        Prop.ForAll(cases, value =>
        {
            var credits = CreditCalculator.Compute(value.Influence, value.Noise, value.Span, policy);
            var sums = CreditCalculator.ByContributor(credits, Names(value.Owners, owner => $"acct_{owner}"));
            return sums.Sum(sum => sum.Weight) == credits.Sum(credit => credit.Weight)
                && sums.Sum(sum => sum.RowCount) == credits.Length
                && credits.All(credit => credit.Weight >= 0 && credit.InfluenceExcess >= 0 && credit.SpanExcess >= 0)
                && sums.Select(sum => sum.Account).SequenceEqual(sums.Select(sum => sum.Account).Order(StringComparer.Ordinal));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void MoreInfluenceNeverEarnsLessThanAnotherRow() =>
        Prop.ForAll(cases, value =>
        {
            var credits = CreditCalculator.Compute(value.Influence, value.Noise, value.Span, policy);
            return credits.All(one => credits.All(other =>
                value.Influence[one.Row] < value.Influence[other.Row]
                || value.Span[one.Row] < value.Span[other.Row]
                || one.Weight >= other.Weight));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void CreditByHand()
    {
        // The mean is 1 and the deviation √((3·1² + 3²)/4) = √3.
        double[] influence = [0, 0, 0, 4];
        double[] span = [0, 0, 0, 0];

        var credits = CreditCalculator.Compute(influence, 0.5, span, new CreditPolicy { Threshold = 0.25 });

        credits[3].Influence.Should().BeApproximately(Math.Sqrt(3), 1e-12);
        credits[3].InfluenceExcess.Should().BeApproximately((4 - 3) / Math.Sqrt(3), 1e-12);
        credits[3].Weight.Should().Be((long)Math.Round(((1 / Math.Sqrt(3)) - 0.25) * 1_000_000));
        credits[..3].Should().OnlyContain(credit => credit.Weight == 0 && credit.Span == 0);
    }

    [Fact]
    public void InfluenceWithinTheNoiseEarnsNothing()
    {
        var credits = CreditCalculator.Compute([0, 0, 0, 4], 4.0 / 6, [0, 0, 0, 0], new CreditPolicy { Threshold = 0 });

        credits.Should().OnlyContain(credit => credit.Weight == 0);
    }

    [Fact]
    public void TheMedianMagnitudeIgnoresSignsAndAFewLargeScores()
    {
        CreditCalculator.MedianMagnitude([-1, 100, 2, -3, 0]).Should().Be(2);
        CreditCalculator.MedianMagnitude([-1, 4]).Should().Be(2.5);
        CreditCalculator.MedianMagnitude([]).Should().Be(0);
    }

    [Fact]
    public void EqualScoresTellNothing()
    {
        var credits = CreditCalculator.Compute([0.1, 0.1, 0.1], 0, [2, 2, 2], new CreditPolicy { Threshold = 0 });

        credits.Should().OnlyContain(credit => credit.Weight == 0 && credit.Combined == 0);
    }

    [Fact]
    public void HighestComeFirstAndOnlyTheCredited()
    {
        var credits = CreditCalculator.Compute([0, 9, 0, 0, 8, 0, 0, 0], 0.01, new double[8], new CreditPolicy { Threshold = 0 });

        CreditCalculator.Highest(credits, 10).Select(credit => credit.Row).Should().Equal(1, 4);
        CreditCalculator.Highest(credits, 1).Select(credit => credit.Row).Should().Equal(1);
    }

    [Fact]
    public void BadArgumentsAreRefused()
    {
        FluentActions.Invoking(() => CreditCalculator.Compute([1], 0, [1, 2])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => CreditCalculator.Compute([double.NaN], 0, [1])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => CreditCalculator.Compute([1], -1, [1])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => CreditCalculator.Compute([1], 0, [1], new CreditPolicy { SpanWeight = -1 }))
            .Should().Throw<UserErrorException>().WithMessage("*weight of span overlap*");
        FluentActions.Invoking(() => CreditCalculator.Compute([1], 0, [1], new CreditPolicy { SpanWeight = 0, InfluenceWeight = 0 }))
            .Should().Throw<UserErrorException>();
    }

    [Theory]
    [InlineData(-10, -30, 10, 135_335)]
    [InlineData(-10, -10, 10, 1_000_000)]
    [InlineData(-30, -10, 10, 1_000_000)]
    [InlineData(-1, -1_000_000, 10, 0)]
    [InlineData(0, -5, 0, 1_000_000)]
    [InlineData(-10, double.NegativeInfinity, 10, 0)]
    public void TheReserveIsTheBasesProbabilityOverTheAdapters(double adapter, double @base, int tokens, int millionths) =>
        BaseReserve.Millionths(adapter, @base, tokens).Should().Be(millionths);
}
