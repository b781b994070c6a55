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

    /// <summary>The key that signs what a command changes; open it with <see cref="Keys.KeyFiles.Open"/>.</summary>
    public static Option<string> Key() => new("--key")
    {
        Description = "The key file of the account in whose name this is done, and which signs it ('openledger keys new' makes one).",
        Required = true,
        HelpName = "file",
    };

    public static Option<string?> PassphraseFile() => new("--passphrase-file")
    {
        Description = "A file whose first line is the key's passphrase. Without it: the variable OPENLEDGER_PASSPHRASE, or you are asked.",
        HelpName = "file",
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
