using System.CommandLine;
using OpenLedger.Bench.Truth;

namespace OpenLedger.Bench.Verbs;

/// <summary><c>truth</c>: whether the credited contributor is the one without whom the answer would be lost.</summary>
static class TruthVerb
{
    public static Command Build()
    {
        var shared = new VerbOptions();
        var questions = new Option<int>("--questions") { Description = "Questions to check.", DefaultValueFactory = _ => 5 };
        var epochs = new Option<int>("--epochs")
        {
            Description = "Passes over the rows in every training; 0 for the recipe's own number.",
            DefaultValueFactory = _ => 0,
        };
        var facts = new Option<int>("--facts")
        {
            Description = "Take about this many facts, as many from each contributor; 0 for all.",
            DefaultValueFactory = _ => 0,
        };
        var command = new Command(
            "truth",
            "Trains once with everybody and once without each contributor. The contributor credited for an answer must be the one "
            + "without whose rows the answer's likelihood falls most.")
        {
            questions, epochs, facts,
        };
        shared.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var settings = new TruthSettings(
                shared.ModelPath(result),
                shared.Seed(result),
                Within(result.GetValue(questions), 1, 250, "--questions"),
                Within(result.GetValue(epochs), 0, 1_000, "--epochs"));
            var sample = shared.Sample(result).Reduced(Within(result.GetValue(facts), 0, 1_000_000, "--facts"));
            return Task.FromResult(new TruthBenchmark(settings, sample).Run(cancellationToken).Print(shared.Json(result)));
        });
        return command;
    }

    static int Within(int value, int least, int most, string option) => value >= least && value <= most
        ? value
        : throw new UserErrorException($"{option} is {value}; it must be from {least} to {most}.");
}
