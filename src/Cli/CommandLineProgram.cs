using System.CommandLine;
using System.CommandLine.Invocation;
using OpenLedger.Grains;
using Orleans.Runtime;

namespace OpenLedger.Cli;

/// <summary>Runs a command tree as a process: what went wrong becomes one line on standard error and an exit code.</summary>
static class CommandLineProgram
{
    /// <summary>Set to anything, it lets a defect through with its stack.</summary>
    const string TraceVariable = "OPENLEDGER_TRACE";

    public static async Task<int> Run(RootCommand root, IReadOnlyList<string> arguments)
    {
        var result = root.Parse(arguments);
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
            var status = await result.InvokeAsync(configuration);
            return result.Action is ParseErrorAction ? ExitCodes.UserError : status;
        }
        catch (UserErrorException exception)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}");
            return ExitCodes.UserError;
        }
        catch (OrleansConfigurationException exception)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}");
            return ExitCodes.UserError;
        }
        catch (BusyException exception)
        {
            await Console.Error.WriteLineAsync($"busy: {exception.Message}");
            return ExitCodes.Busy;
        }
        catch (UnavailableException exception)
        {
            await Console.Error.WriteLineAsync($"unavailable: {exception.Message}");
            return ExitCodes.Busy;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("cancelled");
            return ExitCodes.Cancelled;
        }
        catch (Exception exception) when (Environment.GetEnvironmentVariable(TraceVariable) is null)
        {
            await Console.Error.WriteLineAsync($"internal error: {exception.GetType().Name}: {exception.Message}");
            await Console.Error.WriteLineAsync(
                $"This is a defect, not your mistake. Set {TraceVariable}=1 and run it again for the details to report.");
            return ExitCodes.Internal;
        }
    }
}
