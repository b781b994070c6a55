using System.Globalization;
using System.Text.Json;

namespace Simulation.Tests.Kills;

/// <summary><c>-- --kills N [--first SEED] [--json]</c>: the process, killed so many times.</summary>
static class KillCommand
{
    public static async Task<int> Run(string[] arguments)
    {
        var kills = (int)Program.Number(arguments, "--kills", 200);
        var seed = Program.Number(arguments, "--first", 1);
        var data = Directory.CreateTempSubdirectory("openledger-kills-");
        try
        {
            var report = await new KillRun(Path.Combine(data.FullName, "data"), seed).Run(kills, Console.Error.WriteLine);
            Print(report, arguments.Contains("--json"));
            return 0;
        }
        catch (KillException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    static void Print(KillReport report, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                report, new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true }));
            return;
        }
        Say($"{report.Kills:N0} kills, {report.KilledWhileOpening:N0} of them while it opened: no failure, {report.WallSeconds:F1} s");
        Say($"requests: acknowledged {report.Acknowledged:N0}, unknown at a kill {report.Unknown:N0}");
        Say($"of the unknown ones {report.FoundWritten:N0} had been written, and were answered 'exists' when asked again");
        Say($"at the end: records {report.Records:N0}, transfers {report.Transfers:N0}, receipts {report.Receipts:N0}");
        Say($"log of {report.LogSize:N0} entries, each head that was shown contained in the next");
        Say($"start to listening: median {report.RestartMedianMs:F0} ms, longest {report.RestartMaxMs:F0} ms");
    }

    static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
