using System.CommandLine;
using OpenLedger.Bench.Generation;

namespace OpenLedger.Bench.Verbs;

/// <summary><c>generate</c>: how fast answers come.</summary>
static class GenerateVerb
{
    public static Command Build()
    {
        var shared = new VerbOptions();
        var command = new Command(
            "generate", "Tokens a second of decoding and of reading a prompt, and how near matrix products come to the processor's peak.");
        shared.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var benchmark = new GenerateBenchmark(shared.Model(result), shared.Sample(result), shared.Seed(result));
            return (await benchmark.Run(cancellationToken)).Print(shared.Json(result));
        });
        return command;
    }
}
