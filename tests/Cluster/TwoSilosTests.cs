using System.Diagnostics;
using System.Globalization;
using OpenLedger.Grains.Ledger;
using OpenLedger.Testing;

namespace OpenLedger.Cluster.Tests;

/// <summary>Two silos: when one dies there is nobody to agree with, and the one that is left goes on by itself.</summary>
public sealed class TwoSilosTests
{
    [Fact]
    public async Task Either_may_die_in_turn_and_transfers_and_answers_go_on()
    {
        if (await SiloCluster.MissingReason() is { } reason)
        {
            Assert.Skip(reason);
        }

        await using var cluster = await SiloCluster.Start(2);
        await using var traffic = await TransferTraffic.Start(cluster, "two");
        var network = cluster.Network();
        await network.OpenAccounts();
        var answer = (await Networks.Ask(network, "rq_before", TinyModel.Id)).Text;
        var killed = new List<string>();
        for (var round = 1; round <= cluster.Names.Count; round++)
        {
            await traffic.More(100);
            var holder = (await cluster.HolderOf(Books.Main))!;
            cluster.Silo(holder).Kill();
            killed.Add(holder);
            var back = await traffic.Back(Stopwatch.GetTimestamp());
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{holder} of two silos killed: service back after {back.TotalSeconds:F1} s"));
            (await Networks.Ask(network, $"rq_after_{holder}", TinyModel.Id)).Text.Should().Be(answer);
            await cluster.StartSilo(holder);
        }

        killed.Should().BeEquivalentTo(cluster.Names, "the ledger went to the other one each time");
        await traffic.StopAndVerify();
    }
}
