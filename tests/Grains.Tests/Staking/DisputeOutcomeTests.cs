using OpenLedger.Grains.Staking;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Staking;

/// <summary>Disputes and stakes through the days that they take, on a silo whose clock is set forward.</summary>
public sealed class DisputeOutcomeTests : IAsyncLifetime
{
    static readonly string evidence = ContentHash.OfText("evidence").ToString();
    static readonly string pool = GrainKeys.OfStakingPool("dn_stories");

    readonly TemporaryFolder _folder = new();
    GovernedNetwork? _network;

    GovernedNetwork Network => _network!;

    public async ValueTask InitializeAsync() => _network = await GovernedNetwork.Start(_folder);

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_accusation_that_nobody_answers_slashes_bonded_and_unbonding_stake_and_gives_the_bond_back()
    {
        await Network.Fund(Network.Ada, 100);
        await Network.Fund(Network.Ben, 100);
        await Network.Client.Staking.Stake(pool, new StakeCommand("stake", Network.Ben, Amount.FromOpen(80)));
        await Network.Client.Staking.Unstake(pool, new StakeCommand("leave", Network.Ben, Amount.FromOpen(40)));
        await Network.Client.Staking.OpenDispute(
            "ds_harm", new OpenDispute(Network.Ada, Network.Ben, DisputeReason.Harm, evidence, pool), Amount.FromOpen(10));
        (await Network.Balance(Network.Ada)).Should().Be(Amount.FromOpen(90));
        var early = await Network.Client.Staking.ConcludeDispute("ds_harm", new DisputeStep(Network.Ada));
        early.Concluded.Should().BeFalse();

        Network.Clock.Advance(TimeSpan.FromDays(5));
        var held = () => Network.Client.Staking.Withdraw(pool, new StakePayout("withdraw early", Network.Ben));
        await held.Should().ThrowAsync<UserErrorException>().WithMessage("*in dispute*");
        Network.Clock.Advance(TimeSpan.FromDays(2));
        var card = await Network.Client.Staking.ConcludeDispute("ds_harm", new DisputeStep(Network.Ada));
        card = await Network.Client.Staking.ConcludeDispute("ds_harm", new DisputeStep(Network.Ada));

        (card.Stage, card.Concluded, card.Slashed).Should().Be(("upheld", true, Amount.FromOpen(20)));
        (await Network.Balance(Network.Ada)).Should().Be(Amount.FromOpen(104), "the bond, and a fifth of what was slashed");
        (await Network.Balance(SystemAccounts.Reserve)).Should().Be(Amount.FromOpen(16));
        (await Network.Balance(PoolAccounts.Bonds)).Should().Be(Amount.Zero);
        (await Network.Client.Staking.Withdraw(pool, new StakePayout("withdraw", Network.Ben))).Should().Be(Amount.FromOpen(30));
        var summary = await Network.Client.Staking.GetSummary(pool);
        summary.Bonded.Should().Be(Amount.FromOpen(30));
        (await Network.Balance(summary.Account)).Should().Be(summary.Held);
        (await Network.Client.Ledger.GetSummary()).Conserved.Should().BeTrue();
    }

    [Fact]
    public async Task An_answer_that_nobody_appeals_frees_the_stake_and_keeps_the_bond()
    {
        await Network.Fund(Network.Ada, 100);
        await Network.Fund(Network.Ben, 100);
        await Network.Client.Staking.Stake(pool, new StakeCommand("stake", Network.Ben, Amount.FromOpen(50)));
        await Network.Client.Staking.OpenDispute(
            "ds_spam", new OpenDispute(Network.Ada, Network.Ben, DisputeReason.Spam, evidence, pool), Amount.FromOpen(10));
        await Network.Client.Staking.AnswerDispute("ds_spam", new DisputeAnswer(Network.Ben, evidence));
        Network.Clock.Advance(TimeSpan.FromDays(3));

        var card = await Network.Client.Staking.ConcludeDispute("ds_spam", new DisputeStep(Network.Ben));

        (card.Stage, card.Concluded, card.Slashed).Should().Be(("rejected", true, Amount.Zero));
        (await Network.Balance(Network.Ben)).Should().Be(Amount.FromOpen(60));
        (await Network.Client.Staking.GetPosition(pool, Network.Ben)).Bonded.Should().Be(Amount.FromOpen(50));
        (await Network.Balance(Network.Ada)).Should().Be(Amount.FromOpen(90));
    }

    [Fact]
    public async Task A_vote_of_stakers_decides_an_appeal()
    {
        await Network.Fund(Network.Ada, 100);
        await Network.Fund(Network.Ben, 100);
        await Network.Fund(Network.Guardian, 100);
        await Network.Client.Staking.Stake(pool, new StakeCommand("stake", Network.Ben, Amount.FromOpen(50)));
        await Network.Client.Staking.Stake(StakingPools.Network, new StakeCommand("stake", Network.Guardian, Amount.FromOpen(50)));
        await Network.Client.Staking.OpenDispute(
            "ds_fraud", new OpenDispute(Network.Ada, Network.Ben, DisputeReason.Fraud, evidence, pool), Amount.FromOpen(10));
        await Network.Client.Staking.AnswerDispute("ds_fraud", new DisputeAnswer(Network.Ben, evidence));
        await Network.Client.Staking.AppealDispute("ds_fraud", new DisputeStep(Network.Ada));
        await Network.Client.Staking.VoteOnDispute("ds_fraud", new DisputeVote(Network.Guardian, true));
        Network.Clock.Advance(TimeSpan.FromDays(3));

        var card = await Network.Client.Staking.ConcludeDispute("ds_fraud", new DisputeStep(Network.Ada));

        (card.Stage, card.Slashed).Should().Be(("upheld", Amount.FromOpen(50)));
        (await Network.Client.Staking.GetSummary(pool)).StakerCount.Should().Be(0);
    }
}
