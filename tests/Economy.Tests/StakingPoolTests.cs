using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Economy.Tests;

public sealed class StakingPoolTests
{
    const long Week = 7 * 86_400;

    static readonly Gen<Step> steps =
        from kind in Gen.Choose(0, 7)
        from who in Gen.Choose(0, 4)
        from amount in Gen.Frequency((5, Gen.Choose(1, 100)), (1, Gen.Choose(1, int.MaxValue)))
        from seconds in Gen.Frequency((3, Gen.Choose(0, 100)), (1, Gen.Choose(0, 1_000_000)))
        select new Step(kind, who, Amount.FromAtto((UInt128)(uint)amount), seconds);

    static readonly Arbitrary<Step[]> histories = steps.ArrayOf(80).ToArbitrary();

    sealed record Step(int Kind, int Who, Amount Amount, int Seconds);

    [Fact]
    public void WhatWentInIsHeldOrCameOutToTheLastAtto() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(histories, history =>
        {
            var run = new Run();
            return history.All(step => run.Apply(step) && run.Holds);
        }));

    [Fact]
    public void HistoriesDoEverything()
    {
        var run = new Run();
        foreach (var step in histories.Generator.Sample(80, new Rnd(5, 9), 40).SelectMany(history => history))
        {
            run.Apply(step);
        }
        run.Done.Should().HaveCount(8);
        run.Refusals.Should().BeGreaterThan(0);
    }

    [Fact]
    public void ARewardIsDividedByStakeTimesSeconds()
    {
        var pool = new StakingPool();
        pool.Stake("a", Amount.FromOpen(1), Amount.One, 0);
        pool.Stake("b", Amount.FromOpen(3), Amount.One, 50);
        pool.Reward(Amount.FromAtto(1_000), 100);

        // 1 × 100 beside 3 × 50.
        pool.Find("a")!.Reward.Atto.Should().Be((UInt128)400);
        pool.Find("b")!.Reward.Atto.Should().Be((UInt128)600);
        pool.Reward(Amount.FromAtto(1_000), 200);
        pool.Find("a")!.Reward.Atto.Should().Be((UInt128)650);
    }

    [Fact]
    public void StakeThatComesWithTheRewardGetsNothingOfIt()
    {
        var pool = new StakingPool();
        pool.Stake("a", Amount.FromOpen(1), Amount.One, 0);
        pool.Stake("flash", Amount.FromOpen(1_000_000), Amount.One, 100);
        pool.Reward(Amount.One, 100);
        pool.Find("flash")!.Reward.Should().Be(Amount.Zero);
        pool.Claim("a").Should().Be(Amount.One);
    }

    [Fact]
    public void StakeThatIsGoneByThenGetsNothingAndARewardWithoutStakesWaits()
    {
        var pool = new StakingPool();
        pool.Stake("a", Amount.One, Amount.One, 0);
        pool.Unstake("a", Amount.One, Amount.One, Week, 100);
        pool.Reward(Amount.One, 200);
        pool.Find("a")!.Reward.Should().Be(Amount.Zero);
        pool.Undistributed.Should().Be(Amount.One);

        pool.Stake("b", Amount.One, Amount.One, 300);
        pool.Reward(Amount.Zero, 400);
        pool.Claim("b").Should().Be(Amount.One);
    }

    [Fact]
    public void UnbondedStakeIsWithdrawnOnceAndNotBeforeItsTime()
    {
        var pool = new StakingPool();
        pool.Stake("a", Amount.FromOpen(5), Amount.One, 0);
        pool.Unstake("a", Amount.FromOpen(2), Amount.One, Week, 10);
        Refused(() => pool.Withdraw("a", Week + 9), "*nothing can be withdrawn*free at*");
        pool.Withdraw("a", Week + 10).Should().Be(Amount.FromOpen(2));
        Refused(() => pool.Withdraw("a", Week + 10), "*nothing is unbonding*");
    }

    [Fact]
    public void ASlashHitsBondedAndUnbondingStakeAlike()
    {
        var pool = new StakingPool();
        pool.Stake("a", Amount.FromOpen(10), Amount.One, 0);
        pool.Unstake("a", Amount.FromOpen(4), Amount.One, Week, 0);
        pool.Slash("a", 2_500, 1).Should().Be(Amount.Parse("2.5"));
        pool.Find("a")!.Bonded.Should().Be(Amount.Parse("4.5"));
        pool.Find("a")!.Unbonding.Should().Equal(new Unbonding(Amount.FromOpen(3), Week));
        pool.Slash("a", 10_000, 2).Should().Be(Amount.Parse("7.5"));
        pool.Find("a").Should().BeNull();
        pool.HeldSum.Should().Be(Amount.Zero);
    }

    [Fact]
    public void NothingIsPaidOutOfAStakeInDispute()
    {
        var pool = new StakingPool();
        pool.Stake("a", Amount.FromOpen(2), Amount.One, 0);
        pool.Unstake("a", Amount.One, Amount.One, 10, 0);
        pool.Reward(Amount.One, 100);
        pool.Freeze("a", "ds_1");
        pool.Freeze("a", "ds_1");
        Refused(() => pool.Claim("a"), "*in dispute (ds_1)*");
        Refused(() => pool.Withdraw("a", 100), "*in dispute*");
        pool.Unfreeze("a", "ds_1");
        pool.Claim("a").Should().Be(Amount.One);
        pool.Withdraw("a", 100).Should().Be(Amount.One);
    }

    [Fact]
    public void StakesBelowTheMinimumAreRefused()
    {
        var pool = new StakingPool();
        Refused(() => pool.Stake("a", Amount.FromAtto(5), Amount.One, 0), "*at least 1.0*");
        pool.Stake("a", Amount.FromOpen(2), Amount.One, 0);
        Refused(() => pool.Unstake("a", Amount.Parse("1.5"), Amount.One, Week, 0), "*unstake all of it*");
        Refused(() => pool.Unstake("a", Amount.FromOpen(3), Amount.One, Week, 0), "*cannot be unstaked*");
        Refused(() => pool.Claim("nobody"), "*no stake*");
    }

    [Fact]
    public void StakeThatCameAfterAVoteBeganHasNoVote()
    {
        var pool = new StakingPool();
        pool.Stake("a", Amount.FromOpen(2), Amount.One, 10);
        pool.VoteWeight("a", 10).Should().Be(Amount.FromOpen(2));
        pool.Stake("a", Amount.FromOpen(2), Amount.One, 11);
        pool.VoteWeight("a", 10).Should().Be(Amount.Zero);
    }

    static void Refused(Action act, string message) => act.Should().Throw<StakingException>().WithMessage(message);

    /// <summary>A pool beside the money that went in and came out.</summary>
    sealed class Run
    {
        readonly StakingPool pool = new();
        long now = 1_000;
        UInt128 held;
        UInt128 rewards;
        UInt128 claimed;

        public HashSet<int> Done { get; } = [];

        public int Refusals { get; private set; }

        public bool Holds => held == pool.HeldSum.Atto
            && rewards == pool.Rewarded.Atto
            && claimed + pool.Undistributed.Atto + Amount.Sum(pool.Positions.Select(each => each.Reward)).Atto == rewards;

        public bool Apply(Step step)
        {
            now += step.Seconds;
            try
            {
                Do(step);
                Done.Add(step.Kind);
            }
            catch (StakingException)
            {
                Refusals++;
            }
            return true;
        }

        void Do(Step step)
        {
            var staker = $"s{step.Who}";
            var least = Amount.FromAtto(10);
            switch (step.Kind)
            {
                case 0:
                    pool.Stake(staker, step.Amount, least, now);
                    held += step.Amount.Atto;
                    break;
                case 1:
                    pool.Unstake(staker, step.Amount, least, 1_000, now);
                    break;
                case 2:
                    held -= pool.Withdraw(staker, now).Atto;
                    break;
                case 3:
                    var reward = pool.Claim(staker).Atto;
                    (held, claimed) = (held - reward, claimed + reward);
                    break;
                case 4:
                    pool.Reward(step.Amount, now);
                    (held, rewards) = (held + step.Amount.Atto, rewards + step.Amount.Atto);
                    break;
                case 5:
                    held -= pool.Slash(staker, (int)(step.Amount.Atto % 10_001), now).Atto;
                    break;
                case 6:
                    pool.Freeze(staker, $"ds_{step.Amount.Atto % 3}");
                    break;
                default:
                    pool.Unfreeze(staker, $"ds_{step.Amount.Atto % 3}");
                    break;
            }
        }
    }
}
