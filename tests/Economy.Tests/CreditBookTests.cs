using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Economy.Tests;

public sealed class CreditBookTests
{
    static readonly Gen<UInt128> amounts = Gen.Frequency(
        (6, Gen.Choose(0, 50).Select(value => (UInt128)(uint)value)),
        (2, Gen.Choose(0, int.MaxValue).Select(value => (UInt128)(uint)value * 1_000_000_000)),
        (1, Gen.Constant(Amount.Supply.Atto / 1_000)));

    static readonly Gen<Step> steps =
        from kind in Gen.Frequency((8, Gen.Constant(0)), (2, Gen.Choose(1, 6)))
        from who in Gen.Choose(0, 4)
        from other in Gen.Choose(0, 4)
        from amount in amounts
        from second in amounts
        select new Step(kind, who, other, amount, second);

    static readonly Arbitrary<Step[]> histories = steps.ArrayOf(60).ToArbitrary();

    sealed record Step(int Kind, int Who, int Other, UInt128 Amount, UInt128 Second);

    [Fact]
    public void WhatIsCreditedIsPaidFrozenForfeitedOrOwedToTheLastAtto() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(histories, history =>
        {
            var run = new Run();
            foreach (var step in history)
            {
                run.Apply(step);
                if (!run.Holds)
                {
                    return false;
                }
            }
            return true;
        }));

    [Fact]
    public void HistoriesPayFreezeAndForfeit()
    {
        // A property over histories in which nothing happens would say nothing.
        var seen = new Run();
        foreach (var step in histories.Generator.Sample(60, new Rnd(7, 11), 40).SelectMany(history => history))
        {
            seen.Apply(step);
        }
        seen.Paid.Values.Should().OnlyContain(paid => paid > 0).And.HaveCount(5);
        seen.Forfeited.Should().BeGreaterThan(0);
        seen.Rewarded.Should().BeGreaterThan(0);
    }

    [Fact]
    public void DustIsCarriedOverAndPaidWithLaterCredit()
    {
        var book = new CreditBook(new EpochAccumulator());
        book.Add([new Credit("a", Amount.FromAtto(7)), new Credit("b", Amount.FromAtto(40))], Amount.Zero, 100);
        var first = book.Begin(Amount.FromAtto(10), []);
        first.Payments.Should().Equal(new Credit("b", Amount.FromAtto(40)));
        book.Complete();
        book.OwedSum.Should().Be((UInt128)7);

        book.Add([new Credit("a", Amount.FromAtto(3))], Amount.Zero, 200);
        var second = book.Begin(Amount.FromAtto(10), []);
        second.Should().BeEquivalentTo(new { Epoch = 2L, Payments = new[] { new Credit("a", Amount.FromAtto(10)) } });
        book.Complete();
        book.OwedSum.Should().Be(UInt128.Zero);
    }

    [Fact]
    public void APayoutUnderWaySaysTheSameUntilItIsDone()
    {
        var book = new CreditBook(new EpochAccumulator());
        book.Add([new Credit("a", Amount.One)], Amount.FromOpen(2), 100);
        var begun = book.Begin(Amount.Zero, [new ContributorWeight("pool", 1)]);
        book.Add([new Credit("a", Amount.One)], Amount.One, 101);
        book.Begin(Amount.Zero, []).Should().BeSameAs(begun);
        begun.Rewards.Should().Equal(new Credit("pool", Amount.FromOpen(2)));
        book.StakersUnpaid.Should().Be(Amount.One);
    }

    [Theory]
    [InlineData(1, 3_599, false)]
    [InlineData(1, 3_600, true)]
    [InlineData(999_999, 0, false)]
    [InlineData(1_000_000, 0, true)]
    public void AnEpochEndsByTimeOrByAnswers(int answers, long seconds, bool due)
    {
        var book = new CreditBook(new EpochAccumulator());
        book.Restore(1, 5_000, answers, Amount.Zero, null, []);
        book.IsDue(NetworkParameters.Default, 5_000 + seconds).Should().Be(due);
    }

    [Fact]
    public void AnEpochWithoutAnAnswerNeverEnds() =>
        new CreditBook(new EpochAccumulator()).IsDue(NetworkParameters.Default, long.MaxValue).Should().BeFalse();

    [Fact]
    public void AWholeFreezeKeepsLaterCreditAsWellAndAPartOnlyItsPart()
    {
        var book = new CreditBook(new EpochAccumulator());
        book.Add([new Credit("a", Amount.FromAtto(10)), new Credit("b", Amount.FromAtto(10))], Amount.Zero, 1);
        book.Freeze("d1", "a", null).Amount.Atto.Should().Be((UInt128)10);
        book.Freeze("d2", "b", Amount.FromAtto(4)).Amount.Atto.Should().Be((UInt128)4);
        book.Add([new Credit("a", Amount.FromAtto(5)), new Credit("b", Amount.FromAtto(5))], Amount.Zero, 2);

        book.Begin(Amount.Zero, []).Payments.Should().Equal(new Credit("b", Amount.FromAtto(11)));
        book.Complete();
        book.Gather("d1")!.Amount.Atto.Should().Be((UInt128)15);
        book.Forfeit("d1");
        book.Release("d2", 3);
        book.Begin(Amount.Zero, []).Payments.Should().Equal(new Credit("b", Amount.FromAtto(4)));
        book.Complete();
        book.OwedSum.Should().Be(UInt128.Zero);
    }

    [Fact]
    public void MoreFreezesThanTheBoundAreRefused()
    {
        var book = new CreditBook(new EpochAccumulator());
        for (var dispute = 0; dispute < CreditBook.FreezesMax; dispute++)
        {
            book.Freeze($"d{dispute}", "a", null);
        }
        FluentActions.Invoking(() => book.Freeze("one more", "a", null)).Should().Throw<CreditException>().WithMessage("*256 disputes*");
    }

    /// <summary>A book beside what a pool of money would hold.</summary>
    sealed class Run
    {
        readonly CreditBook book = new(new EpochAccumulator());
        readonly Dictionary<string, BigInteger> credited = [];
        BigInteger pool;
        BigInteger stakers;

        public Dictionary<string, BigInteger> Paid { get; } = [];

        public BigInteger Forfeited { get; private set; }

        public BigInteger Rewarded { get; private set; }

        public bool Holds =>
            pool == book.OwedSum
            && stakers == book.StakersUnpaid.Atto + Amount.Sum(book.Paying?.Rewards.Select(each => each.Amount) ?? []).Atto
            && credited.All(pair => Paid.GetValueOrDefault(pair.Key) <= pair.Value)
            && credited.Values.Aggregate(BigInteger.Zero, (sum, each) => sum + each)
                == pool + Forfeited + Paid.Values.Aggregate(BigInteger.Zero, (sum, each) => sum + each);

        public void Apply(Step step)
        {
            switch (step.Kind)
            {
                case 0:
                    Add(step);
                    break;
                case 1:
                    book.Begin(Amount.FromAtto(step.Amount), [new ContributorWeight("p", 3), new ContributorWeight("q", step.Second)]);
                    break;
                case 2 when book.Paying is not null:
                    Pay(book.Complete());
                    break;
                case 3:
                    book.Freeze($"d{step.Who}", $"c{step.Other}", step.Other == 0 ? null : Amount.FromAtto(step.Amount));
                    break;
                case 4:
                    book.Release($"d{step.Who}", 1);
                    break;
                case 5 when book.Gather($"d{step.Who}") is { } gathered:
                    Forfeited += gathered.Amount.Atto;
                    pool -= gathered.Amount.Atto;
                    book.Forfeit($"d{step.Who}");
                    break;
                default:
                    break;
            }
        }

        void Add(Step step)
        {
            Credit[] credits = [new($"c{step.Who}", Amount.FromAtto(step.Amount)), new($"c{step.Other}", Amount.FromAtto(step.Second))];
            book.Add(credits, Amount.FromAtto(step.Second), 1);
            foreach (var credit in credits)
            {
                credited[credit.Contributor] = credited.GetValueOrDefault(credit.Contributor) + credit.Amount.Atto;
                pool += credit.Amount.Atto;
            }
            stakers += step.Second;
        }

        void Pay(EpochPayout payout)
        {
            foreach (var payment in payout.Payments)
            {
                Paid[payment.Contributor] = Paid.GetValueOrDefault(payment.Contributor) + payment.Amount.Atto;
                pool -= payment.Amount.Atto;
            }
            foreach (var reward in payout.Rewards)
            {
                Rewarded += reward.Amount.Atto;
                stakers -= reward.Amount.Atto;
            }
        }
    }
}
