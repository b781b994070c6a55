using OpenLedger.Economy;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Staking;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Staking;

[Collection(TrainedNetwork.Name)]
public sealed class DisputeTests(TrainedNetwork fixture)
{
    static readonly string evidence = ContentHash.OfText("evidence").ToString();

    [Fact]
    public async Task Nothing_in_dispute_is_paid_and_all_of_it_is_when_the_accusation_is_taken_back()
    {
        var (challenger, accused, pool) = await Parties("back");
        await fixture.Client.Complete(SampleNetwork.Request("rq_dispute_back"));
        var unpaid = await Unpaid(accused);
        unpaid.Should().BeGreaterThan(Amount.Zero);
        var open = new OpenDispute(challenger, accused, DisputeReason.Spam, evidence, pool, SampleNetwork.AdapterId);
        var card = await fixture.Client.Staking.OpenDispute("ds_back", open, Amount.FromOpen(10));
        (await fixture.Client.Staking.OpenDispute("ds_back", open, Amount.FromOpen(10))).Should().BeEquivalentTo(card);

        card.Stage.Should().Be("open");
        card.FrozenCredit.Should().Be(unpaid);
        (await Available(challenger)).Should().Be(Amount.FromOpen(10));
        var before = await Available(accused);
        await fixture.Client.SettleEpoch(SampleNetwork.AdapterId);
        (await Available(accused)).Should().Be(before, "its credit is in dispute");
        var claim = () => fixture.Client.Staking.Claim(pool, new StakePayout("claim", accused));
        await claim.Should().ThrowAsync<UserErrorException>().WithMessage("*in dispute (ds_back)*");

        card = await fixture.Client.Staking.TakeDisputeBack("ds_back", new DisputeStep(challenger));

        (card.Stage, card.Concluded).Should().Be(("rejected", true));
        (await Available(accused)).Should().Be(before + Amount.FromOpen(10), "the bond is the accused's");
        (await Unpaid(accused)).Should().Be(unpaid);
        (await fixture.Client.Staking.GetPosition(pool, accused)).Disputes.Should().BeEmpty();
        (await fixture.Client.Staking.TakeDisputeBack("ds_back", new DisputeStep(challenger))).Should().BeEquivalentTo(card);
        (await Available(accused)).Should().Be(before + Amount.FromOpen(10), "once");
    }

    [Fact]
    public async Task One_receipts_credit_is_frozen_and_no_more()
    {
        var (challenger, accused, _) = await Parties("receipt");
        var settlement = (await fixture.Client.Complete(SampleNetwork.Request("rq_dispute_receipt"))).Settlement;
        var line = settlement.Lines.Single(each => each.Role == "contributor" && each.Account == accused);
        var open = new OpenDispute(
            challenger, accused, DisputeReason.Fraud, evidence, AdapterId: SampleNetwork.AdapterId, ReceiptId: settlement.ReceiptId);
        var card = await fixture.Client.Staking.OpenDispute("ds_receipt", open, Amount.FromOpen(10));
        card.FrozenCredit.Should().Be(line.Amount);
        (await fixture.Client.GetCredits(SampleNetwork.AdapterId)).Frozen.Should().BeGreaterThanOrEqualTo(line.Amount);
        await fixture.Client.Staking.TakeDisputeBack("ds_receipt", new DisputeStep(challenger));
    }

    [Fact]
    public async Task An_answered_accusation_goes_to_a_vote_and_the_parties_have_none()
    {
        var (challenger, accused, pool) = await Parties("vote");
        var voter = SampleNetwork.Account("voter");
        await fixture.Client.Ledger.OpenAccounts([voter]);
        await fixture.Network.Fund(voter, Amount.FromOpen(5), "funds/voter");
        await fixture.Client.Staking.Stake(StakingPools.Network, new StakeCommand("vote", voter, Amount.FromOpen(3)));
        await fixture.Client.Staking.OpenDispute(
            "ds_vote", new OpenDispute(challenger, accused, DisputeReason.Harm, evidence, pool), Amount.FromOpen(10));
        var early = () => fixture.Client.Staking.VoteOnDispute("ds_vote", new DisputeVote(voter, true));
        await early.Should().ThrowAsync<UserErrorException>().WithMessage("*no vote*");
        await fixture.Client.Staking.AnswerDispute("ds_vote", new DisputeAnswer(accused, evidence));
        await fixture.Client.Staking.AppealDispute("ds_vote", new DisputeStep(challenger));

        var card = await fixture.Client.Staking.VoteOnDispute("ds_vote", new DisputeVote(voter, true));
        card = await fixture.Client.Staking.VoteOnDispute("ds_vote", new DisputeVote(voter, true));

        (card.Stage, card.Uphold, card.VoterCount).Should().Be(("voting", Amount.FromOpen(3), 1));
        var party = () => fixture.Client.Staking.VoteOnDispute("ds_vote", new DisputeVote(accused, false));
        await party.Should().ThrowAsync<UserErrorException>().WithMessage("*parties*");
        (await Available(PoolAccounts.Bonds)).Should().BeGreaterThanOrEqualTo(Amount.FromOpen(10));
    }

    [Fact]
    public async Task What_cannot_be_disputed_is_refused_and_neither_bond_nor_freeze_stays()
    {
        var (challenger, accused, pool) = await Parties("refused");
        await Refused(new OpenDispute(challenger, accused, DisputeReason.Spam, "evidence", pool), "*not the SHA-256 of the evidence*");
        await Refused(new OpenDispute(challenger, accused, DisputeReason.Spam, evidence), "*name one*");
        await Refused(new OpenDispute(challenger, challenger, DisputeReason.Spam, evidence, pool), "*accuse himself*");
        await Refused(new OpenDispute(challenger, accused, DisputeReason.None, evidence, pool), "*spam, harm or fraud*");
        await Refused(
            new OpenDispute(challenger, SampleNetwork.Account("no stake"), DisputeReason.Spam, evidence, pool), "*no stake in this pool*");
        await Refused(
            new OpenDispute(challenger, accused, DisputeReason.Spam, evidence, "", SampleNetwork.AdapterId, "rc_none"), "*no receipt*");
        var dear = () => fixture.Client.Staking.OpenDispute(
            "ds_dear", new OpenDispute(challenger, accused, DisputeReason.Spam, evidence, pool), Amount.One);
        await dear.Should().ThrowAsync<UserErrorException>().WithMessage("*bond is 10*");
        var poor = new OpenDispute(accused, challenger, DisputeReason.Spam, evidence, "", SampleNetwork.AdapterId);
        await SpendAll(accused);
        await Refused(poor, "*bond of 10*could not be taken*");

        (await fixture.Client.GetCredits(SampleNetwork.AdapterId)).Frozen.Should().Be(Amount.Zero);
        (await fixture.Client.Staking.GetPosition(pool, accused)).Disputes.Should().BeEmpty();
        (await Available(challenger)).Should().Be(Amount.FromOpen(20));

        async Task Refused(OpenDispute command, string message)
        {
            var act = () => fixture.Client.Staking.OpenDispute("ds_refused", command, Amount.FromOpen(10));
            await act.Should().ThrowAsync<UserErrorException>().WithMessage(message);
        }
    }

    /// <summary>Somebody with 20 OPEN, Anna with a stake of 2, and the pool of it.</summary>
    async Task<(string Challenger, string Accused, string Pool)> Parties(string name)
    {
        var challenger = SampleNetwork.Account($"challenger {name}");
        var accused = SampleNetwork.Account("Anna");
        await fixture.Client.Ledger.OpenAccounts([challenger]);
        await fixture.Network.Fund(challenger, Amount.FromOpen(20), $"funds/challenger/{name}");
        await fixture.Network.Fund(accused, Amount.FromOpen(2), $"funds/accused/{name}");
        var pool = GrainKeys.OfStakingPool($"dn_dispute_{name}");
        await fixture.Client.Staking.Stake(pool, new StakeCommand("stake", accused, Amount.FromOpen(2)));
        return (challenger, accused, pool);
    }

    async Task SpendAll(string account)
    {
        var all = await Available(account);
        if (!all.IsZero)
        {
            var order = new TransferOrder(
                TransferId.From("spend/all").ToString(), TransferKind.Posted, account, SampleNetwork.Caller, all);
            (await fixture.Client.Ledger.Transfer([order]))[0].Accepted.Should().BeTrue();
        }
    }

    async Task<Amount> Unpaid(string contributor) => (await fixture.Client.GetContributorTotals(SampleNetwork.AdapterId))
        .Single(total => total.Contributor == contributor).Unpaid;

    async Task<Amount> Available(string account) => (await fixture.Network.Balance(account)).Available;
}
