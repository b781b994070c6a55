using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Ledger;
using OpenLedger.Storage;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger fsck</c>: recomputes everything from the journal, and says what disagrees.</summary>
static class FsckCommand
{
    public static Command Build()
    {
        var data = CommonOptions.Data();
        var postgres = new Option<string?>("--postgres")
        {
            Description = "Check the journal of a PostgreSQL database instead: \"Host=…;Database=…;Username=…\". "
                + "Silos may go on meanwhile.",
            HelpName = "connection",
        };
        var checkpoints = new Option<string[]>("--checkpoint")
        {
            Description = "A file with a checkpoint of the log that somebody kept, which the journal must lead to; may be given again.",
            HelpName = "file",
        };
        var key = new Option<string?>("--key")
        {
            Description = "The log's public key (name+hash+base64), or a file that holds it. "
                + "Without it, the one beside the journal is taken.",
            HelpName = "key",
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "fsck",
            "Check a ledger from its first byte to its last: the chain of records, every balance, the log's tree, its tiles and "
                + "checkpoints. Reads only; stop the silo of a data folder first. "
                + "Exit code 0: sound, 1: it is not, 2: it could not be checked.")
        {
            data, postgres, checkpoints, key, json,
        };
        command.SetAction(result =>
        {
            var given = result.GetValue(postgres);
            using var inspection = given is null
                ? JournalInspection.OfFolder(result.GetRequiredValue(data)) : JournalInspection.OfDatabase(given);
            var logKey = result.GetValue(key) is { } named ? LogKeyFile.Read(named) : inspection.LogKey;
            return Run(inspection, result.GetValue(checkpoints) ?? [], logKey, result.GetValue(json));
        });
        return command;
    }

    static int Run(JournalInspection inspection, string[] checkpointFiles, string? logKey, bool json)
    {
        var problems = new List<FsckProblem>();
        var claims = new List<CheckpointClaim>();
        foreach (var path in checkpointFiles)
        {
            claims.Add(JournalInspection.ClaimOf(path, ReadCheckpoint(path), logKey));
        }

        try
        {
            if (inspection.PublishedCheckpoint() is { } published)
            {
                claims.Add(published);
            }
        }
        catch (ProofFormatException exception)
        {
            problems.Add(new FsckProblem(null, exception.Message));
        }

        FsckReport report;
        try
        {
            using var journal = inspection.OpenJournal();
            using var progress = new FsckProgressLines(Console.Error, TimeProvider.System);
            report = LedgerFsck.Check(journal, new FsckClaims(claims, inspection.Tiles, inspection.MayGrow), progress);
        }
        catch (JournalFileException exception)
        {
            report = FsckReport.Empty with { Problems = [new FsckProblem(null, exception.Message)] };
        }

        report = report with { Problems = [.. problems, .. report.Problems] };
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(FsckOutcome.Of(report, inspection.Place), FsckJson.Default.FsckOutcome));
        }
        else
        {
            Print(report, inspection.Place, claims.Count);
        }

        return report.IsSound ? ExitCodes.Success : ExitCodes.Negative;
    }

    static string ReadCheckpoint(string path)
    {
        if (!File.Exists(path))
        {
            throw new UserErrorException($"There is no file '{path}'.");
        }

        return new FileInfo(path).Length <= SignedNote.SizeBytesMax
            ? File.ReadAllText(path)
            : throw new UserErrorException($"'{path}' is too large to be a checkpoint.");
    }

    static void Print(FsckReport report, string place, int claims)
    {
        var culture = CultureInfo.InvariantCulture;
        Console.WriteLine(report.IsSound ? "SOUND" : "UNSOUND");
        Console.WriteLine($"  ledger       {place}");
        Console.WriteLine(string.Create(culture, $"  records      {report.Records:N0}, each with its hash, chained to the one before"));
        Console.WriteLine(string.Create(culture, $"  book         {report.Accounts:N0} accounts, {report.Transfers:N0} transfers"));
        Console.WriteLine($"  circulating  {report.Circulating} OPEN");
        Console.WriteLine(string.Create(culture, $"  log          {report.TreeSize:N0} entries, {report.Receipts:N0} of them receipts"));
        Console.WriteLine($"  root         {report.Root}");
        Console.WriteLine(string.Create(culture, $"  checkpoints  {report.CheckpointsAgreed:N0} of {claims:N0} agree"));
        Console.WriteLine(string.Create(culture, $"  tiles        {report.TilesAgreed:N0} agree"));
        foreach (var problem in report.Problems)
        {
            var where = problem.Sequence is { } sequence ? string.Create(culture, $"record {sequence}: ") : "";
            Console.WriteLine($"  problem      {where}{problem.Problem}");
        }
    }
}

/// <summary>Says how far a check has come, once a second, from the first second on.</summary>
sealed class FsckProgressLines(TextWriter output, TimeProvider clock) : IProgress<FsckProgress>, IDisposable
{
    static readonly TimeSpan interval = TimeSpan.FromSeconds(1);
    long last = clock.GetTimestamp();

    public void Report(FsckProgress value)
    {
        if (clock.GetElapsedTime(last) < interval)
        {
            return;
        }

        last = clock.GetTimestamp();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"checked: {value.Records:N0} of {value.Total:N0} records"));
    }

    public void Dispose() => output.Flush();
}

sealed record FsckOutcome(
    bool Sound, string Ledger, ulong Records, int Accounts, long Transfers, string Circulating, ulong LogSize, string LogRoot, int Receipts,
    int CheckpointsAgreed, int TilesAgreed, IReadOnlyList<FsckProblemOutcome> Problems)
{
    public static FsckOutcome Of(FsckReport report, string place) => new(
        report.IsSound, place, report.Records, report.Accounts, report.Transfers, report.Circulating.ToString(), report.TreeSize,
        report.Root.ToString(), report.Receipts, report.CheckpointsAgreed, report.TilesAgreed,
        [.. report.Problems.Select(problem => new FsckProblemOutcome(problem.Sequence, problem.Problem))]);
}

sealed record FsckProblemOutcome(ulong? Record, string Problem);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(FsckOutcome))]
sealed partial class FsckJson : JsonSerializerContext;
