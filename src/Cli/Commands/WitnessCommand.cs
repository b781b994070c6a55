using System.CommandLine;
using System.Text;
using OpenLedger.Ledger;
using OpenLedger.Silo.Log;
using OpenLedger.Storage;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger witness</c>: cosigns the checkpoints of logs that only grow.</summary>
static class WitnessCommand
{
    public static Command Build() => new("witness", "Be a witness: cosign the checkpoints of logs that have only grown.")
    {
        NewKey(), Run(),
    };

    static Command NewKey()
    {
        var name = new Argument<string>("name") { Description = "The witness's name, like an address: witness.example/w1." };
        var file = new Option<string>("--out") { Description = "Where the private key goes.", DefaultValueFactory = _ => "witness.key" };
        var command = new Command("new-key", "Make a witness's key; prints the public half, for logs and verifiers.") { name, file };
        command.SetAction(result =>
        {
            var path = result.GetRequiredValue(file);
            var text = CosignatureSigner.PrivateText(
                result.GetRequiredValue(name), IdSource.Secure().NextBytes(Ed25519.SeedSizeBytes));
            using var signer = CosignatureSigner.Parse(text);
            WriteNew(path, text + "\n");
            Console.WriteLine(signer.Verifier);
            return ExitCodes.Success;
        });
        return command;
    }

    static Command Run()
    {
        var key = new Option<string>("--key") { Description = "File of the witness's private key.", Required = true, HelpName = "file" };
        var log = new Option<string[]>("--log")
        {
            Description = "Key of a log to witness (name+hash+base64), or a file that holds it; repeat it for several.",
            Required = true,
            HelpName = "key",
        };
        var state = new Option<string>("--state")
        {
            Description = "What was cosigned last, for each log. A witness that loses it may contradict itself: keep it.",
            DefaultValueFactory = _ => "witness",
            HelpName = "folder",
        };
        var url = new Option<string>("--url") { Description = "Where to listen.", DefaultValueFactory = _ => "http://127.0.0.1:7080" };
        var command = new Command("run", "Serve add-checkpoint (C2SP tlog-witness). Stop it with Ctrl+C.") { key, log, state, url };
        command.SetAction(async (result, cancellation) =>
        {
            using var signer = CosignatureSigner.Parse(ReadPrivate(result.GetRequiredValue(key)));
            var logs = result.GetRequiredValue(log).Select(each => NoteVerifier.Parse(LogKeyFile.Read(each))).ToList();
            if (logs.Count > Witness.LogsMax)
            {
                throw new UserErrorException($"A witness has at most {Witness.LogsMax} logs.");
            }

            using var store = new FileWitnessStore(result.GetRequiredValue(state));
            var witness = new Witness(signer, logs, store, TimeProvider.System);
            await using var server = await WitnessServer.Start(witness, result.GetRequiredValue(url), cancellation);
            Console.WriteLine($"witness {witness.Key} at {server.Url}");
            foreach (var each in logs)
            {
                Console.WriteLine($"  log   {each.Name}, {server.Url}/{ContentHash.OfText(each.Name).Hex}/checkpoint");
            }

            await server.WaitForStop(cancellation);
            return ExitCodes.Success;
        });
        return command;
    }

    static void WriteNew(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using var file = new FileStream(path, options);
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        catch (IOException exception)
        {
            throw new UserErrorException($"'{path}' cannot be made: {exception.Message} A key is never written over.", exception);
        }
    }

    static string ReadPrivate(string path)
    {
        const int sizeBytesMax = 4_096;
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!File.Exists(path) || new FileInfo(path).Length > sizeBytesMax)
        {
            throw new UserErrorException($"There is no witness key '{path}': 'openledger witness new-key NAME --out {path}' makes one.");
        }

        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & others) == 0
            ? File.ReadAllText(path).Trim()
            : throw new UserErrorException($"The witness key '{path}' can be read or written by others: chmod 600 it.");
    }
}
