using System.CommandLine;
using System.Text.Json;
using OpenLedger.Bench.Actors;

namespace OpenLedger.Bench.Verbs;

/// <summary><c>actors</c>: what a grain call, an activation and a state write cost on the engine that is built in.</summary>
static class ActorsVerb
{
    public static Command Build()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object of figures instead of a table." };
        var seconds = new Option<double>("--seconds")
        {
            Description = "Length of each run of calls and of state writes.",
            DefaultValueFactory = _ => 3,
        };
        var activations = new Option<int>("--activations")
        {
            Description = "Grains that are activated and left idle.",
            DefaultValueFactory = _ => 1_000_000,
        };
        var against = new Option<FileInfo?>("--against")
        {
            Description = "What --json printed on another engine: its calls a second become the goals of this run.",
            HelpName = "file",
        };
        var postgres = new Option<string?>("--postgres")
        {
            Description = "A PostgreSQL server, to measure state writes there too: a database is made on it, and removed.",
            HelpName = "connection string",
        };
        var command = new Command("actors", "Grain calls, their latency, activations with their memory, and state writes.")
        {
            json, seconds, activations, against, postgres,
        };
        command.SetAction(async (result, cancellation) =>
        {
            var settings = new ActorsSettings(
                InRange("--seconds", result.GetValue(seconds), 0.1, 600),
                (int)InRange("--activations", result.GetValue(activations), 1_000, 10_000_000),
                result.GetValue(against) is { } file ? ReadFigures(file) : null,
                result.GetValue(postgres));
            return (await new ActorsBenchmark(settings).Run(cancellation)).Print(result.GetValue(json));
        });
        return command;
    }

    static double InRange(string option, double value, double least, double most) => value >= least && value <= most
        ? value
        : throw new UserErrorException($"{option} takes {least:0.#} to {most:0.#}, not {value:0.#}.");

    static Dictionary<string, double> ReadFigures(FileInfo file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file.FullName));
            return document.RootElement.GetProperty("figures").EnumerateArray().ToDictionary(
                figure => figure.GetProperty("name").GetString()!, figure => figure.GetProperty("value").GetDouble());
        }
        catch (Exception exception) when (exception is IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new UserErrorException($"'{file}' is not what --json prints: {exception.Message}");
        }
    }
}
