using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OpenLedger.Client;
using OpenLedger.Grains.Ledger;
using OpenLedger.Testing;

namespace OpenLedger.Cluster.Tests;

/// <summary>
/// What takes long and measures, and so runs only when <c>OPENLEDGER_LONG=1</c> asks for it: repeated kills with the time until every
/// caller is served again, and its reverse, ten minutes of busy cores and forced full collections in which no live silo is declared dead.
/// </summary>
public sealed class LongRunTests
{
    const int KillsCount = 5;
    const double GoalSeconds = 5;

    /// <summary>Minutes of the busy run; <c>OPENLEDGER_LONG_MINUTES</c> sets another number.</summary>
    const double BusyMinutesDefault = 10;

    static readonly TimeSpan collectionPeriod = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Killed_silos_and_a_killed_database_are_recovered_from_within_five_seconds()
    {
        await using var cluster = await Start(3);
        await using var traffic = await TransferTraffic.Start(cluster, "kills");
        await traffic.More(200);
        var figures = new List<Recovery>();
        for (var kill = 1; kill <= KillsCount; kill++)
        {
            var holder = (await cluster.HolderOf(Books.Main))!;
            cluster.Silo(holder).Kill();
            figures.Add(await Measure(traffic, "kill -9 of the ledger's silo"));
            await cluster.StartSilo(holder);
            await traffic.More(100);
        }

        await cluster.Server.Kill();
        await cluster.Server.StartAgain();
        figures.Add(await Measure(traffic, "kill -9 of PostgreSQL, from its start on"));
        await traffic.More(100);
        var stopped = (await cluster.HolderOf(Books.Main))!;
        cluster.Silo(stopped).Pause();
        figures.Add(await Measure(traffic, "SIGSTOP of the ledger's silo"));
        cluster.Silo(stopped).Resume();
        await traffic.More(200);
        await traffic.StopAndVerify();

        Print(JsonSerializer.Serialize(new { goalSeconds = GoalSeconds, acknowledged = traffic.AcknowledgedCount, figures }));
        figures.Where(figure => figure.What.StartsWith("kill", StringComparison.Ordinal))
            .Should().OnlyContain(figure => figure.Seconds <= GoalSeconds);
    }

    [Fact]
    public async Task Ten_minutes_of_busy_cores_and_full_collections_kill_no_live_silo()
    {
        await using var cluster = await Start(3);
        await using var traffic = await TransferTraffic.Start(cluster, "busy");
        await traffic.More(100);
        var before = await cluster.Statuses();
        var minutes = double.TryParse(
            Environment.GetEnvironmentVariable("OPENLEDGER_LONG_MINUTES"), CultureInfo.InvariantCulture, out var given)
            ? given
            : BusyMinutesDefault;
        var collections = 0;
        using (new BusyCores())
        {
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started).TotalMinutes < minutes)
            {
                foreach (var name in cluster.Names)
                {
                    var silo = cluster.Silo(name);
                    silo.HasExited.Should().BeFalse("{0} is alive after {1} collections: {2}", name, collections, silo.Output);
                    await ForcedCollection.Run(silo.ProcessId);
                    collections++;
                }

                await Task.Delay(collectionPeriod);
            }
        }

        var after = await cluster.Statuses();
        await traffic.More(100);
        await traffic.StopAndVerify();
        Print(JsonSerializer.Serialize(new
        {
            minutes,
            cores = Environment.ProcessorCount,
            fullCollections = collections,
            acknowledged = traffic.AcknowledgedCount,
            silos = after.ToDictionary(each => each.Key.ToString(), each => each.Value.ToString()),
        }));
        before.Should().HaveCount(3).And.OnlyContain(each => each.Value == SiloStatus.Active);
        after.Should().BeEquivalentTo(before, "the same three silos are alive, and none was declared dead and came again");
    }

    static async Task<SiloCluster> Start(int siloCount)
    {
        if (Environment.GetEnvironmentVariable("OPENLEDGER_LONG") != "1")
        {
            Assert.Skip("It takes minutes and measures: set OPENLEDGER_LONG=1 to run it.");
        }

        if (await SiloCluster.MissingReason() is { } reason)
        {
            Assert.Skip(reason);
        }

        return await SiloCluster.Start(siloCount);
    }

    static async Task<Recovery> Measure(TransferTraffic traffic, string what)
    {
        var seconds = (await traffic.Back(Stopwatch.GetTimestamp())).TotalSeconds;
        Print(string.Create(CultureInfo.InvariantCulture, $"{what}: every caller served again after {seconds:F1} s"));
        return new Recovery(what, Math.Round(seconds, 2));
    }

    static void Print(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);

    sealed record Recovery(string What, double Seconds);
}
