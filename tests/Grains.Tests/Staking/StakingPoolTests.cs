using OpenLedger.Economy;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Staking;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Staking;

[Collection(TrainedNetwork.Name)]
public sealed class StakingPoolTests(TrainedNetwork fixture)
{
    [Fact]
    public async Task Stake_moves_into_the_pool_once_and_unbonds_for_a_week()
    {
        var (pool, staker) = await Staker("stake");
        var command = new StakeCommand("one", staker, Amount.FromOpen(3));
        await fixture.Client.Staking.Stake(pool, command);
        var card = await fixture.Client.Staking.Stake(pool, command);

        card.Bonded.Should().Be(Amount.FromOpen(3));
        (await Available(staker)).Should().Be(Amount.FromOpen(2));
        (await Available(PoolAccounts.OfStakes(pool))).Should().Be(Amount.FromOpen(3));

        card = await fixture.Client.Staking.Unstake(pool, new StakeCommand("two", staker, Amount.FromOpen(2)));
        card.Bonded.Should().Be(Amount.One);
        card.Unbonding.Should().ContainSingle().Which.Amount.Should().Be(Amount.FromOpen(2));
        card.Withdrawable.Should().Be(Amount.Zero);
        var early = () => fixture.Client.Staking.Withdraw(pool, new StakePayout("three", staker));
        await early.Should().ThrowAsync<UserErrorException>().WithMessage("*nothing can be withdrawn*");
    }

    [Fact]
    public async Task More_than_there_is_and_less_than_the_minimum_are_refused_and_nothing_stays_behind()
    {
        var (pool, staker) = await Staker("poor");
        await Refused(Amount.FromOpen(6), "*could not be staked*funds are too low*");
        await Refused(Amount.Parse("0.5"), "*at least*");

        (await Available(staker)).Should().Be(Amount.FromOpen(5));
        (await fixture.Client.Staking.GetSummary(pool)).StakerCount.Should().Be(0);
        var card = await fixture.Client.Staking.Stake(pool, new StakeCommand("enough", staker, Amount.FromOpen(5)));
        card.Bonded.Should().Be(Amount.FromOpen(5));

        async Task Refused(Amount amount, string message)
        {
            var act = () => fixture.Client.Staking.Stake(pool, new StakeCommand($"id {amount}", staker, amount));
            await act.Should().ThrowAsync<UserErrorException>().WithMessage(message);
        }
    }

    [Fact]
    public async Task The_stakers_part_of_fees_reaches_the_stakers_at_the_epochs_end()
    {
        var staker = await Funded("rewarded");
        var pools = new[]
        {
            StakingPools.Network,
            GrainKeys.OfStakingPool(SampleNetwork.AdapterId),
            GrainKeys.OfStakingPool(SampleNetwork.DatanetId),
        };
        await fixture.Client.SettleEpoch(SampleNetwork.AdapterId);
        foreach (var pool in pools)
        {
            await fixture.Client.Staking.Stake(pool, new StakeCommand("stake", staker, Amount.One));
        }

        await fixture.Client.Complete(SampleNetwork.Request("rq_rewarded"));
        var owed = (await fixture.Client.GetCredits(SampleNetwork.AdapterId)).StakersUnpaid;
        owed.Should().BeGreaterThan(Amount.Zero);
        var before = await Rewarded();

        var epoch = (await fixture.Client.SettleEpoch(SampleNetwork.AdapterId))!;

        epoch.Rewards.Should().Be(owed);
        var given = (await Rewarded()).Zip(before, (after, earlier) => after - earlier).ToList();
        Amount.Sum(given).Should().Be(owed);
        given[1].Should().Be(given[2]).And.Be(Amount.FromAtto(owed.Atto / 4));
        foreach (var pool in pools)
        {
            var summary = await fixture.Client.Staking.GetSummary(pool);
            (await Available(summary.Account)).Should().Be(summary.Held);
        }

        async Task<List<Amount>> Rewarded()
        {
            var all = new List<Amount>();
            foreach (var pool in pools)
            {
                all.Add((await fixture.Client.Staking.GetSummary(pool)).Rewarded);
            }

            return all;
        }
    }

    [Fact]
    public async Task A_pool_that_is_none_is_refused()
    {
        var act = () => fixture.Client.Staking.GetSummary("network");
        await act.Should().ThrowAsync<UserErrorException>().WithMessage("*not the id of a staking pool*sp_*");
    }

    async Task<(string Pool, string Staker)> Staker(string name) =>
        (GrainKeys.OfStakingPool($"dn_{name}"), await Funded(name));

    async Task<string> Funded(string name)
    {
        var account = SampleNetwork.Account($"staker {name}");
        await fixture.Client.Ledger.OpenAccounts([account]);
        await fixture.Network.Fund(account, Amount.FromOpen(5), $"funds/staker/{name}");
        return account;
    }

    async Task<Amount> Available(string account) => (await fixture.Network.Balance(account)).Available;
}
