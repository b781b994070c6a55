using System.CommandLine;
using OpenLedger.Silo;
using OpenLedger.Silo.Gateway;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger up</c>: a silo with an HTTP surface, until it is interrupted.</summary>
static class UpCommand
{
    public static Command Build()
    {
        var data = CommonOptions.Data();
        var model = CommonOptions.Model();
        var url = new Option<string>("--url")
        {
            Description = "Where to listen. There is no authentication yet: keep it on this machine.",
            DefaultValueFactory = _ => "http://127.0.0.1:7070",
        };
        var command = new Command(
            "up",
            "Start a silo with HTTP: /v1/models, /v1/completions (streaming too), /receipts/{id}, and the operators' console at /.\n"
            + "Stop it with Ctrl+C.\n"
            + "On a demo's data folder (--data) it serves the adapter that the demo trained.")
        {
            data, model, url,
        };
        command.SetAction((result, cancellationToken) =>
            Run(result.GetRequiredValue(data), result.GetRequiredValue(model), result.GetRequiredValue(url), cancellationToken));
        return command;
    }

    static async Task<int> Run(string data, string model, string url, CancellationToken cancellationToken)
    {
        var options = new SiloOptions
        {
            DataFolder = Path.GetFullPath(data),
            Models = new Dictionary<string, string>(StringComparer.Ordinal) { [SiloOptions.ModelId(model)] = model },
        };
        await using var server = await GatewayServer.Start(options, url, cancellationToken);
        Console.WriteLine($"OpenLedger is up at {server.Url}, data in {options.DataFolder}");
        Console.WriteLine($"  console  {server.ConsoleUrl}");
        Console.WriteLine($"  models   curl {server.Url}/v1/models");
        Console.WriteLine($"  ask      curl {server.Url}/v1/completions -H 'content-type: application/json' \\");
        Console.WriteLine(
            $"             -d '{{\"model\":\"{await server.ExampleModel()}\","
            + "\"prompt\":\"Q: What does throb mean?\\nA:\",\"max_tokens\":16}'");
        Console.WriteLine($"  account  {server.LocalAccount} pays where a request names no account (\"user\")");
        await server.WaitForStop(cancellationToken);
        Console.WriteLine("stopping");
        return ExitCodes.Success;
    }
}
