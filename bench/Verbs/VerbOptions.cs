using System.CommandLine;
using OpenLedger.Bench.Samples;
using OpenLedger.Inference;
using OpenLedger.Cli;

namespace OpenLedger.Bench.Verbs;

/// <summary>Options that every verb takes.</summary>
sealed class VerbOptions
{
    const string ModelDefault = "models/ledger-tiny";
    const string SampleDefault = "ailments";

    readonly Option<string> _model = new("--model")
    {
        Description = "Folder of the base model, in Hugging Face layout.",
        DefaultValueFactory = _ => ShippedFiles.Find(ModelDefault),
        HelpName = "folder",
    };

    readonly Option<string> _sample = new("--sample")
    {
        Description = "Name of a Datanet in samples/, or a folder like one.",
        DefaultValueFactory = _ => SampleDefault,
        HelpName = "name",
    };

    readonly Option<long> _seed = new("--seed")
    {
        Description = "Seed of everything that is drawn.",
        DefaultValueFactory = _ => 1,
    };

    readonly Option<bool> _json = new("--json") { Description = "Print one JSON object of figures instead of tables." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _model, _sample, _seed, _json })
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="UserErrorException">There is no such model.</exception>
    public ModelFolder Model(ParseResult result) => ModelFolder.Load(ModelPath(result));

    /// <exception cref="UserErrorException">There is no such folder.</exception>
    public string ModelPath(ParseResult result)
    {
        var path = result.GetRequiredValue(_model);
        return Directory.Exists(path)
            ? path
            : throw new UserErrorException($"There is no base model at '{path}'. Name a folder in Hugging Face layout with --model.");
    }

    /// <exception cref="UserErrorException">There is no such sample.</exception>
    public Sample Sample(ParseResult result)
    {
        var name = result.GetRequiredValue(_sample);
        return Samples.Sample.Read(Directory.Exists(name) ? name : ShippedFiles.Find(Path.Combine("samples", name)));
    }

    public long Seed(ParseResult result) => result.GetValue(_seed);

    public bool Json(ParseResult result) => result.GetValue(_json);
}
