namespace OpenLedger.Attribution.Tests;

public sealed class ContributorRankingTests
{
    static readonly string[] owners = ["b", "a", "b", "a", "c"];

    [Theory]
    [InlineData(RankingRule.Sum, "a", 3.0, 1.0, -1.0)]
    [InlineData(RankingRule.PositiveSum, "b", 3.0, 5.0, 0.0)]
    [InlineData(RankingRule.BestRow, "b", 2.0, 5.0, -1.0)]
    public void ScoresByRule(RankingRule rule, string first, double a, double b, double c)
    {
        var scores = ContributorRanking.Scores([5, 1, -4, 2, -1], owners, rule);

        scores.Should().Equal(KeyValuePair.Create("a", a), KeyValuePair.Create("b", b), KeyValuePair.Create("c", c));
        ContributorRanking.First(scores).Should().Be(first);
    }

    [Fact]
    public void ATieIsNotFirst()
    {
        var scores = ContributorRanking.Scores([0, 0, 0, 0, 0], owners, RankingRule.Sum);

        ContributorRanking.First(scores).Should().BeNull();
        ContributorRanking.IsFirst(scores, "a").Should().BeFalse();
        ContributorRanking.IsFirst(scores, "nobody").Should().BeFalse();
    }

    [Fact]
    public void SharesAreCountedBySignal()
    {
        var tally = new OwnerFirst();
        var scores = ContributorRanking.Scores([5, 1, -4, 2, -1], owners, RankingRule.BestRow);
        tally.Add("span", "b", scores);
        tally.Add("span", "a", scores);
        tally.Add("influence", "b", scores);

        tally.Share("span").Should().Be(0.5);
        tally.Share("influence").Should().Be(1);
        tally.Share("random").Should().Be(0);
        tally.Count("span").Should().Be(2);
        tally.Signals.Should().Equal("influence", "span");
    }

    [Fact]
    public void RandomScoresFollowTheSeed()
    {
        ContributorRanking.RandomScores(5, 1).Should().Equal(ContributorRanking.RandomScores(5, 1));
        ContributorRanking.RandomScores(5, 1).Should().NotEqual(ContributorRanking.RandomScores(5, 2));
    }
}
