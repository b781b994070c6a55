using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Economy.Tests;

public sealed class RoyaltiesTests
{
    // Random trees with shares that fit: each node hangs below an earlier one as far as its parents' shares allow.
    static readonly Gen<IReadOnlyList<LineageStep>> lineages =
        from count in Gen.Choose(1, Royalties.NodesMax)
        from children in Gen.Choose(0, 1_000_000).ArrayOf(count)
        from shares in Gen.Choose(0, 10_000).ArrayOf(count)
        from owners in Gen.Choose(0, 9).ArrayOf(count)
        select Build(children, shares, owners);

    static readonly Gen<Amount> parts =
        from high in ArbMap.Default.GeneratorFor<ulong>()
        from low in ArbMap.Default.GeneratorFor<ulong>()
        from shift in Gen.Choose(0, 127)
        select Amount.FromAtto(new UInt128(high, low) >> shift);

    [Fact]
    public void WhateverShapeALineageHasItsAmountsSumToTheOwnersPart() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
            (from lineage in lineages from part in parts select (lineage, part)).ToArbitrary(),
            value =>
            {
                var lines = Royalties.Split(value.part, value.lineage);
                return Amount.Sum(lines.Select(line => line.Amount)) == value.part
                    && lines.All(line => !line.Amount.IsZero)
                    && lines.Select(line => line.Account).Distinct().Count() == lines.Count;
            }));

    [Fact]
    public void EachLevelGetsItsPartOfWhatItsChildGot()
    {
        var grandparent = Royalties.Derive("ad_g", "g", []);
        var parent = Royalties.Derive("ad_p", "p", [(grandparent, 5_000)]);
        var work = Royalties.Derive("ad_w", "w", [(parent, 1_000)]);

        Royalties.Split(Amount.FromAtto(1_000), work).Select(line => (line.Account, line.Amount.Atto)).Should().Equal(
            ("w", (UInt128)900), ("p", (UInt128)50), ("g", (UInt128)50));
    }

    [Fact]
    public void AnAncestorTwiceIsPaidForBothPathsAndOnce()
    {
        var common = Royalties.Derive("dn_c", "c", []);
        var left = Royalties.Derive("ad_l", "l", [(common, 10_000)]);
        var right = Royalties.Derive("ad_r", "r", [(common, 10_000)]);
        var work = Royalties.Derive("ad_w", "w", [(left, 2_000), (right, 3_000)]);

        Royalties.Split(Amount.FromAtto(100), work).Select(line => (line.Account, line.Amount.Atto)).Should().Equal(
            ("w", (UInt128)50), ("c", (UInt128)50));
    }

    [Fact]
    public void BeyondTheDeepestLevelNothingIsPassedOn()
    {
        var lineage = Royalties.Derive("ad_0", "o0", []);
        for (var level = 1; level <= 12; level++)
        {
            lineage = Royalties.Derive($"ad_{level}", $"o{level}", [(lineage, 10_000)]);
        }

        Royalties.Split(Amount.One, lineage).Should().Equal(("o4", Amount.One));
    }

    [Fact]
    public void AWorkThatDescendsFromItselfIsRefused()
    {
        var parent = Royalties.Derive("ad_p", "p", [(Royalties.Derive("ad_w", "w", []), 1)]);
        FluentActions.Invoking(() => Royalties.Derive("ad_w", "w", [(parent, 1)]))
            .Should().Throw<RoyaltyException>().WithMessage("*ad_w would be derived from itself*");
    }

    [Fact]
    public void ParentsThatAskForMoreThanAllAreRefused()
    {
        var parent = Royalties.Derive("ad_p", "p", []);
        var other = Royalties.Derive("ad_q", "q", []);
        FluentActions.Invoking(() => Royalties.Derive("ad_w", "w", [(parent, 6_000), (other, 4_001)]))
            .Should().Throw<RoyaltyException>().WithMessage("*10001*");
    }

    [Fact]
    public void MoreWorksThanTheBoundAreRefused()
    {
        var parents = Enumerable.Range(0, Royalties.NodesMax).Select(i => (Royalties.Derive($"ad_{i}", "o", []), 1)).ToList();
        FluentActions.Invoking(() => Royalties.Derive("ad_w", "w", parents)).Should().Throw<RoyaltyException>().WithMessage("*at most 64*");
    }

    [Fact]
    public void ALineageTakenApartIntoItsParentsIsTheSameAgain() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(
            (from lineage in lineages from part in parts select (lineage, part)).ToArbitrary(),
            value =>
            {
                var root = value.lineage[0];
                var again = Royalties.Derive(root.Id, root.Owner, Royalties.ParentsOf(value.lineage));
                return again.Count == value.lineage.Count
                    && Royalties.Split(value.part, again).Order().SequenceEqual(Royalties.Split(value.part, value.lineage).Order());
            }));

    static IReadOnlyList<LineageStep> Build(int[] children, int[] shares, int[] owners)
    {
        var steps = new List<LineageStep> { new("w0", $"o{owners[0]}", -1, 0) };
        var left = new int[children.Length];
        Array.Fill(left, FeeSplit.Whole);
        for (var i = 1; i < children.Length; i++)
        {
            var child = children[i] % i;
            var share = Math.Min(shares[i], left[child]);
            left[child] -= share;
            steps.Add(new LineageStep($"w{i}", $"o{owners[i]}", child, share));
        }
        return steps;
    }
}
