using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Training;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Training;

[Collection(TrainedNetwork.Name)]
public sealed class TrainingJobTests(TrainedNetwork fixture)
{
    [Fact]
    public async Task A_job_learns_its_rows_and_measures_itself_against_the_base()
    {
        var status = await fixture.Client.Training.GetStatus(SampleNetwork.JobId);

        status.State.Should().Be(TrainingState.Completed);
        status.LossLast.Should().BeLessThan(status.LossFirst / 2);
        var evaluation = status.Evaluation!;
        evaluation.RowsAdapter.Should().BeLessThan(evaluation.RowsBase / 2);
        evaluation.HeldOutBase.Should().BeGreaterThan(1);
        evaluation.HeldOutAdapter.Should().BeGreaterThan(1);
        evaluation.TokenCount.Should().BePositive();
        var curve = await fixture.Client.Training.GetCurve(SampleNetwork.JobId, 0);
        curve.Should().HaveCount(status.StepCount);
        curve.Select(point => point.Step).Should().BeInAscendingOrder();
    }

    [Fact]
    public async Task Without_a_grant_nothing_is_read()
    {
        var specification = SampleNetwork.Specification("ad_ungranted", account: SampleNetwork.Caller);

        var act = () => fixture.Client.Training.Start("tj_ungranted", specification);

        await act.Should().ThrowAsync<UserErrorException>().WithMessage($"*{SampleNetwork.Caller} holds no grant*version 1*");
        (await fixture.Client.Training.GetStatus("tj_ungranted")).State.Should().Be(TrainingState.None);
        (await fixture.Client.GetAdapter("ad_ungranted")).Published.Should().BeFalse();
    }

    [Fact]
    public async Task An_unknown_datanet_or_model_is_refused()
    {
        var specification = SampleNetwork.Specification("ad_nowhere");
        var datanet = () => fixture.Client.Training.Start("tj_nowhere", specification with { DatanetId = "dn_nowhere" });
        await datanet.Should().ThrowAsync<UserErrorException>().WithMessage("*no Datanet dn_nowhere*");
        var model = () => fixture.Client.Training.Start("tj_nowhere", specification with { ModelId = "md_nowhere" });
        await model.Should().ThrowAsync<UserErrorException>().WithMessage("*no model md_nowhere*");
        (await fixture.Client.Training.GetStatus("tj_nowhere")).State.Should().Be(TrainingState.None);
    }

    [Fact]
    public async Task The_same_start_twice_is_one_job_and_another_specification_is_refused()
    {
        var again = await fixture.Client.Training.Start(SampleNetwork.JobId, SampleNetwork.Specification());
        again.State.Should().Be(TrainingState.Completed);

        var other = () => fixture.Client.Training.Start(SampleNetwork.JobId, SampleNetwork.Specification(seed: 2));
        await other.Should().ThrowAsync<UserErrorException>().WithMessage("*another specification*");
    }

    [Fact]
    public async Task An_adapter_keeps_its_content_and_a_job_that_made_another_fails_by_name()
    {
        var before = await fixture.Client.GetAdapter(SampleNetwork.AdapterId);

        var status = await fixture.Network.Train("tj_other", SampleNetwork.Specification(seed: 2, epochs: 2));

        status.State.Should().Be(TrainingState.Failed);
        status.Error.Should().Contain(SampleNetwork.AdapterId).And.Contain("a manifest never changes");
        (await fixture.Client.GetAdapter(SampleNetwork.AdapterId)).Manifest.Should().BeEquivalentTo(before.Manifest);
    }

    [Fact]
    public async Task A_row_over_the_models_context_fails_the_job_and_is_named()
    {
        const string datanet = "dn_long";
        await fixture.Client.Datanets.Create(datanet, new CreateDatanet("Long", "One row too long.", "CC0-1.0", SampleNetwork.Trainer));
        var row = $$"""{"prompt":"Say zq.","answer":"{{string.Join(' ', Enumerable.Repeat("zq", 600))}}"}""";
        var content = System.Text.Encoding.UTF8.GetBytes(row);
        await fixture.Client.Datanets.Contribute(
            datanet, SampleNetwork.Contribution("Anna") with { FileName = "long.jsonl", Content = content });
        await fixture.Client.Datanets.Publish(datanet);
        await fixture.Client.Datanets.Grant(datanet, new AccessGrant(SampleNetwork.Trainer, 1, "training", SampleNetwork.Trainer));

        var status = await fixture.Network.Train("tj_long", SampleNetwork.Specification("ad_long", datanetId: datanet));

        status.State.Should().Be(TrainingState.Failed);
        status.Error.Should().Match("*row 1 of 'long.jsonl'*tokens*context is 512*");
        (await fixture.Client.GetAdapter("ad_long")).Published.Should().BeFalse();
    }

    [Fact]
    public async Task A_cancelled_job_stays_cancelled_and_publishes_nothing()
    {
        await fixture.Client.Training.Start("tj_cancelled", SampleNetwork.Specification("ad_cancelled", epochs: 100_000));
        await Polling.Until(() => fixture.Client.Training.GetStatus("tj_cancelled"), status => status.Step > 0);

        await fixture.Client.Training.Cancel("tj_cancelled");

        var next = await fixture.Network.Train("tj_after", SampleNetwork.Specification("ad_after", epochs: 1));
        next.State.Should().Be(TrainingState.Completed, "the thread is free again");
        (await fixture.Client.Training.GetStatus("tj_cancelled")).State.Should().Be(TrainingState.Cancelled);
        (await fixture.Client.GetAdapter("ad_cancelled")).Published.Should().BeFalse();
    }
}
