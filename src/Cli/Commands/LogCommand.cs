using System.CommandLine;
using OpenLedger.Storage;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger log</c>: the transparency log of a data folder.</summary>
static class LogCommand
{
    public static Command Build()
    {
        var data = CommonOptions.Data();
        var key = new Command("key", "Print the log's public key: a C2SP signed-note verifier key (name+hash+base64).") { data };
        key.SetAction(result =>
        {
            Console.WriteLine(DataFolder.ReadLogKey(result.GetRequiredValue(data)));
            return ExitCodes.Success;
        });
        return new Command("log", "The log that receipts are proved by.") { key };
    }
}
