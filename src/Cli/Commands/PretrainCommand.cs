using System.CommandLine;
using OpenLedger.Cli.Pretraining;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger pretrain</c>: a base model from text.</summary>
static class PretrainCommand
{
    public static Command Build()
    {
        var wordNet = new Option<string?>("--wordnet")
        {
            Description = "WordNet's dict folder (Debian: /usr/share/wordnet). The domains of the samples are left out.",
            HelpName = "folder",
        };
        var texts = new Option<string[]>("--text")
        {
            Description = "UTF-8 text files; a paragraph is a document.",
            DefaultValueFactory = _ => [],
            AllowMultipleArgumentsPerToken = true,
            HelpName = "file",
        };
        var output = new Option<string>("--out")
        {
            Description = "Folder of the model, in Hugging Face layout.",
            Required = true,
            HelpName = "folder",
        };
        var checkpoint = new Option<string?>("--checkpoint")
        {
            Description = "File that a stopped run resumes from. Without it, data/pretrain/<name of the output folder>.checkpoint.",
            HelpName = "file",
        };
        var shape = new ShapeOptions();
        var seed = CommonOptions.Seed();
        var json = CommonOptions.Json();
        var command = new Command(
            "pretrain",
            "Train a tokenizer and a small base model from nothing. Ctrl+C writes a checkpoint; the same command resumes from it.")
        {
            wordNet, texts, output, checkpoint, seed, json,
        };
        shape.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var folder = result.GetRequiredValue(output);
            var settings = shape.Read(result, new PretrainSettings
            {
                WordNetFolder = result.GetValue(wordNet),
                TextFiles = result.GetValue(texts) ?? [],
                OutputFolder = folder,
                CheckpointPath = result.GetValue(checkpoint)
                    ?? Path.Combine("data", "pretrain", Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)) + ".checkpoint"),
                Seed = unchecked((ulong)result.GetValue(seed)),
            });
            return Task.FromResult(Run(settings, result.GetValue(json), cancellationToken));
        });
        return command;
    }

    static int Run(PretrainSettings settings, bool json, CancellationToken cancellationToken)
    {
        var log = json ? Console.Error : Console.Out;
        var model = new PretrainRun(settings, log).Run(cancellationToken);
        log.WriteLine("measuring on held-out text");
        var record = PretrainRecord.Measure(settings, model);
        record.Save(Path.Combine(settings.OutputFolder, PretrainRecord.FileName));
        if (json)
        {
            Console.WriteLine(record.ToJson());
        }
        else
        {
            record.Print(Console.Out);
        }

        return ExitCodes.Success;
    }

    /// <summary>Shape and schedule, each with the default that made <c>models/ledger-tiny</c>.</summary>
    sealed class ShapeOptions
    {
        static readonly PretrainSettings defaults = new() { OutputFolder = "", CheckpointPath = "" };

        readonly Option<int> _vocabulary = Number("--vocabulary", "Tokens of the vocabulary.", defaults.VocabularySize);
        readonly Option<int> _hidden = Number("--hidden", "Width of the residual stream.", defaults.HiddenSize);
        readonly Option<int> _intermediate = Number("--intermediate", "Width of the feed-forward layer.", defaults.IntermediateSize);
        readonly Option<int> _layers = Number("--layers", "Decoder layers.", defaults.LayerCount);
        readonly Option<int> _heads = Number("--heads", "Attention heads; they divide the width.", defaults.HeadCount);
        readonly Option<int> _keyValueHeads =
            Number("--kv-heads", "Heads of keys and values; they divide the heads.", defaults.KeyValueHeadCount);
        readonly Option<int> _context = Number("--context", "Most tokens of a sequence.", defaults.ContextLength);
        readonly Option<int> _epochs = Number("--epochs", "Passes over the text.", defaults.Epochs);
        readonly Option<int> _batch = Number("--batch-tokens", "Tokens of a step.", defaults.BatchTokens);
        readonly Option<double> _rate = new("--learning-rate")
        {
            Description = "Peak learning rate.",
            DefaultValueFactory = _ => defaults.LearningRate,
        };

        public void AddTo(Command command)
        {
            foreach (var option in new Option[]
                { _vocabulary, _hidden, _intermediate, _layers, _heads, _keyValueHeads, _context, _epochs, _batch, _rate })
            {
                command.Options.Add(option);
            }
        }

        public PretrainSettings Read(ParseResult result, PretrainSettings settings) => settings with
        {
            VocabularySize = result.GetValue(_vocabulary),
            HiddenSize = result.GetValue(_hidden),
            IntermediateSize = result.GetValue(_intermediate),
            LayerCount = result.GetValue(_layers),
            HeadCount = result.GetValue(_heads),
            KeyValueHeadCount = result.GetValue(_keyValueHeads),
            ContextLength = result.GetValue(_context),
            Epochs = result.GetValue(_epochs),
            BatchTokens = result.GetValue(_batch),
            LearningRate = result.GetValue(_rate),
        };

        static Option<int> Number(string name, string description, int value) =>
            new(name) { Description = description, DefaultValueFactory = _ => value };
    }
}
