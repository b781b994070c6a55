using Simulation.Tests.Kills;

namespace Simulation.Tests;

public sealed class KillTests(ITestOutputHelper output)
{
    const int Kills = 20;

    [Fact]
    public async Task Twenty_kills_lose_nothing_that_was_acknowledged_and_repeat_nothing()
    {
        var data = Directory.CreateTempSubdirectory("openledger-kills-");
        try
        {
            var report = await new KillRun(Path.Combine(data.FullName, "data"), 7).Run(Kills);
            output.WriteLine(report.ToString());
            report.Kills.Should().Be(Kills);
            report.Acknowledged.Should().BeGreaterThan(500);
            report.Unknown.Should().BePositive("a kill under load catches requests");
            report.KilledWhileOpening.Should().BePositive();
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }
}
