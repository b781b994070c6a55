using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;
using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>How far a copy is.</summary>
/// <param name="Part">blobs, grain state, reminders, journal or checking.</param>
/// <param name="Done">Items done.</param>
/// <param name="Total">Items in all.</param>
public sealed record MoveProgress(string Part, long Done, long Total);

/// <summary>What was copied, and the ledger that it replays to.</summary>
public sealed record MoveReport(
    long GrainStates, long Reminders, ulong JournalRecords, long Blobs, long BlobBytes, ulong LogSize, ContentHash LogRoot, int Accounts,
    long Receipts);

/// <summary>
/// Copies a data folder into a PostgreSQL database. Blobs go first, each in a transaction of its own, and those that are there already are
/// passed over, so that an interrupted copy goes on where it was. Grain state, reminders and journal follow in one transaction, which is
/// committed only when the copied journal replays to the same log and the same balances as the original.
/// </summary>
public sealed class PostgresMove
{
    const int JournalBatchRecordsMax = 256;
    const long JournalBatchSizeBytesMax = 8 << 20;
    const string StateColumns = "ServiceId, GrainTypeString, GrainIdExtensionString, PayloadBinary, Version";
    const string ReminderColumns = "ServiceId, GrainId, ReminderName, StartTime, Period, GrainHash, Version";
    const string StateQuery = $"SELECT {StateColumns} FROM OrleansStorage ORDER BY ServiceId, GrainTypeString, GrainIdExtensionString";
    const string ReminderQuery = $"SELECT {ReminderColumns} FROM OrleansRemindersTable ORDER BY ServiceId, GrainId, ReminderName";

    static readonly (string Table, string What)[] used =
    [
        ("OrleansStorage", "grain state"), ("OrleansRemindersTable", "reminders"), ("journal", "a journal"),
        ("OrleansMembershipTable", "silos"),
    ];

    readonly DataFolderSnapshot source;
    readonly PostgresDatabase target;
    readonly TimeProvider clock;
    readonly IProgress<MoveProgress> progress;
    readonly string database;

    /// <param name="clock">Wanted by the ledger that the journals are replayed in; nothing is written by it.</param>
    public PostgresMove(DataFolderSnapshot source, PostgresDatabase target, TimeProvider clock, IProgress<MoveProgress> progress)
    {
        ArgumentNullException.ThrowIfNull(target);
        this.source = source;
        this.target = target;
        this.clock = clock;
        this.progress = progress;
        database = PostgresConnection.Describe(target.ConnectionString);
    }

    /// <summary>Copies and verifies. When it fails the database holds some of the blobs at most, and it can be repeated.</summary>
    /// <exception cref="DatabaseException">
    /// The database is in use by a network, belongs to another log, does not answer, or holds something else than was copied.
    /// </exception>
    /// <exception cref="JournalCorruptException">The folder's journal is damaged.</exception>
    /// <exception cref="BlobDamagedException">A blob's bytes do not have its hash.</exception>
    public async Task<MoveReport> Run(CancellationToken cancellation = default)
    {
        try
        {
            await using (var connection = await target.DataSource.OpenConnectionAsync(cancellation))
            {
                await RefuseUsed(connection, null, cancellation);
            }
            var original = Replay(source.OpenJournal());
            var blobs = source.Blobs();
            await CopyBlobs(blobs, cancellation);
            return await CopyTables(original, blobs, cancellation);
        }
        catch (Exception exception) when (exception is NpgsqlException or JournalUnavailableException)
        {
            throw new DatabaseException($"the copy to {database} failed, and can be repeated: {exception.Message}", exception);
        }
    }

    async Task CopyBlobs(IReadOnlyList<BlobFile> blobs, CancellationToken cancellation)
    {
        for (var i = 0; i < blobs.Count; i++)
        {
            progress.Report(new MoveProgress("blobs", i, blobs.Count));
            var blob = blobs[i];
            if (target.Blobs.Exists(blob.Hash))
            {
                continue;
            }
            // Hashed before it is sent, so that damage never gets there.
            await using (var file = File.OpenRead(blob.Path))
            {
                if (await ContentHash.OfStreamAsync(file, cancellation) != blob.Hash)
                {
                    throw new BlobDamagedException(blob.Hash);
                }
            }
            await using var content = File.OpenRead(blob.Path);
            _ = await target.Blobs.PutAsync(content, cancellation);
        }
        progress.Report(new MoveProgress("blobs", blobs.Count, blobs.Count));
    }

    async Task<MoveReport> CopyTables(LedgerFacts original, IReadOnlyList<BlobFile> blobs, CancellationToken cancellation)
    {
        await using var connection = await target.DataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Execute(
            connection, transaction, "LOCK TABLE OrleansStorage, OrleansRemindersTable, journal_head, journal IN EXCLUSIVE MODE",
            cancellation);
        await RefuseUsed(connection, transaction, cancellation);
        await ClaimLogKey(connection, transaction, cancellation);
        using var state = new SqliteConnection(GrainStateTables.ConnectionString(source.StatePath));
        state.Open();
        var states = CopyStates(state, connection);
        var reminders = CopyReminders(state, connection);
        CopyJournal(transaction, original.LastSequence);
        progress.Report(new MoveProgress("checking", 0, 1));
        Check(original, transaction, states.Digest, reminders.Digest);
        await transaction.CommitAsync(cancellation);
        progress.Report(new MoveProgress("checking", 1, 1));
        return new MoveReport(
            states.Count, reminders.Count, original.LastSequence, blobs.Count, blobs.Sum(blob => blob.SizeBytes), original.LogSize,
            original.LogRoot, original.Balances.Count, original.Receipts);
    }

    (long Count, string Digest) CopyStates(SqliteConnection state, NpgsqlConnection connection)
    {
        var total = Count(state, "OrleansStorage");
        using var command = new SqliteCommand(StateQuery, state);
        using var reader = command.ExecuteReader();
        using var importer = connection.BeginBinaryImport($"COPY OrleansStorage ({StateColumns}) FROM STDIN (FORMAT BINARY)");
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long count = 0;
        for (; reader.Read(); count++)
        {
            progress.Report(new MoveProgress("grain state", count, total));
            var row = StateOf(reader);
            Add(hasher, row.Service, row.State, row.Key, row.Payload, row.Version);
            importer.StartRow();
            importer.Write(row.Service, NpgsqlDbType.Text);
            importer.Write(row.State, NpgsqlDbType.Text);
            importer.Write(row.Key, NpgsqlDbType.Text);
            if (row.Payload is null)
            {
                importer.WriteNull();
            }
            else
            {
                importer.Write(row.Payload, NpgsqlDbType.Bytea);
            }
            importer.Write(checked((int)row.Version), NpgsqlDbType.Integer);
        }
        _ = importer.Complete();
        progress.Report(new MoveProgress("grain state", count, total));
        return (count, Convert.ToHexString(hasher.GetHashAndReset()));
    }

    (long Count, string Digest) CopyReminders(SqliteConnection state, NpgsqlConnection connection)
    {
        var total = Count(state, "OrleansRemindersTable");
        using var command = new SqliteCommand(ReminderQuery, state);
        using var reader = command.ExecuteReader();
        using var importer = connection.BeginBinaryImport($"COPY OrleansRemindersTable ({ReminderColumns}) FROM STDIN (FORMAT BINARY)");
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long count = 0;
        for (; reader.Read(); count++)
        {
            var row = ReminderOf(reader);
            Add(hasher, row.Service, row.Grain, row.Name, Microseconds(row.Start), row.PeriodMs, row.Hash, row.Version);
            importer.StartRow();
            importer.Write(row.Service, NpgsqlDbType.Text);
            importer.Write(row.Grain, NpgsqlDbType.Text);
            importer.Write(row.Name, NpgsqlDbType.Text);
            importer.Write(row.Start, NpgsqlDbType.TimestampTz);
            importer.Write(row.PeriodMs, NpgsqlDbType.Bigint);
            importer.Write(row.Hash, NpgsqlDbType.Integer);
            importer.Write(row.Version, NpgsqlDbType.Integer);
        }
        _ = importer.Complete();
        progress.Report(new MoveProgress("reminders", count, total));
        return (count, Convert.ToHexString(hasher.GetHashAndReset()));
    }

    void CopyJournal(NpgsqlTransaction transaction, ulong total)
    {
        using var from = source.OpenJournal();
        using var to = PostgresJournal.Within(transaction);
        var batch = new List<JournalRecord>();
        ulong written = 0;
        long sizeBytes = 0;
        foreach (var record in from.Read(1))
        {
            batch.Add(record);
            sizeBytes += record.Payload.Length;
            if (batch.Count == JournalBatchRecordsMax || sizeBytes >= JournalBatchSizeBytesMax)
            {
                Write();
            }
        }
        Write();

        void Write()
        {
            to.Append(batch, written);
            written += (ulong)batch.Count;
            batch.Clear();
            sizeBytes = 0;
            progress.Report(new MoveProgress("journal", checked((long)written), checked((long)total)));
        }
    }

    // The same facts, computed from what the database holds now.
    void Check(LedgerFacts original, NpgsqlTransaction transaction, string states, string reminders)
    {
        var copied = Replay(PostgresJournal.Within(transaction));
        var difference = copied.LogRoot != original.LogRoot ? $"the log's root is {copied.LogRoot} and was {original.LogRoot}"
            : copied.LogSize != original.LogSize ? $"the log has {copied.LogSize} entries and had {original.LogSize}"
            : copied.LastSequence != original.LastSequence
                ? $"the journal ends at {copied.LastSequence} and ended at {original.LastSequence}"
            : !copied.Balances.SequenceEqual(original.Balances) ? "the balances differ"
            : Digest(transaction, StateQuery, DigestStates) != states ? "the grain state differs"
            : Digest(transaction, ReminderQuery, DigestReminders) != reminders ? "the reminders differ"
            : null;
        if (difference is not null)
        {
            throw new DatabaseException($"the copy in {database} is not what was copied, and was taken back: {difference}");
        }
    }

    LedgerFacts Replay(IJournal journal)
    {
        // Signs nothing: a core wants a key to open.
        using var signer = new NoteSigner("openledger.local/replay", Ed25519PrivateKey.FromSeed(new byte[Ed25519.SeedSizeBytes]));
        using var core = LedgerCore.Open(journal, signer, clock, IdSource.Secure());
        var audit = core.Audit();
        return audit.Conserved
            ? new LedgerFacts(core.LastSequence, core.TreeSize, core.Root, core.Balances(), core.ReceiptCount)
            : throw new DatabaseException($"the ledger does not balance, so nothing was copied: {audit.Problems[0]}");
    }

    async Task RefuseUsed(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellation)
    {
        foreach (var (table, what) in used)
        {
            await using var command = new NpgsqlCommand($"SELECT EXISTS (SELECT 1 FROM {table})", connection, transaction);
            if (await command.ExecuteScalarAsync(cancellation) is true)
            {
                throw new DatabaseException($"the database {database} is not empty (it holds {what}): name a new one");
            }
        }
    }

    async Task ClaimLogKey(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        await using var claim = new NpgsqlCommand(
            "INSERT INTO log_key (id, verifier) VALUES (1, @key) ON CONFLICT (id) DO UPDATE SET id = 1 RETURNING verifier",
            connection, transaction);
        _ = claim.Parameters.AddWithValue("key", source.LogKey);
        if ((string)(await claim.ExecuteScalarAsync(cancellation))! != source.LogKey)
        {
            throw new DatabaseException($"the database {database} belongs to a log with another key: name a new one");
        }
    }

    static string Digest(NpgsqlTransaction transaction, string query, Action<IncrementalHash, NpgsqlDataReader> add)
    {
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var command = new NpgsqlCommand(query, transaction.Connection, transaction);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            add(hasher, reader);
        }
        return Convert.ToHexString(hasher.GetHashAndReset());
    }

    static void DigestStates(IncrementalHash hasher, NpgsqlDataReader reader)
    {
        var row = StateOf(reader);
        Add(hasher, row.Service, row.State, row.Key, row.Payload, row.Version);
    }

    static void DigestReminders(IncrementalHash hasher, NpgsqlDataReader reader)
    {
        var row = ReminderOf(reader);
        Add(hasher, row.Service, row.Grain, row.Name, Microseconds(row.Start), row.PeriodMs, row.Hash, row.Version);
    }

    static (string Service, string State, string Key, byte[]? Payload, long Version) StateOf(System.Data.Common.DbDataReader reader) =>
        (reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : (byte[])reader.GetValue(3),
            Convert.ToInt64(reader.GetValue(4), CultureInfo.InvariantCulture));

    static (string Service, string Grain, string Name, DateTime Start, long PeriodMs, int Hash, int Version) ReminderOf(
        System.Data.Common.DbDataReader reader) =>
        (reader.GetString(0), reader.GetString(1), reader.GetString(2), DateTime.SpecifyKind(reader.GetDateTime(3), DateTimeKind.Utc),
            reader.GetInt64(4), reader.GetInt32(5), reader.GetInt32(6));

    // PostgreSQL keeps no more of a time.
    static long Microseconds(DateTime time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    static void Add(IncrementalHash hasher, params ReadOnlySpan<object?> fields)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var field in fields)
        {
            var bytes = field switch
            {
                null => null,
                byte[] binary => binary,
                _ => Encoding.UTF8.GetBytes(Convert.ToString(field, CultureInfo.InvariantCulture)!),
            };
            BinaryPrimitives.WriteInt32BigEndian(length, bytes?.Length ?? -1);
            hasher.AppendData(length);
            hasher.AppendData(bytes ?? []);
        }
    }

    static long Count(SqliteConnection state, string table)
    {
        using var command = new SqliteCommand($"SELECT count(*) FROM {table}", state);
        return (long)command.ExecuteScalar()!;
    }

    static async Task Execute(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        _ = await command.ExecuteNonQueryAsync(cancellation);
    }

    sealed record LedgerFacts(
        ulong LastSequence, ulong LogSize, ContentHash LogRoot, IReadOnlyList<AccountBalance> Balances, long Receipts);
}
