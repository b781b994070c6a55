using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Cli.Monitoring;
using OpenLedger.Ledger;
using OpenLedger.Storage;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger monitor</c>: follows a log from outside, and says when it lies.</summary>
static class MonitorCommand
{
    static readonly Option<string> log = new("--log")
    {
        Description = "The log's address: a silo's is http://…/log.",
        Required = true,
        HelpName = "url",
    };

    static readonly Option<string> key = new("--key")
    {
        Description = "The log's public key (name+hash+base64), or a file that holds it; from whoever you trust to run the log.",
        Required = true,
        HelpName = "key",
    };

    static readonly Option<string> folder = new("--state")
    {
        Description = "What was seen, and evidence of what the log was caught at. A web server can serve its checkpoint to peers.",
        DefaultValueFactory = _ => "monitor",
        HelpName = "folder",
    };

    static readonly Option<bool> once = new("--once") { Description = "Look once, and exit with 0 when all is well." };

    static readonly Option<bool> added = new("--new-only")
    {
        Description = "Read only the entries that were added; without it, the first look reads every entry anew.",
    };

    static readonly Option<double> seconds = new("--interval")
    {
        Description = "Seconds between two looks.",
        DefaultValueFactory = _ => 10,
    };

    static readonly Option<string[]> peer = new("--peer")
    {
        Description = "Address of a checkpoint of this log that another monitor or a witness saw; repeat it for several.",
        HelpName = "url",
    };

    static readonly Option<string[]> receipt = new("--receipt")
    {
        Description = "A receipt file whose entry must be in the log; repeat it for several.",
        HelpName = "file",
    };

    static readonly Option<string[]> witness = CommonOptions.Witness();

    static readonly Option<int?> threshold = CommonOptions.WitnessThreshold();

    static readonly Option<bool> json = new("--json") { Description = "Print one JSON object a line instead of text." };

    public static Command Build()
    {
        var command = new Command(
            "monitor",
            "Follow a log: its checkpoints must be signed, each contain the one before, and its entries lead to the signed root.\n"
            + "Exit code 0: all is well, 1: the log was caught at something (the evidence is saved), 75: it does not answer.")
        {
            log, key, folder, once, added, seconds, peer, receipt, witness, threshold, json,
        };
        command.SetAction(Run);
        return command;
    }

    static async Task<int> Run(ParseResult result, CancellationToken cancellation)
    {
        var pause = result.GetValue(seconds) is var given and >= 0.1 and <= 86_400
            ? TimeSpan.FromSeconds(given)
            : throw new UserErrorException("--interval takes 0.1 to 86,400 seconds.");
        var policy = CommonOptions.Policy(result, witness, threshold);
        var receipts = (result.GetValue(receipt) ?? []).Select(ReadReceipt).ToList();
        using var source = new HttpLogSource(result.GetRequiredValue(log));
        using var state = new MonitorFolder(result.GetRequiredValue(folder));
        var monitor = new LogMonitor(NoteVerifier.Parse(LogKeyFile.Read(result.GetRequiredValue(key))), source, policy);
        var seen = state.Read();
        var full = !result.GetValue(added);
        while (true)
        {
            try
            {
                var peers = await ReadPeers(source, result.GetValue(peer) ?? [], cancellation);
                var report = await monitor.Look(seen, full, peers, receipts, cancellation);
                var path = report.Holds ? null : state.WriteEvidence(report, TimeProvider.System.GetUtcNow());
                Print(report, path, result.GetValue(json));
                if (!report.Holds)
                {
                    return ExitCodes.Negative;
                }

                seen = report.State!;
                state.Write(seen);
                full = false;
            }
            catch (LogUnreachableException exception)
            {
                await Console.Error.WriteLineAsync($"unavailable: {exception.Message}");
                if (result.GetValue(once))
                {
                    return ExitCodes.Busy;
                }
            }

            if (result.GetValue(once))
            {
                return ExitCodes.Success;
            }

            await Task.Delay(pause, TimeProvider.System, cancellation);
        }
    }

    static async Task<List<string>> ReadPeers(HttpLogSource source, string[] urls, CancellationToken cancellation)
    {
        var notes = new List<string>();
        foreach (var url in urls)
        {
            var address = HttpLogSource.Address(url).ToString();
            var whole = address.EndsWith("/checkpoint", StringComparison.Ordinal) ? address : address.TrimEnd('/') + "/checkpoint";
            if (await source.ReadNote(whole, cancellation) is { } note)
            {
                notes.Add(note);
            }
        }

        return notes;
    }

    static byte[] ReadReceipt(string path) => !File.Exists(path)
        ? throw new UserErrorException($"There is no file '{path}'.")
        : new FileInfo(path).Length > TlogProof.SizeBytesMax
            ? throw new UserErrorException($"'{path}' is larger than any receipt ({TlogProof.SizeBytesMax:N0} bytes).")
            : File.ReadAllBytes(path);

    static void Print(MonitorReport report, string? evidence, bool asJson)
    {
        if (asJson)
        {
            var view = new MonitorView(
                report.Holds, report.Holds ? null : report.Fault.ToString(), report.Message, report.OldSize, report.NewSize,
                report.EntriesRead, [.. report.Cosignatures.Select(each => each.Witness)], evidence);
            Console.WriteLine(JsonSerializer.Serialize(view, MonitorJson.Default.MonitorView));
            return;
        }

        Console.WriteLine(report.Holds
            ? $"ok    {report.Message}; {report.EntriesRead} read, {report.Cosignatures.Count} witnesses"
            : $"LIES  {report.Fault}: {report.Message}\n      evidence {evidence}");
    }
}

sealed record MonitorView(
    bool Ok, string? Fault, string Message, ulong OldSize, ulong NewSize, ulong EntriesRead, IReadOnlyList<string> Witnesses,
    string? Evidence);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MonitorView))]
sealed partial class MonitorJson : JsonSerializerContext;
