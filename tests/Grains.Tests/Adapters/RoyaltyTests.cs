using OpenLedger.Economy;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Training;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Adapters;

[Collection(TrainedNetwork.Name)]
public sealed class RoyaltyTests(TrainedNetwork fixture)
{
    [Fact]
    public async Task A_derived_adapter_shares_its_owners_part_with_its_parent_and_is_priced_by_its_own_rates()
    {
        var owner = SampleNetwork.Account("deriver");
        var client = fixture.Client;
        await client.Datanets.Grant(
            SampleNetwork.DatanetId, new AccessGrant(owner, 1, "training", SampleNetwork.Trainer));
        var specification = SampleNetwork.Specification("ad_derived", epochs: 1, account: owner) with
        {
            ParentAdapterId = SampleNetwork.AdapterId,
        };
        (await fixture.Network.Train("tj_derived", specification)).State.Should().Be(TrainingState.Completed);
        await client.Deploy("ad_derived");
        await client.SetRates("ad_derived", new SetAdapterRates(owner, new AdapterRates(Amount.Parse("0.0002"), Amount.Parse("0.001"))));

        var settlement = (await client.Complete(SampleNetwork.Request("rq_derived", "ad_derived"))).Settlement;

        settlement.Fee.Should().Be(
            new Pricing(Amount.Parse("0.0002"), Amount.Parse("0.001")).Fee(settlement.PromptTokenCount, settlement.CompletionTokenCount));
        Amount.Sum(settlement.Lines.Select(line => line.Amount)).Should().Be(settlement.Fee);
        var part = Amount.FromAtto(settlement.Fee.Atto / 5);
        settlement.Lines.Should().ContainSingle(line => line.Role == "royalty").Which.Should().Be(
            new Grains.Inference.SettlementLine(SampleNetwork.Trainer, "royalty", Amount.FromAtto(part.Atto / 10)));
        settlement.Lines.Single(line => line.Role == "owner").Account.Should().Be(owner);
        (await client.GetAdapter("ad_derived")).Manifest!.Lineage!.Select(node => node.Id).Should()
            .Equal("ad_derived", SampleNetwork.AdapterId);
    }

    [Fact]
    public async Task Who_is_not_the_owner_sets_no_rates()
    {
        var act = () => fixture.Client.SetRates(SampleNetwork.AdapterId, new SetAdapterRates(SampleNetwork.Caller, null));
        await act.Should().ThrowAsync<UserErrorException>().WithMessage("*Not authorised*the adapter's owner*");
    }

    [Fact]
    public async Task A_derived_Datanet_keeps_its_lineage_and_a_parent_that_is_not_there_is_refused()
    {
        var owner = SampleNetwork.Account("datanet deriver");
        var card = await fixture.Client.Datanets.Create("dn_derived", new CreateDatanet(
            "Derived", "Words again.", "CC0-1.0", owner, ParentDatanetId: SampleNetwork.DatanetId, RoyaltyBasisPoints: 500));
        card.Lineage.Should().Equal(
            new LineageNode("dn_derived", owner, -1, 0), new LineageNode(SampleNetwork.DatanetId, SampleNetwork.Trainer, 0, 1_000));
        card.RoyaltyBasisPoints.Should().Be(500);

        var act = () => fixture.Client.Datanets.Create("dn_orphan", new CreateDatanet(
            "Orphan", "", "CC0-1.0", owner, ParentDatanetId: "dn_nowhere"));
        await act.Should().ThrowAsync<UserErrorException>();
    }
}
