using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Storage;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger migrate</c>: a PostgreSQL database's schema, and a data folder's move into one.</summary>
static class MigrateCommand
{
    public static Command Build()
    {
        var to = new Option<string>("--to")
        {
            Description = "Connection string of the PostgreSQL database: \"Host=…;Database=…;Username=…\". "
                + "A password in it is never printed; PGPASSWORD or a passfile keeps it off the command line.",
            Required = true,
            HelpName = "connection",
        };
        var from = new Option<string?>("--from")
        {
            Description = "A data folder to copy into the database, which must be empty: grain state, reminders, journal and blobs. "
                + "Stop its silo first; nothing in the folder is changed. Without it only the schema is brought up to date.",
            HelpName = "folder",
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "migrate",
            "Bring a PostgreSQL database's schema up to date, and copy a data folder into it. The copy is verified: the journal is "
                + "replayed from the database, and must come to the same log root and the same balances.")
        {
            to, from, json,
        };
        command.SetAction((result, cancellationToken) =>
            Run(result.GetRequiredValue(to), result.GetValue(from), result.GetValue(json), cancellationToken));
        return command;
    }

    static async Task<int> Run(string connectionString, string? folder, bool json, CancellationToken cancellationToken)
    {
        // The folder first: a mistake in its name should not have made tables.
        using var source = folder is null ? null : DataFolderSnapshot.Open(folder);
        await using var target = PostgresDatabase.Open(connectionString);
        var database = PostgresConnection.Describe(connectionString);
        MoveReport? move = null;
        if (source is not null)
        {
            move = await new PostgresMove(source, target, TimeProvider.System, new MoveProgressLines(Console.Error)).Run(cancellationToken);
        }

        if (json)
        {
            var copy = move is null ? null : CopyOutcome.Of(move, source!.LogKey, source.PrivateKeyPath);
            var outcome = new MigrateOutcome(
                database, target.Migration.From, target.Migration.To, target.Migration.Applied, copy);
            Console.WriteLine(JsonSerializer.Serialize(outcome, MigrateJson.Default.MigrateOutcome));
            return ExitCodes.Success;
        }

        Print(database, target.Migration);
        if (move is not null)
        {
            Print(move, source!);
        }

        return ExitCodes.Success;
    }

    static void Print(string database, MigrationReport schema)
    {
        Console.WriteLine($"database   {database}");
        Console.WriteLine(schema.Applied.Count == 0
            ? $"schema     version {schema.To}, nothing to do"
            : $"schema     version {schema.From} → {schema.To}");
        foreach (var step in schema.Applied)
        {
            Console.WriteLine($"           applied: {step}");
        }
    }

    static void Print(MoveReport move, DataFolderSnapshot source)
    {
        var culture = CultureInfo.InvariantCulture;
        Console.WriteLine($"copied     {source.Folder}");
        Console.WriteLine(string.Create(culture, $"           {move.GrainStates:N0} grain states, {move.Reminders:N0} reminders"));
        Console.WriteLine(string.Create(culture, $"           {move.JournalRecords:N0} journal records"));
        Console.WriteLine(string.Create(culture, $"           {move.Blobs:N0} blobs, {move.BlobBytes:N0} bytes"));
        Console.WriteLine("verified   the journal in the database replays to the same log and the same balances");
        Console.WriteLine($"log root   {move.LogRoot}");
        Console.WriteLine(string.Create(culture, $"log size   {move.LogSize:N0}"));
        Console.WriteLine(string.Create(culture, $"accounts   {move.Accounts:N0}, receipts {move.Receipts:N0}"));
        Console.WriteLine($"log key    {source.LogKey}");
        Console.WriteLine();
        Console.WriteLine($"The key that signs the log stays a file and was not copied: {source.PrivateKeyPath}");
        Console.WriteLine("Give every silo a copy that its user alone can read, and name it by OpenLedger:LogKeyFile");
        Console.WriteLine("(OpenLedger__LogKeyFile in the environment). Do not start a silo on the old folder again: its log would fork.");
    }
}

/// <summary>Progress on a terminal's lines: each part when it starts, at every tenth of it, and when it is done.</summary>
sealed class MoveProgressLines(TextWriter output) : IProgress<MoveProgress>
{
    string part = "";
    long tenth = -1;

    public void Report(MoveProgress value)
    {
        var reached = value.Total == 0 ? 10 : value.Done * 10 / value.Total;
        if (part == value.Part && tenth == reached)
        {
            return;
        }

        (part, tenth) = (value.Part, reached);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Part}: {value.Done:N0} of {value.Total:N0}"));
    }
}

sealed record MigrateOutcome(string Database, int SchemaFrom, int SchemaTo, IReadOnlyList<string> Applied, CopyOutcome? Copy);

sealed record CopyOutcome(
    long GrainStates, long Reminders, ulong JournalRecords, long Blobs, long BlobBytes, ulong LogSize, string LogRoot, int Accounts,
    long Receipts, string LogKey, string LogKeyFile)
{
    public static CopyOutcome Of(MoveReport move, string logKey, string logKeyFile) => new(
        move.GrainStates, move.Reminders, move.JournalRecords, move.Blobs, move.BlobBytes, move.LogSize, move.LogRoot.ToString(),
        move.Accounts, move.Receipts, logKey, logKeyFile);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(MigrateOutcome))]
sealed partial class MigrateJson : JsonSerializerContext;
