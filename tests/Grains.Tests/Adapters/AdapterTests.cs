using OpenLedger.Grains.Hosting;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Adapters;

[Collection(TrainedNetwork.Name)]
public sealed class AdapterTests(TrainedNetwork fixture)
{
    [Fact]
    public async Task A_deployed_adapter_is_resident_and_its_card_says_where_it_came_from()
    {
        var card = await fixture.Client.GetAdapter(SampleNetwork.AdapterId);
        card.Deployed.Should().BeTrue();
        card.ResidentBytes.Should().BePositive();
        card.Manifest!.ModelId.Should().Be(TinyModel.Id);
        card.Manifest.Owner.Should().Be(SampleNetwork.Trainer);
        card.Manifest.DatanetId.Should().Be(SampleNetwork.DatanetId);
        card.Manifest.DatanetVersion.Should().Be(1);
        fixture.Service<ServingHost>().ResidentAdapterCount.Should().BePositive();
    }

    [Fact]
    public async Task An_adapter_that_no_job_published_cannot_be_deployed()
    {
        var act = () => fixture.Client.Deploy("ad_unpublished");
        await act.Should().ThrowAsync<UserErrorException>().WithMessage("*ad_unpublished is not published*");
    }

    [Fact]
    public async Task A_published_adapter_answers_only_once_it_is_deployed()
    {
        var status = await fixture.Network.Train("tj_shelf", SampleNetwork.Specification("ad_shelf", epochs: 1));
        status.Error.Should().BeNull();
        var early = () => fixture.Client.Complete(SampleNetwork.Request("rq_shelf", "ad_shelf"));
        await early.Should().ThrowAsync<UserErrorException>().WithMessage("*ad_shelf is published but not deployed*");

        await fixture.Client.Deploy("ad_shelf");

        (await fixture.Client.Complete(SampleNetwork.Request("rq_shelf", "ad_shelf"))).Settlement.Fee.Should().BeGreaterThan(Amount.Zero);
    }
}
