using System.CommandLine;
using OpenLedger.Bench.Training;

namespace OpenLedger.Bench.Verbs;

/// <summary><c>train</c>: how fast models learn.</summary>
static class TrainVerb
{
    public static Command Build()
    {
        var shared = new VerbOptions();
        var command = new Command("train", "Tokens a second of LoRA training and of pretraining, and rows a second of answer gradients.");
        shared.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var benchmark = new TrainBenchmark(shared.Model(result), shared.Sample(result), shared.Seed(result));
            return Task.FromResult(benchmark.Run(cancellationToken).Print(shared.Json(result)));
        });
        return command;
    }
}
