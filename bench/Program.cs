using System.CommandLine;
using System.CommandLine.Invocation;
using OpenLedger;
using OpenLedger.Bench;

var result = VerbTree.Build().Parse(args);
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
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("cancelled");
    return ExitCodes.Cancelled;
}
catch (Exception exception) when (Environment.GetEnvironmentVariable("OPENLEDGER_TRACE") is null)
{
    await Console.Error.WriteLineAsync($"internal error: {exception.GetType().Name}: {exception.Message}");
    await Console.Error.WriteLineAsync("This is a defect, not your mistake. Set OPENLEDGER_TRACE=1 and run it again for the details.");
    return ExitCodes.Internal;
}
