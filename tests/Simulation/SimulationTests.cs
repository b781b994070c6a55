using Simulation.Tests.Running;

namespace Simulation.Tests;

public sealed class SimulationTests
{
    const int Seeds = 200;

    [Fact]
    public async Task Two_hundred_seeds_end_clean_and_meet_every_kind_of_trouble()
    {
        var tally = await SimulationCommand.RunAll(1, Seeds, Environment.ProcessorCount, new SimulationOptions());
        tally.Runs.Should().Be(Seeds);
        tally.Kills.Should().BePositive();
        tally.PowerLosses.Should().BePositive();
        tally.Takeovers.Should().BePositive();
        tally.FailedOpenings.Should().BePositive();
        tally.OpenedFromSnapshot.Should().BePositive();
        tally.UnknownWritten.Should().BePositive("a write that failed may have happened");
        tally.UnknownNotWritten.Should().BePositive("and may not");
        tally.DamageNamed.Should().BePositive();
        tally.TailsLostAndNoticed.Should().BePositive();
        tally.Faults.Keys.Should().Contain(
            ["Write ErrorBefore", "Write ErrorAfter", "Write ErrorPartly", "Write Full", "Sync ErrorPartly", "Sync PowerBefore"]);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_trace()
    {
        foreach (var seed in new ulong[] { 3, 4, 5, 6, 7, 8 })
        {
            var first = await SimulationRun.Run(seed, new SimulationOptions());
            var second = await SimulationRun.Run(seed, new SimulationOptions());
            second.TraceHash.Should().Be(first.TraceHash, "seed {0}", seed);
        }
    }
}
