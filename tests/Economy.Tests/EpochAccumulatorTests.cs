namespace OpenLedger.Economy.Tests;

public sealed class EpochAccumulatorTests
{
    [Fact]
    public void ACreditAllocatesNothing()
    {
        var accumulator = new EpochAccumulator();
        for (var number = 0; number < 1_000; number++)
        {
            accumulator.NumberOf($"acct_{number}");
        }
        accumulator.Add(0, UInt128.One);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < 100_000; index++)
        {
            accumulator.Add(index % 1_000, (UInt128)(uint)index);
        }
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Fact]
    public void SumsAreExactBeyondSixtyFourBits()
    {
        var accumulator = new EpochAccumulator();
        var number = accumulator.NumberOf("a");
        accumulator.Add(number, Amount.Supply.Atto - 1);
        accumulator.Add(number, UInt128.One);
        accumulator.Unpaid(number).Should().Be(Amount.Supply.Atto);
        accumulator.Answers(number).Should().Be(2);
    }

    [Fact]
    public void ANumberStaysWithItsContributorHoweverManyThereAre()
    {
        var accumulator = new EpochAccumulator();
        for (var number = 0; number < 100; number++)
        {
            accumulator.NumberOf($"acct_{number}").Should().Be(number);
        }
        for (var number = 0; number < 100; number++)
        {
            accumulator.NumberOf($"acct_{number}").Should().Be(number);
            accumulator.NameOf(number).Should().Be($"acct_{number}");
        }
    }

    [Fact]
    public void MoreThanIsUnpaidCannotBeTaken()
    {
        var accumulator = new EpochAccumulator();
        accumulator.Add(accumulator.NumberOf("a"), 5);
        FluentActions.Invoking(() => accumulator.Take(0, 6)).Should().Throw<ArgumentOutOfRangeException>();
        accumulator.UnpaidSum.Should().Be((UInt128)5);
    }

    [Fact]
    public void ASumThatDoesNotFitIsRefusedAndChangesNothing()
    {
        var accumulator = new EpochAccumulator();
        accumulator.Add(accumulator.NumberOf("a"), UInt128.MaxValue);
        FluentActions.Invoking(() => accumulator.Add(accumulator.NumberOf("b"), UInt128.One)).Should().Throw<OverflowException>();
        (accumulator.UnpaidSum, accumulator.Unpaid(1)).Should().Be((UInt128.MaxValue, UInt128.Zero));
    }

    [Fact]
    public void AnUnknownNumberIsRefused() =>
        FluentActions.Invoking(() => new EpochAccumulator().Add(0, UInt128.One)).Should().Throw<ArgumentOutOfRangeException>();
}
