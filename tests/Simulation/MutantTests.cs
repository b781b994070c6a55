using Simulation.Tests.Mutants;
using Simulation.Tests.Running;

namespace Simulation.Tests;

/// <summary>A simulation that never failed would prove little: ledgers broken on purpose are found out, within a few seeds.</summary>
public sealed class MutantTests
{
    const int Seeds = 40;

    static readonly Dictionary<string, SimulationOptions> variants = new(StringComparer.Ordinal)
    {
        ["answers before it has written"] = new() { Journal = journal => new LateJournal(journal) },
        ["takes a failed write for one that happened"] = new() { Journal = journal => new DeafJournal(journal) },
        ["skips the fence"] = new() { Journal = journal => new UnfencedJournal(journal) },
        ["takes damage for the end"] = new() { Journal = journal => new ForgivingJournal(journal) },
        ["does not release a hold"] = new() { Door = door => new HoldKeepingDoor(door) },
        ["does not know a retry"] = new() { Door = door => new ForgetfulDoor(door) },
        ["runs on a disk that lies about syncing"] = new() { DiskLiesAboutSync = true },
    };

    [Theory]
    [InlineData("answers before it has written", "acknowledged")]
    [InlineData("takes a failed write for one that happened", "acknowledged")]
    [InlineData("skips the fence", "overtaken")]
    [InlineData("takes damage for the end", "taken for good")]
    [InlineData("does not release a hold", "is due")]
    [InlineData("does not know a retry", "is due")]
    [InlineData("runs on a disk that lies about syncing", "acknowledged")]
    public async Task A_broken_ledger_is_found_out(string broken, string finding)
    {
        var found = new List<string>();
        for (var seed = 1UL; seed <= Seeds && !found.Exists(message => message.Contains(finding, StringComparison.Ordinal)); seed++)
        {
            try
            {
                _ = await SimulationRun.Run(seed, variants[broken]);
            }
            catch (SimulationFailedException failure)
            {
                failure.Message.Should().Contain($"--seeds 1 --first {seed}", "a failure says how to repeat it");
                found.Add(failure.Message.Split('\n')[0]);
            }
        }
        found.Should().Contain(message => message.Contains(finding, StringComparison.Ordinal), "a ledger that {0} must not pass", broken);
    }
}
