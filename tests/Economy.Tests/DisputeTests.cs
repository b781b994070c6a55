using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Economy.Tests;

public sealed class DisputeTests
{
    const long Window = 100;

    static readonly ContentHash hash = ContentHash.OfText("evidence");

    static readonly DisputeClaim claim = new("challenger", "accused", DisputeKind.Harm, hash, Amount.FromOpen(10), 2_500, Window);

    static readonly Gen<Step> steps =
        from kind in Gen.Choose(0, 4)
        from who in Gen.Elements("challenger", "accused", "v1", "v2", "v3")
        from weight in Gen.Choose(0, 5)
        from uphold in Gen.Elements(true, false)
        from seconds in Gen.Frequency((4, Gen.Choose(0, 20)), (1, Gen.Choose(80, 250)))
        select new Step(kind, who, Amount.FromAtto((UInt128)(uint)weight), uphold, seconds);

    sealed record Step(int Kind, string Who, Amount Weight, bool Uphold, int Seconds);

    [Fact]
    public void EveryHistoryEndsOnceAndStaysEnded() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(steps.ArrayOf(20).ToArbitrary(), history =>
        {
            var now = 1_000L;
            var dispute = Dispute.Open(claim, now);
            DisputeStage? ended = null;
            foreach (var step in history)
            {
                now += step.Seconds;
                dispute = Apply(dispute, step, now);
                if (ended is { } stage && dispute.Stage != stage)
                {
                    return false;
                }
                ended = dispute.HasEnded ? dispute.Stage : ended;
                if (dispute.Voters.Distinct().Count() != dispute.Voters.Count || dispute.Voters.Intersect(["challenger", "accused"]).Any())
                {
                    return false;
                }
            }
            return dispute.Advance(now + (4 * Window)).HasEnded;
        }));

    [Fact]
    public void WithoutAnAnswerAChallengeStandsAfterTwoWindows()
    {
        var dispute = Dispute.Open(claim, 0);
        dispute.Advance(Window - 1).Stage.Should().Be(DisputeStage.Open);
        dispute.Advance(Window).Stage.Should().Be(DisputeStage.Unanswered);
        dispute.Advance((2 * Window) - 1).Stage.Should().Be(DisputeStage.Unanswered);
        dispute.Advance(2 * Window).Stage.Should().Be(DisputeStage.Upheld);
    }

    [Fact]
    public void AnAnswerThatNobodyAppealsEndsTheChallenge()
    {
        var answered = Dispute.Open(claim, 0).AnswerBy("accused", hash, 50);
        answered.Advance(149).Stage.Should().Be(DisputeStage.Answered);
        answered.Advance(150).Stage.Should().Be(DisputeStage.Rejected);
    }

    [Theory]
    [InlineData(3, 2, DisputeStage.Upheld)]
    [InlineData(2, 3, DisputeStage.Rejected)]
    [InlineData(2, 2, DisputeStage.Rejected)]
    [InlineData(0, 0, DisputeStage.Rejected)]
    public void AnAnsweredChallengeIsUpheldOnlyByMoreStake(int uphold, int reject, DisputeStage outcome) =>
        Voted(Dispute.Open(claim, 0).AnswerBy("accused", hash, 1).AppealBy("challenger", 2), uphold, reject).Should().Be(outcome);

    [Theory]
    [InlineData(2, 3, DisputeStage.Rejected)]
    [InlineData(3, 2, DisputeStage.Upheld)]
    [InlineData(2, 2, DisputeStage.Upheld)]
    [InlineData(0, 0, DisputeStage.Upheld)]
    public void AnUnansweredOneIsRejectedOnlyByMoreStake(int uphold, int reject, DisputeStage outcome) =>
        Voted(Dispute.Open(claim, 0).AppealBy("accused", Window + 1), uphold, reject).Should().Be(outcome);

    [Fact]
    public void WhatIsOutOfTurnIsRefused()
    {
        var open = Dispute.Open(claim, 0);
        Refused(() => open.AnswerBy("challenger", hash, 1), "*only the accused*");
        Refused(() => open.AnswerBy("accused", hash, Window), "*time to answer is over*unanswered*");
        Refused(() => open.AppealBy("accused", 1), "*nothing can be appealed*");
        Refused(() => open.VoteBy("v1", true, Amount.One, 1), "*no vote*");
        var answered = open.AnswerBy("accused", hash, 1);
        Refused(() => answered.AppealBy("accused", 2), "*only challenger*");
        var voting = answered.AppealBy("challenger", 2);
        Refused(() => voting.VoteBy("accused", false, Amount.One, 3), "*parties*");
        Refused(() => voting.VoteBy("v1", false, Amount.Zero, 3), "*no stake*");
        Refused(() => voting.VoteBy("v1", true, Amount.One, 3).VoteBy("v1", false, Amount.One, 4), "*voted already*");
        Refused(() => voting.WithdrawBy("challenger", 3), "*before it is voted on*");
        Refused(() => answered.WithdrawBy("v1", 3), "*only the challenger*");
        answered.WithdrawBy("challenger", 3).Stage.Should().Be(DisputeStage.Rejected);
        Refused(() => Dispute.Open(claim with { Accused = "challenger" }, 0), "*accuse himself*");
        Refused(() => Dispute.Open(claim with { Evidence = default }, 0), "*SHA-256*");
    }

    [Theory]
    [InlineData(DisputeKind.Spam, 1_000)]
    [InlineData(DisputeKind.Harm, 2_500)]
    [InlineData(DisputeKind.Fraud, 10_000)]
    public void TheKindDecidesThePartThatIsSlashed(DisputeKind kind, int basisPoints) =>
        DisputeRules.SlashBasisPoints(NetworkParameters.Default, kind).Should().Be(basisPoints);

    [Fact]
    public void PoolsWithoutStakeShareNothingAndWithoutAnyItIsTheReserves()
    {
        StakersDivision.Over([("n", 2, Amount.One), ("a", 1, Amount.Zero), ("d", 1, Amount.One)], "reserve")
            .Should().Equal(new ContributorWeight("n", 2), new ContributorWeight("d", 1));
        StakersDivision.Over([("n", 2, Amount.Zero)], "reserve").Should().Equal(new ContributorWeight("reserve", 1));
    }

    static DisputeStage Voted(Dispute dispute, int uphold, int reject)
    {
        var now = dispute.VoteBeganSeconds;
        dispute = uphold == 0 ? dispute : dispute.VoteBy("v1", true, Amount.FromAtto((UInt128)(uint)uphold), now);
        dispute = reject == 0 ? dispute : dispute.VoteBy("v2", false, Amount.FromAtto((UInt128)(uint)reject), now);
        dispute.Advance(now + Window - 1).Stage.Should().Be(DisputeStage.Voting);
        return dispute.Advance(now + Window).Stage;
    }

    static Dispute Apply(Dispute dispute, Step step, long now)
    {
        try
        {
            return step.Kind switch
            {
                0 => dispute.AnswerBy(step.Who, hash, now),
                1 => dispute.AppealBy(step.Who, now),
                2 => dispute.VoteBy(step.Who, step.Uphold, step.Weight, now),
                3 when step.Weight.Atto == 5 => dispute.WithdrawBy(step.Who, now),
                _ => dispute.Advance(now),
            };
        }
        catch (StakingException)
        {
            return dispute;
        }
    }

    static void Refused(Action act, string message) => act.Should().Throw<StakingException>().WithMessage(message);
}
