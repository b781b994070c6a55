using System.Text;
using Npgsql;
using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>
/// A journal and what was published of its log, opened for a check: nothing is changed. Of a data folder, which is locked meanwhile, the
/// journal is read from a copy in a temporary folder (SQLite writes to a file that it opens); of a database, within read-only
/// transactions, while silos may go on.
/// </summary>
public sealed class JournalInspection : IDisposable
{
    readonly FileStream? held;
    readonly DirectoryInfo? copies;
    readonly NpgsqlDataSource? source;
    readonly Func<IJournal> open;

    JournalInspection(string place, Func<IJournal> open, FileStream? held, DirectoryInfo? copies, NpgsqlDataSource? source)
    {
        Place = place;
        this.open = open;
        this.held = held;
        this.copies = copies;
        this.source = source;
    }

    /// <summary>What is checked, for messages: a folder, or a database without its password.</summary>
    public string Place { get; }

    /// <summary>The log's public key, a C2SP signed-note verifier key; null where none was ever published.</summary>
    public string? LogKey { get; private init; }

    /// <summary>The log's tiles; null where there are none.</summary>
    public ITileStore? Tiles { get; private init; }

    /// <summary>Whether the log may go on meanwhile.</summary>
    public bool MayGrow => source is not null;

    /// <summary>Locks a data folder and copies its journal.</summary>
    /// <exception cref="DataFolderException">Not a data folder, of another version, in use by a silo, or not readable.</exception>
    public static JournalInspection OfFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var folder = Path.GetFullPath(path);
        if (!File.Exists(Path.Combine(folder, "format")) || !File.Exists(Path.Combine(folder, "lock")))
        {
            throw new DataFolderException($"there is no data folder at {folder}: name the folder that a silo was started with");
        }
        _ = DataFolder.CheckFormat(folder);
        var held = DataFolder.Lock(folder, FileMode.Open, FileAccess.Read);
        var copies = Directory.CreateTempSubdirectory("openledger-fsck-");
        try
        {
            foreach (var name in new[] { DataFolder.JournalName, DataFolder.JournalName + "-wal" })
            {
                var from = Path.Combine(folder, name);
                if (File.Exists(from))
                {
                    File.Copy(from, Path.Combine(copies.FullName, name));
                }
            }
        }
        catch (Exception exception)
        {
            copies.Delete(recursive: true);
            held.Dispose();
            throw new DataFolderException($"the data folder {folder} cannot be read: {exception.Message}");
        }
        var journal = Path.Combine(copies.FullName, DataFolder.JournalName);
        var key = Path.Combine(folder, DataFolder.LogKeyName);
        var tiles = Path.Combine(folder, "log");
        return new JournalInspection(folder, () => OpenCopy(journal, folder), held, copies, null)
        {
            LogKey = File.Exists(key) ? File.ReadAllText(key).Trim() : null,
            Tiles = Directory.Exists(tiles) ? new FileTileStore(tiles) : null,
        };
    }

    /// <summary>Opens a database for reading.</summary>
    /// <exception cref="DatabaseException">Not reachable, or it holds no network.</exception>
    public static JournalInspection OfDatabase(string connectionString)
    {
        var builder = PostgresConnection.Parse(PostgresConnection.Bounded(connectionString));
        builder.Options = $"{builder.Options} -c default_transaction_read_only=on".Trim();
        var place = PostgresConnection.Describe(connectionString);
        var source = NpgsqlDataSource.Create(builder.ToString());
        try
        {
            if (!HasTable(source, "journal_head"))
            {
                throw new DatabaseException($"the database {place} holds no network: name the one that the silos use");
            }
            return new JournalInspection(place, () => PostgresJournal.Open(source), null, null, source)
            {
                LogKey = TextOf(source, "SELECT verifier FROM log_key WHERE id = 1"),
                Tiles = HasTable(source, "log_tile") ? new PostgresTileStore(source) : null,
            };
        }
        catch (NpgsqlException exception)
        {
            source.Dispose();
            throw new DatabaseException($"the database {place} cannot be read: {exception.Message}");
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Opens the journal; the caller disposes it.</summary>
    /// <exception cref="JournalFileException">The file is missing, or no journal.</exception>
    public IJournal OpenJournal() => open();

    /// <summary>The checkpoint that was published last: size and root. Null where there is none.</summary>
    /// <exception cref="ProofFormatException">It is not one, or not signed by this log's key.</exception>
    public CheckpointClaim? PublishedCheckpoint() =>
        Tiles?.ReadCheckpoint() is { } note ? ClaimOf("the published checkpoint", note, LogKey) : null;

    /// <summary>A claim from a signed checkpoint.</summary>
    /// <param name="logKey">The key that must have signed it.</param>
    /// <exception cref="ProofFormatException">It is not a checkpoint, or not signed by this key.</exception>
    public static CheckpointClaim ClaimOf(string from, string note, string? logKey)
    {
        var signed = SignedNote.Parse(Encoding.UTF8.GetBytes(note));
        if (logKey is null)
        {
            throw new ProofFormatException($"{from} cannot be trusted: there is no log key to check its signature with; pass --key");
        }
        var verifier = NoteVerifier.Parse(logKey);
        if (!signed.Verify(verifier))
        {
            throw new ProofFormatException($"{from} is not signed by the log's key {verifier.Name}");
        }
        var checkpoint = Checkpoint.Parse(signed.Text);
        return new CheckpointClaim($"{from} ({checkpoint.TreeSize} entries)", checkpoint.TreeSize, checkpoint.Root);
    }

    public void Dispose()
    {
        source?.Dispose();
        copies?.Delete(recursive: true);
        held?.Dispose();
    }

    static SqliteJournal OpenCopy(string journal, string folder) => File.Exists(journal)
        ? SqliteJournal.Open(journal)
        : throw new JournalFileException(Path.Combine(folder, DataFolder.JournalName), "it is missing", null);

    static bool HasTable(NpgsqlDataSource source, string table) => TextOf(source, $"SELECT to_regclass('{table}')::text") is not null;

    static string? TextOf(NpgsqlDataSource source, string sql)
    {
        using var command = source.CreateCommand(sql);
        return command.ExecuteScalar() as string;
    }
}
