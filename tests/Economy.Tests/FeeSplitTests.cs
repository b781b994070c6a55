using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Economy.Tests;

public sealed class FeeSplitTests
{
    static readonly SplitAccounts accounts = new("acct_platform", "acct_owner", "acct_stakers", "acct_reserve");

    static readonly Arbitrary<(Amount Fee, ContributorWeight[] Contributors, int Reserve, FeeSplit Split)> cases = (
        from high in ArbMap.Default.GeneratorFor<ulong>()
        from low in ArbMap.Default.GeneratorFor<ulong>()
        from shift in Gen.Choose(20, 127)
        from weights in Gen.Choose(0, 1_000_000).ListOf()
        from reserve in Gen.Frequency((1, Gen.Constant(0)), (1, Gen.Constant(1_000_000)), (6, Gen.Choose(0, 1_000_000)))
        from platform in Gen.Choose(0, 4_000)
        from owner in Gen.Choose(0, 3_000)
        from stakers in Gen.Choose(0, 3_000)
        select (
            Amount.FromAtto(new UInt128(high, low) >> shift),
            weights.Select((weight, i) => new ContributorWeight($"acct_{i:d4}", (UInt128)(uint)weight)).ToArray(),
            reserve,
            new FeeSplit(platform, owner, stakers, 10_000 - platform - owner - stakers))).ToArbitrary();

    [Fact]
    public void LinesSumToTheFeeToTheLastAtto() =>
        Prop.ForAll(cases, value =>
        {
            var lines = value.Split.Split(value.Fee, accounts, value.Contributors, value.Reserve);
            return Amount.Sum(lines.Select(line => line.Amount)) == value.Fee && lines.All(line => !line.Amount.IsZero);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheOrderOfContributorsChangesNothing() =>
        Prop.ForAll(cases, value =>
        {
            var lines = value.Split.Split(value.Fee, accounts, value.Contributors, value.Reserve);
            var reversed = value.Split.Split(value.Fee, accounts, value.Contributors.Reverse().ToArray(), value.Reserve);
            return lines.SequenceEqual(reversed);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheDefaultSplitOfOneOpen()
    {
        ContributorWeight[] contributors = [new("acct_b", 1), new("acct_a", 3)];

        var lines = FeeSplit.Default.Split(Amount.One, accounts, contributors, baseReserve: 200_000);

        lines.Should().Equal(
            new SplitLine("acct_platform", SplitRole.Platform, Amount.Parse("0.1")),
            new SplitLine("acct_owner", SplitRole.Owner, Amount.Parse("0.2")),
            new SplitLine("acct_stakers", SplitRole.Stakers, Amount.Parse("0.2")),
            new SplitLine("acct_reserve", SplitRole.Reserve, Amount.Parse("0.1")),
            new SplitLine("acct_a", SplitRole.Contributor, Amount.Parse("0.3")),
            new SplitLine("acct_b", SplitRole.Contributor, Amount.Parse("0.1")));
    }

    [Fact]
    public void AnIndivisibleRestGoesToTheFirstAccount()
    {
        ContributorWeight[] contributors = [new("acct_c", 1), new("acct_b", 1), new("acct_a", 1)];

        var lines = new FeeSplit(0, 0, 0, 10_000).Split(Amount.FromAtto(4), accounts, contributors, baseReserve: 0);

        lines.Select(line => (line.Account, line.Amount.Atto)).Should().Equal(
            ("acct_a", (UInt128)2), ("acct_b", (UInt128)1), ("acct_c", (UInt128)1));
    }

    [Fact]
    public void WithoutAnyCreditThePartIsTheReserves()
    {
        var lines = FeeSplit.Default.Split(Amount.FromOpen(2), accounts, [new ContributorWeight("acct_a", 0)], baseReserve: 0);

        lines.Should().ContainSingle(line => line.Role == SplitRole.Reserve).Which.Amount.Should().Be(Amount.One);
        lines.Should().NotContain(line => line.Role == SplitRole.Contributor);
    }

    [Theory]
    [InlineData(1_000, 2_000, 2_000, 4_999, "sum to 10000")]
    [InlineData(-1, 2_001, 2_000, 6_000, "negative")]
    public void ASplitThatCannotBeIsRefused(int platform, int owner, int stakers, int contributors, string why) =>
        FluentActions.Invoking(() => new FeeSplit(platform, owner, stakers, contributors))
            .Should().Throw<FeeSplitException>().WithMessage($"*{why}*");

    [Fact]
    public void AContributorTwiceIsRefused() =>
        FluentActions.Invoking(() => FeeSplit.Default.Split(
                Amount.One, accounts, [new ContributorWeight("acct_a", 1), new ContributorWeight("acct_a", 2)], 0))
            .Should().Throw<FeeSplitException>().WithMessage("*acct_a occurs twice*");

    [Fact]
    public void PriceIsRateTimesTokens()
    {
        var pricing = new Pricing(Amount.Parse("0.000000000000000003"), Amount.Parse("0.5"));

        pricing.Fee(7, 2).Should().Be(Amount.Parse("1.000000000000000021"));
        pricing.FeeMax(7, 10).Should().Be(Amount.Parse("5.000000000000000021"));
        FluentActions.Invoking(() => pricing.Fee(-1, 0)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
