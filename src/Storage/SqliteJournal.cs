using System.Globalization;
using Microsoft.Data.Sqlite;
using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>
/// The journal in a SQLite file: WAL, <c>synchronous=FULL</c> (a commit is on the disk before it is acknowledged), no pooling. The head row
/// names the last record and is the fence: it moves only from the sequence that the writer expects. Not safe for several threads.
/// </summary>
public sealed class SqliteJournal : IJournal
{
    /// <summary>Version of the tables.</summary>
    public const int SchemaVersion = 1;

    // How long another connection's lock is waited for; the data folder's own lock makes one writer the rule.
    const int BusySeconds = 10;

    // A record of thousands of receipts has megabytes, which SQLite writes page by page, to its log and then to the file: large pages are
    // fewer calls. A file that is there keeps the pages it has.
    const string PageSize = "PRAGMA page_size = 16384";

    const string Schema = """
        CREATE TABLE journal_head (
            id INTEGER PRIMARY KEY CHECK (id = 1), schema_version INTEGER NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL);
        CREATE TABLE journal (
            sequence INTEGER PRIMARY KEY, timestamp_ns INTEGER NOT NULL, previous BLOB NOT NULL, payload BLOB NOT NULL, hash BLOB NOT NULL);
        INSERT INTO journal_head (id, schema_version, sequence, hash) VALUES (1, 1, 0, zeroblob(32));
        """;

    readonly string path;
    readonly SqliteConnection connection;
    readonly SqliteCommand moveHead;
    readonly SqliteCommand insert;

    static SqliteJournal() => SQLitePCL.Batteries_V2.Init();

    SqliteJournal(string path, SqliteConnection connection)
    {
        this.path = path;
        this.connection = connection;
        moveHead = Command(
            "UPDATE journal_head SET sequence = $sequence, hash = $hash WHERE id = 1 AND sequence = $expected",
            "$sequence", "$hash", "$expected");
        insert = Command(
            "INSERT INTO journal (sequence, timestamp_ns, previous, payload, hash) "
                + "VALUES ($sequence, $timestamp, $previous, $payload, $hash)",
            "$sequence", "$timestamp", "$previous", "$payload", "$hash");
    }

    public ulong LastSequence => (ulong)Scalar("SELECT sequence FROM journal_head WHERE id = 1");

    /// <summary>SQLite's durability level of this connection: 2 is FULL.</summary>
    internal long Synchronous => Scalar("PRAGMA synchronous");

    /// <summary>Opens a journal, creating the file where there is none.</summary>
    /// <exception cref="JournalFileException">The file is not a journal of this version, or cannot be opened.</exception>
    public static SqliteJournal Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var text = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = BusySeconds }.ToString();
        var connection = new SqliteConnection(text);
        try
        {
            connection.Open();
            CopyOnClose(connection, false);
            Prepare(connection, path);
            CopyOnClose(connection, true);
            return new SqliteJournal(path, connection);
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw new JournalFileException(path, exception.Message, exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public IEnumerable<JournalRecord> Read(ulong fromSequence)
    {
        var last = Guarded(() => LastSequence, Math.Max(1, fromSequence));
        using var command = Command(
            "SELECT sequence, timestamp_ns, previous, payload, hash FROM journal WHERE sequence >= $from ORDER BY sequence", "$from");
        command.Parameters[0].Value = (long)fromSequence;
        using var reader = Guarded(command.ExecuteReader, Math.Max(1, fromSequence));
        foreach (var record in JournalRecords.InOrder(
            fromSequence, last, expected => Guarded(() => reader.Read() ? RecordOf(reader) : null, expected)))
        {
            yield return record;
        }
    }

    public JournalRecord? Find(ulong sequence)
    {
        using var command = Command(
            "SELECT sequence, timestamp_ns, previous, payload, hash FROM journal WHERE sequence = $sequence", "$sequence");
        command.Parameters[0].Value = (long)sequence;
        using var reader = Guarded(command.ExecuteReader, sequence);
        return Guarded(reader.Read, sequence) ? Guarded(() => RecordOf(reader), sequence) : null;
    }

    public void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
    {
        ArgumentNullException.ThrowIfNull(records);
        if (records.Count == 0)
        {
            return;
        }
        Run(connection, "BEGIN IMMEDIATE");
        try
        {
            Write(records, expectedLastSequence);
            Run(connection, "COMMIT");
        }
        catch
        {
            RollBack(connection);
            throw;
        }
    }

    public void Dispose()
    {
        moveHead.Dispose();
        insert.Dispose();
        connection.Dispose();
    }

    /// <summary>Lets the file grow by so many pages only, as a full disk would.</summary>
    internal void LimitPages(int more) =>
        Run(connection, $"PRAGMA max_page_count = {(Scalar("PRAGMA page_count") + more).ToString(CultureInfo.InvariantCulture)}");

    void Write(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
    {
        moveHead.Parameters[0].Value = (long)records[^1].Sequence;
        moveHead.Parameters[1].Value = records[^1].Hash.ToArray();
        moveHead.Parameters[2].Value = (long)expectedLastSequence;
        if (moveHead.ExecuteNonQuery() != 1)
        {
            throw new JournalFencedException(expectedLastSequence);
        }
        for (var i = 0; i < records.Count; i++)
        {
            var record = records[i];
            if (record.Sequence != expectedLastSequence + 1 + (ulong)i)
            {
                throw new ArgumentException($"record {record.Sequence} does not follow the one before it", nameof(records));
            }
            insert.Parameters[0].Value = (long)record.Sequence;
            insert.Parameters[1].Value = (long)record.TimestampNs;
            insert.Parameters[2].Value = record.Previous.ToArray();
            insert.Parameters[3].Value = record.Payload;
            insert.Parameters[4].Value = record.Hash.ToArray();
            _ = insert.ExecuteNonQuery();
        }
    }

    // Where SQLite has rolled back by itself, as it does when the disk fails, there is nothing left to roll back. SqliteTransaction takes
    // that for an error, which would hide the first one and keep the connection, with its locks, from closing: so it is not used here.
    static void RollBack(SqliteConnection connection)
    {
        try
        {
            Run(connection, "ROLLBACK");
        }
        catch (SqliteException)
        {
        }
    }

    static void Prepare(SqliteConnection connection, string path)
    {
        Run(connection, PageSize);
        // Where WAL cannot be had, such as on some network folders, a commit would not be as durable as promised.
        if (TextOf(connection, "PRAGMA journal_mode = WAL") != "wal")
        {
            throw new JournalFileException(path, "write-ahead logging is not available there: use a local folder", null);
        }
        Run(connection, "PRAGMA synchronous = FULL");
        CreateTables(connection, path);
        Settle(connection, path);
    }

    static void CreateTables(SqliteConnection connection, string path)
    {
        Run(connection, "BEGIN IMMEDIATE");
        try
        {
            if (TextOf(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'journal_head'") == "0")
            {
                Run(connection, Schema);
            }
            Run(connection, "COMMIT");
        }
        catch
        {
            RollBack(connection);
            throw;
        }
        var version = TextOf(connection, "SELECT schema_version FROM journal_head WHERE id = 1");
        if (version != SchemaVersion.ToString(CultureInfo.InvariantCulture))
        {
            throw new JournalFileException(path, $"its tables have version {version}, this program knows {SchemaVersion}", null);
        }
    }

    // What this connection has found must stay so, whatever a process before it has left behind. A commit whose sync failed is read, and
    // yet a power loss would take it, and with it whatever came after: so the write-ahead log is copied into the file, and that synced. A
    // commit that was not found may lie in a log whose deletion was not synced, and come back with it: so something is written then (a
    // count of the openings, as SQLite does not write what changes nothing), which begins the log anew and syncs it, and its name.
    static void Settle(SqliteConnection connection, string path)
    {
        var (isBusy, pages) = (false, 0L);
        // SQLite waits for readers and writers, but not for another copy that is under way.
        _ = SpinWait.SpinUntil(
            () =>
            {
                (isBusy, pages) = CopyLog(connection);
                return pages >= 0 || !isBusy;
            },
            TimeSpan.FromSeconds(BusySeconds));
        if (pages < 0)
        {
            // Where the disk fails while a file is changed over, SQLite says "wal" and goes on without a log.
            throw new JournalFileException(
                path,
                isBusy ? "another process keeps its write-ahead log busy: stop that one, or open it again"
                    : "write-ahead logging could not be turned on: open it again",
                null);
        }
        var openings = int.Parse(TextOf(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture) & (int.MaxValue >> 1);
        Run(connection, $"PRAGMA user_version = {(openings + 1).ToString(CultureInfo.InvariantCulture)}");
    }

    // Pages are −1 where there is no log, or where another connection is copying it.
    static (bool IsBusy, long Pages) CopyLog(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        using var reader = command.ExecuteReader();
        _ = reader.Read();
        return (reader.GetInt64(0) != 0, reader.GetInt64(1));
    }

    // The last connection to close copies the write-ahead log into the file and deletes it. After an opening that failed it must not: where
    // the sync of the log failed and its changes were dropped, the next sync says that all is well, the copy is newer than the log on the
    // disk, and that one comes back with a power loss, as its deletion is not synced, and puts older pages among the file's.
    static void CopyOnClose(SqliteConnection connection, bool copies)
    {
        if (SQLitePCL.raw.sqlite3_db_config(
            connection.Handle, SQLitePCL.raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, copies ? 0 : 1, out _) != SQLitePCL.raw.SQLITE_OK)
        {
            throw new InvalidOperationException("SQLite does not take how it is to be closed");
        }
    }

    static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    static string TextOf(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }

    static JournalRecord RecordOf(SqliteDataReader reader) => new(
        (ulong)reader.GetInt64(0),
        (ulong)reader.GetInt64(1),
        new ContentHash((byte[])reader.GetValue(2)),
        (byte[])reader.GetValue(3),
        new ContentHash((byte[])reader.GetValue(4)));

    // A page that SQLite cannot read, or a column that is missing or of another type or size, is a damaged record, and is named.
    static T Guarded<T>(Func<T> read, ulong sequence)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (
            exception is SqliteException or ArgumentException or InvalidCastException or InvalidOperationException)
        {
            throw new JournalCorruptException(sequence, $"cannot be read ({exception.Message.TrimEnd('.')})");
        }
    }

    long Scalar(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteScalar() is long value ? value : throw new JournalFileException(path, "its head is missing", null);
    }

    SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            _ = command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }
        return command;
    }
}

/// <summary>A file should be a journal, and is not, or cannot be opened.</summary>
public sealed class JournalFileException : UserErrorException
{
    public JournalFileException(string path, string problem, Exception? inner)
        : base($"the journal {path} cannot be used: {problem}", inner!)
    {
    }
}
