using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Client;
using OpenLedger.Grains.Training;
using OpenLedger.Silo;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Training;

/// <summary>A job outlives its silo: a reminder wakes it, so that nobody has to ask for it first.</summary>
public sealed class ResumeTests
{
    [Fact]
    public async Task A_job_that_lost_its_silo_starts_over_without_being_called_and_its_reminder_goes_with_its_end()
    {
        using var folder = new TemporaryFolder();
        var options = TrainedNetwork.Options(folder);
        await using (var silo = await EmbeddedSilo.Start(options))
        {
            var network = new SampleNetwork(silo.Services);
            await network.OpenAccounts();
            await network.FillDatanet();
            await network.Client.Training.Start(SampleNetwork.JobId, SampleNetwork.Specification(epochs: 1_000));

            // Its own period is a minute, which no test waits for.
            var table = silo.Services.GetRequiredService<IReminderTable>();
            var reminder = (await table.ReadRows(0, 0)).Reminders.Should().ContainSingle(each => IsTheJobs(each)).Which;
            reminder.Period = TimeSpan.FromMilliseconds(100);
            await table.UpsertRow(reminder);
        }

        await using (var silo = await EmbeddedSilo.Start(options))
        {
            var host = silo.Services.GetRequiredService<TrainingHost>();
            var runs = await Polling.Until(() => Task.FromResult(host.LatestRuns().Count), count => count > 0);
            runs.Should().BePositive("the reminder has activated the job, and nothing else has");

            await SampleNetwork.Connect(silo.Grains).Training.Cancel(SampleNetwork.JobId);
            var table = silo.Services.GetRequiredService<IReminderTable>();
            (await table.ReadRows(0, 0)).Reminders.Where(IsTheJobs).Should().BeEmpty("a job that has ended needs no waking");
        }
    }

    static bool IsTheJobs(ReminderEntry reminder) => reminder.GrainId.Key.ToString() == SampleNetwork.JobId;
}
