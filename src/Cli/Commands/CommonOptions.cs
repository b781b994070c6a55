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

    /// <summary>The last second that a date can name.</summary>
    public static readonly ulong TimeSecondsMax = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public static Option<string[]> Witness() => new("--witness")
    {
        Description = "A witness's key (name+hash+base64), or a file that holds it; repeat it for several. Its cosignature must hold.",
        HelpName = "key",
    };

    public static Option<int?> WitnessThreshold() => new("--witness-threshold")
    {
        Description = "How many of the named witnesses must have cosigned; all of them where this is left out.",
        HelpName = "count",
    };

    /// <summary>The witnesses that a command line names.</summary>
    public static WitnessPolicy Policy(ParseResult result, Option<string[]> witness, Option<int?> threshold)
    {
        var keys = (result.GetValue(witness) ?? []).Select(key => CosignatureVerifier.Parse(LogKeyFile.Read(key)))
            .DistinctBy(key => key.ToString()).ToList();
        var asked = result.GetValue(threshold) ?? keys.Count;
        return keys.Count > WitnessPolicy.WitnessesMax
            ? throw new UserErrorException($"At most {WitnessPolicy.WitnessesMax} witnesses can be named.")
            : asked >= 0 && asked <= keys.Count
                ? new WitnessPolicy(keys, asked)
                : throw new UserErrorException($"--witness-threshold takes 0 to {keys.Count}, the number of witnesses named, not {asked}.");
    }

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
