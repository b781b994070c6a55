using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Economy.Tests;

public sealed class LargestRemainderTests
{
    // Weights of every size: small ones tie often, large ones need all 256 bits of the product.
    static readonly Gen<UInt128> weight = Gen.OneOf(
        Gen.Choose(0, 3).Select(value => (UInt128)(uint)value),
        Gen.Choose(0, int.MaxValue).Select(value => (UInt128)(uint)value),
        from high in ArbMap.Default.GeneratorFor<ulong>()
        from low in ArbMap.Default.GeneratorFor<ulong>()
        from shift in Gen.Choose(0, 127)
        select new UInt128(high, low) >> shift);

    static readonly Arbitrary<(UInt128 Total, UInt128[] Weights)> splits = (
        from total in weight
        from count in Gen.Choose(1, 20)
        from weights in weight.ArrayOf(count)
        select (total, weights)).ToArbitrary();

    static BigInteger SumOf(IEnumerable<UInt128> values) => values.Aggregate(BigInteger.Zero, (sum, value) => sum + value);

    [Fact]
    public void PartsSumToTheTotal() =>
        Prop.ForAll(splits, split => SumOf(LargestRemainder.Split(split.Total, split.Weights)) == split.Total).QuickCheckThrowOnFailure();

    [Fact]
    public void EachPartIsWithinOneOfTheExactShare() =>
        Prop.ForAll(splits, split =>
        {
            var sum = SumOf(split.Weights);
            var parts = LargestRemainder.Split(split.Total, split.Weights);
            return sum.IsZero || parts.Zip(split.Weights)
                .All(pair => BigInteger.Abs((pair.First * sum) - ((BigInteger)split.Total * pair.Second)) < sum);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void ALargerWeightNeverGetsLess() =>
        Prop.ForAll(splits, split =>
        {
            var parts = LargestRemainder.Split(split.Total, split.Weights);
            return Enumerable.Range(0, parts.Length).All(i => Enumerable.Range(0, parts.Length)
                .All(j => split.Weights[i] <= split.Weights[j] || parts[i] >= parts[j]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void OrderDecidesTiesAndNothingElse() =>
        Prop.ForAll(splits, split =>
        {
            // Sorting by weight keeps the order of equal ones, so every part must travel with its weight.
            var order = Enumerable.Range(0, split.Weights.Length).OrderBy(i => split.Weights[i]).ToArray();
            var parts = LargestRemainder.Split(split.Total, split.Weights);
            var sorted = LargestRemainder.Split(split.Total, Array.ConvertAll(order, i => split.Weights[i]));
            return sorted.SequenceEqual(order.Select(i => parts[i]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AWeightOfZeroGetsNothingBesideOthers() =>
        Prop.ForAll(splits, split =>
        {
            var parts = LargestRemainder.Split(split.Total, split.Weights);
            return SumOf(split.Weights).IsZero || parts.Zip(split.Weights).All(pair => pair.Second != 0 || pair.First == 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheSmallerIndexWinsATie() =>
        LargestRemainder.Split(5, new ulong[] { 1, 1, 1 }).Should().Equal((UInt128)2, (UInt128)2, (UInt128)1);

    [Fact]
    public void ZeroWeightsSplitEqually() =>
        LargestRemainder.Split(7, new ulong[] { 0, 0, 0 }).Should().Equal((UInt128)3, (UInt128)2, (UInt128)2);

    [Fact]
    public void TheLargestNumbersDoNotOverflow()
    {
        var parts = LargestRemainder.Split(UInt128.MaxValue, new[] { UInt128.MaxValue, UInt128.MaxValue });

        parts.Should().Equal((UInt128.MaxValue / 2) + 1, UInt128.MaxValue / 2);
    }

    [Fact]
    public void NoWeightsAreRefused() =>
        FluentActions.Invoking(() => LargestRemainder.Split(1, Array.Empty<ulong>())).Should().Throw<ArgumentException>();
}
