using System.CommandLine;
using OpenLedger.Cli.Demo;
using Spectre.Console;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger demo</c>: the whole loop on an embedded silo.</summary>
static class DemoCommand
{
    const int QuestionCountDefault = 48;

    public static Command Build()
    {
        var data = new Option<string?>("--data")
        {
            Description = "A new or empty data folder. Without it, a folder of its own is made under data/.",
            HelpName = "folder",
        };
        var json = CommonOptions.Json();
        var seed = CommonOptions.Seed();
        var model = CommonOptions.Model();
        var sample = new Option<string>("--sample")
        {
            Description = "The sample Datanet: a name below samples/, or a folder.",
            DefaultValueFactory = _ => "ailments",
        };
        var questions = new Option<int>("--questions")
        {
            Description = "How many questions to ask and pay for.",
            DefaultValueFactory = _ => QuestionCountDefault,
        };
        var epochs = new Option<int>("--epochs") { Description = "Passes over the rows in training; 0 takes the default." };
        var command = new Command(
            "demo",
            "Play the whole loop: contribute, train, ask, pay, prove, restart. "
            + "It takes a few minutes and touches nothing outside its data folder.")
        {
            data, json, seed, model, sample, questions, epochs,
        };
        command.SetAction((result, cancellationToken) =>
        {
            var options = new DemoOptions(
                FreshFolder(result.GetValue(data)),
                result.GetRequiredValue(model),
                SampleFolder(result.GetRequiredValue(sample)),
                result.GetValue(seed),
                result.GetValue(questions) is > 0 and var count
                    ? count
                    : throw new UserErrorException("--questions takes a number above zero."),
                result.GetValue(epochs));
            return Run(options, result.GetValue(json), cancellationToken);
        });
        return command;
    }

    static async Task<int> Run(DemoOptions options, bool json, CancellationToken cancellationToken)
    {
        IDemoNarrator narrator = json ? new QuietNarrator(Console.Error) : new ConsoleNarrator(AnsiConsole.Console);
        var report = await new DemoRun(options, narrator).Run(cancellationToken);
        if (json)
        {
            Console.WriteLine(report.ToJson());
        }

        return report is
        {
            Conserved: true, ReceiptValid: true, TamperedReceiptValid: false, RestartIdentical: true, Signatures.ForgedRefused: true,
            Governance.AnswerFollows: true, Staking.Exact: true,
        }
            ? ExitCodes.Success
            : ExitCodes.Negative;
    }

    static string SampleFolder(string sample) =>
        Directory.Exists(sample) ? sample : ShippedFiles.Find(Path.Combine("samples", sample));

    static string FreshFolder(string? data)
    {
        if (data is null)
        {
            var name = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", System.Globalization.CultureInfo.InvariantCulture);
            return Path.GetFullPath(Path.Combine("data", "demo-" + name));
        }

        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
        {
            throw new UserErrorException(
                $"The demo starts in a fresh data folder, and '{data}' holds something already. Name another with --data.");
        }

        return Path.GetFullPath(data);
    }
}
