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
