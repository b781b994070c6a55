using OpenLedger.Client;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Training;
using OpenLedger.Silo;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Hosting;

/// <summary>What a silo was told before it stopped, it knows when it starts again on the same folder.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task A_restart_changes_no_balance_no_root_no_datanet_and_no_answer()
    {
        using var folder = new TemporaryFolder();
        var options = TrainedNetwork.Options(folder);
        Remembered before;
        await using (var silo = await EmbeddedSilo.Start(options))
        {
            var client = SampleNetwork.Connect(silo.Grains);
            await SampleNetwork.Play(silo.Services);
            before = await Remembered.Read(client, "rq_before");
        }

        await using (var silo = await EmbeddedSilo.Start(options))
        {
            var client = SampleNetwork.Connect(silo.Grains);
            (await client.Ledger.GetSummary()).Should().Be(before.Summary);
            (await client.Ledger.GetBalances(Remembered.Accounts)).Should().Equal(before.Balances);
            (await client.Datanets.Get(SampleNetwork.DatanetId)).Should().BeEquivalentTo(before.Datanet);
            (await client.Ledger.ExportReceipt(before.Answer.Settlement.ReceiptId)).Should().Equal(before.Receipt);
            (await client.Training.GetStatus(SampleNetwork.JobId)).State.Should().Be(TrainingState.Completed);
            (await client.GetContributorTotals(SampleNetwork.AdapterId)).Should().Equal(before.Totals);

            var again = await client.Complete(SampleNetwork.Request("rq_after"));
            again.Text.Should().Be(before.Answer.Text);
            again.Settlement.Lines.Should().Equal(before.Answer.Settlement.Lines, "attribution reads the same artefacts");
            var repeated = () => client.Complete(SampleNetwork.Request("rq_before"));
            await repeated.Should().ThrowAsync<RefusedException>("a restart forgets no request");
        }
    }

    [Fact]
    public async Task A_job_that_a_stop_interrupted_starts_over_and_completes()
    {
        using var folder = new TemporaryFolder();
        var options = TrainedNetwork.Options(folder);
        var specification = SampleNetwork.Specification(epochs: 500);
        await using (var silo = await EmbeddedSilo.Start(options))
        {
            var network = new SampleNetwork(silo.Services);
            await network.OpenAccounts();
            await network.FillDatanet();
            await network.Client.Training.Start(SampleNetwork.JobId, specification);
            var status = await Polling.Until(() => network.Client.Training.GetStatus(SampleNetwork.JobId), each => each.Step > 0);
            status.State.Should().Be(TrainingState.Running);
        }

        await using (var silo = await EmbeddedSilo.Start(options))
        {
            var network = new SampleNetwork(silo.Services);
            var status = await network.Client.Training.GetStatus(SampleNetwork.JobId);
            status.State.Should().Be(TrainingState.Running, "the job was interrupted and runs again");
            (await network.Client.GetAdapter(SampleNetwork.AdapterId)).Published.Should().BeFalse();

            status = await network.Ended(SampleNetwork.JobId);

            status.State.Should().Be(TrainingState.Completed, status.Error);
            status.StepCount.Should().BeGreaterThan(500, "none of it was left out");
            await network.Client.Deploy(SampleNetwork.AdapterId);
            (await network.Client.Complete(SampleNetwork.Request("rq_resumed"))).Settlement.Fee.Should().BeGreaterThan(Amount.Zero);
        }
    }

    [Fact]
    public async Task Other_weights_under_a_models_id_are_refused_and_the_folder_stays_free()
    {
        using var folder = new TemporaryFolder();
        var options = TrainedNetwork.Options(folder);
        await (await EmbeddedSilo.Start(options)).DisposeAsync();
        var otherWeights = TinyModel.Write(folder.At("others"), seed: 2);
        var other = new Dictionary<string, string>(StringComparer.Ordinal) { [TinyModel.Id] = otherWeights };

        var act = () => EmbeddedSilo.Start(options with { Models = other });

        await act.Should().ThrowAsync<UserErrorException>().WithMessage($"*{TinyModel.Id} is registered with content*");
        await (await EmbeddedSilo.Start(options)).DisposeAsync();
    }

    sealed record Remembered(
        Answer Answer,
        byte[] Receipt,
        BookSummary Summary,
        IReadOnlyList<AccountBalance> Balances,
        DatanetCard Datanet,
        IReadOnlyList<Grains.Attribution.ContributorTotal> Totals)
    {
        public static string[] Accounts { get; } =
        [
            SystemAccounts.Treasury, SystemAccounts.Platform, SystemAccounts.Stakers, SystemAccounts.Reserve, SystemAccounts.Escrow,
            SampleNetwork.Caller, SampleNetwork.Trainer, .. SampleWords.Contributors.Select(SampleNetwork.Account),
        ];

        public static async Task<Remembered> Read(OpenLedgerClient client, string requestId)
        {
            var answer = await client.Complete(SampleNetwork.Request(requestId));
            return new Remembered(
                answer,
                await client.Ledger.ExportReceipt(answer.Settlement.ReceiptId),
                await client.Ledger.GetSummary(),
                await client.Ledger.GetBalances(Accounts),
                await client.Datanets.Get(SampleNetwork.DatanetId),
                await client.GetContributorTotals(SampleNetwork.AdapterId));
        }
    }
}
