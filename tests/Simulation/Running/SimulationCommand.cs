using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Simulation.Tests.Running;

/// <summary><c>-- --seeds N [--first K] [--threads T] [--trace] [--json]</c>: many seeds, one after another.</summary>
static class SimulationCommand
{
    const double ProgressSeconds = 5;

    public static async Task<int> Run(string[] arguments)
    {
        var count = Program.Number(arguments, "--seeds", 1);
        var first = Program.Number(arguments, "--first", 1);
        var threads = (int)Program.Number(arguments, "--threads", (ulong)Environment.ProcessorCount);
        Action<string>? listener = arguments.Contains("--trace") ? Console.Error.WriteLine : null;
        var watch = Stopwatch.StartNew();
        try
        {
            var tally = await RunAll(first, count, threads, new SimulationOptions(), listener, watch);
            Print(tally, first, watch.Elapsed, arguments.Contains("--json"));
            return 0;
        }
        catch (SimulationFailedException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
    }

    /// <summary>Runs seeds on several threads; stops at the first that fails.</summary>
    public static async Task<SimulationTally> RunAll(
        ulong first, ulong count, int threads, SimulationOptions options, Action<string>? listener = null, Stopwatch? watch = null)
    {
        var total = new SimulationTally();
        var gate = new Lock();
        var reported = 0.0;
        var seeds = Enumerable.Range(0, checked((int)count)).Select(i => first + (ulong)i);
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = threads }, async (seed, _) =>
        {
            var result = await SimulationRun.Run(seed, options, listener);
            lock (gate)
            {
                total.Add(result.Tally);
                if (watch is not null && watch.Elapsed.TotalSeconds - reported > ProgressSeconds)
                {
                    reported = watch.Elapsed.TotalSeconds;
                    var each = watch.Elapsed.TotalMilliseconds / total.Runs;
                    Console.Error.WriteLine(
                        string.Create(CultureInfo.InvariantCulture, $"{total.Runs} of {count} seeds, {each:F0} ms each"));
                }
            }
        });
        return total;
    }

    static void Print(SimulationTally tally, ulong first, TimeSpan wall, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { first, wallSeconds = Math.Round(wall.TotalSeconds, 1), failures = 0, tally },
                new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true }));
            return;
        }
        var each = wall.TotalMilliseconds / tally.Runs;
        Say($"{tally.Runs:N0} seeds from {first}: no failure, {wall.TotalSeconds:F1} s, {each:F0} ms a seed");
        Say($"records {tally.Records:N0}, requests {tally.Requests:N0}");
        Say($"standing at the end: transfers {tally.TransfersStanding:N0}, receipts {tally.ReceiptsStanding:N0}");
        Say($"restarts: clean {tally.CleanRestarts:N0}, killed {tally.Kills:N0}, power lost {tally.PowerLosses:N0}");
        Say($"taken over by another writer {tally.Takeovers:N0}, openings that failed {tally.FailedOpenings:N0}");
        Say($"openings that began from a snapshot {tally.OpenedFromSnapshot:N0}");
        Say($"unknown outcomes: written {tally.UnknownWritten:N0}, not written {tally.UnknownNotWritten:N0}");
        Say($"damage at rest: named {tally.DamageNamed:N0}, harmless {tally.DamageHarmless:N0}");
        Say($"a lost tail, told by a head that was seen {tally.TailsLostAndNoticed:N0}");
        foreach (var (fault, count) in tally.Faults)
        {
            Say($"  {fault,-22} {count:N0}");
        }
    }

    static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
