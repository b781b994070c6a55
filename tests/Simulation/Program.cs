using System.Globalization;
using Simulation.Tests.Kills;
using Simulation.Tests.Running;

namespace Simulation.Tests;

/// <summary>Runs the tests; or, when asked by its own options, a simulation of many seeds, or many kills.</summary>
static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["--host", var data])
        {
            return await KillHost.Run(data);
        }
        if (arguments.Contains("--kills"))
        {
            return await KillCommand.Run(arguments);
        }
        if (arguments.Contains("--seeds") || arguments.Contains("--first"))
        {
            return await SimulationCommand.Run(arguments);
        }
        return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments);
    }

    /// <summary>A number behind an option.</summary>
    public static ulong Number(string[] arguments, string option, ulong otherwise)
    {
        var at = Array.IndexOf(arguments, option);
        return at >= 0 && at + 1 < arguments.Length
            && ulong.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
    }
}
