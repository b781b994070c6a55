using System.CommandLine;

namespace OpenLedger.Cli.Commands;

/// <summary>Options that several commands share.</summary>
static class CommonOptions
{
    public const string DataFolderDefault = "data/openledger";

    public static Option<string> Data() => new("--data")
    {
        Description = "The data folder: the ledger, the blobs and the log's key.",
        DefaultValueFactory = _ => DataFolderDefault,
        HelpName = "folder",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object instead of text." };

    public static Option<long> Seed() => new("--seed")
    {
        Description = "Seed of everything that is drawn: the same seed gives the same run.",
        DefaultValueFactory = _ => 1,
    };

    public static Option<string> Model() => new("--model")
    {
        Description = "Folder of the base model, in Hugging Face layout.",
        DefaultValueFactory = _ => ShippedFiles.Find("models/ledger-tiny"),
        HelpName = "folder",
    };
}
