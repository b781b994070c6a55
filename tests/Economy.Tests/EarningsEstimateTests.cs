namespace OpenLedger.Economy.Tests;

public sealed class EarningsEstimateTests
{
    static readonly AdapterEarnings first = new(
        "ad_1", 0, 500, [new Credit("a", Amount.FromOpen(1)), new Credit("b", Amount.FromOpen(2)), new Credit("c", Amount.FromOpen(3))]);

    static readonly AdapterEarnings second = new("ad_2", 86_400, 500, [new Credit("a", Amount.FromOpen(4))]);

    [Fact]
    public void AShareIsMeasuredCreditOverAllAdaptersAndDays()
    {
        var estimate = EarningsEstimate.Of([first, second], "a", 2 * 86_400);

        estimate.CreditedSum.Should().Be(Amount.FromOpen(10));
        estimate.PerDay.Should().Be(Amount.FromOpen(5));
        estimate.OwnCredited.Should().Be(Amount.FromOpen(5));
        estimate.OwnPerDay.Should().Be(Amount.Parse("2.5"));
        estimate.PerThousandAnswers.Should().Be(Amount.FromOpen(10));
        (estimate.LowPerDay, estimate.MedianPerDay, estimate.HighPerDay).Should()
            .Be((Amount.FromOpen(1), Amount.Parse("1.5"), Amount.Parse("1.5")));
    }

    [Fact]
    public void SomebodyNewIsToldARangeAndNoShare() =>
        EarningsEstimate.Of([first], null, 86_400).Should().BeEquivalentTo(new { ContributorCount = 3, OwnPerDay = (Amount?)null });

    [Fact]
    public void AnAccountThatWasNeverCreditedGetsNothing() =>
        EarningsEstimate.Of([first], "z", 86_400).OwnPerDay.Should().Be(Amount.Zero);

    [Fact]
    public void AHistoryOfMinutesSaysNothingAboutADay()
    {
        var estimate = EarningsEstimate.Of([first], "a", 600);
        estimate.PerDay.Should().BeNull();
        estimate.OwnPerDay.Should().BeNull();
        estimate.PerThousandAnswers.Should().Be(Amount.FromOpen(12));
    }

    [Fact]
    public void WithoutHistoryNothingIsInvented() =>
        FluentActions.Invoking(() => EarningsEstimate.Of([first with { AnswerCount = 0 }], null, 86_400))
            .Should().Throw<CreditException>().WithMessage("*no history*");
}
