using System.Data;
using Npgsql;
using NpgsqlTypes;
using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>
/// The journal in PostgreSQL. One statement moves the head row from the sequence that the writer expects and inserts the records, or does
/// neither; <c>synchronous_commit</c> is on, so that a commit is on the server's disk before it is acknowledged. The head row is the fence
/// between silos: an activation that another one has overtaken writes nothing. Not safe for several threads.
/// </summary>
public sealed class PostgresJournal : IJournal
{
    const string Columns = "sequence, timestamp_ns, previous, payload, hash";

    const string AppendSql = """
        WITH moved AS (
            UPDATE journal_head SET sequence = @last, hash = @lastHash WHERE id = 1 AND sequence = @expected RETURNING 1)
        INSERT INTO journal (sequence, timestamp_ns, previous, payload, hash)
        SELECT * FROM unnest(@sequences, @timestamps, @previous, @payloads, @hashes) WHERE EXISTS (SELECT 1 FROM moved)
        """;

    // What a commit does: one record. Prepared, so that the server plans it once.
    const string AppendOneSql = """
        WITH moved AS (
            UPDATE journal_head SET sequence = $1, hash = $5 WHERE id = 1 AND sequence = $6 RETURNING 1)
        INSERT INTO journal (sequence, timestamp_ns, previous, payload, hash) SELECT $1, $2, $3, $4, $5 FROM moved
        """;

    readonly NpgsqlDataSource? source;
    readonly NpgsqlConnection connection;
    readonly NpgsqlTransaction? transaction;
    readonly NpgsqlCommand append;
    readonly NpgsqlCommand appendOne;
    bool broken;

    PostgresJournal(NpgsqlDataSource? source, NpgsqlConnection connection, NpgsqlTransaction? transaction)
    {
        this.source = source;
        this.connection = connection;
        this.transaction = transaction;
        appendOne = new NpgsqlCommand(AppendOneSql, connection, transaction);
        NpgsqlDbType[] types =
        [
            NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Bytea, NpgsqlDbType.Bytea, NpgsqlDbType.Bytea, NpgsqlDbType.Bigint,
        ];
        Array.ForEach(types, type => appendOne.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type }));
        append = new NpgsqlCommand(AppendSql, connection, transaction);
        Add("last", NpgsqlDbType.Bigint);
        Add("lastHash", NpgsqlDbType.Bytea);
        Add("expected", NpgsqlDbType.Bigint);
        Add("sequences", NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        Add("timestamps", NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        Add("previous", NpgsqlDbType.Array | NpgsqlDbType.Bytea);
        Add("payloads", NpgsqlDbType.Array | NpgsqlDbType.Bytea);
        Add("hashes", NpgsqlDbType.Array | NpgsqlDbType.Bytea);
    }

    public ulong LastSequence => Reachable(() => LastOf(connection, transaction));

    /// <summary>Opens the journal of a database whose schema is up to date.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    public static PostgresJournal Open(NpgsqlDataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Reachable(() =>
        {
            var connection = source.OpenConnection();
            try
            {
                using var command = new NpgsqlCommand("SET synchronous_commit = on", connection);
                _ = command.ExecuteNonQuery();
                return new PostgresJournal(source, connection, null);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        });
    }

    /// <summary>A setting of the connection that writes.</summary>
    internal string? Setting(string name)
    {
        using var command = new NpgsqlCommand("SELECT current_setting(@name)", connection, transaction);
        _ = command.Parameters.AddWithValue("name", name);
        return (string?)command.ExecuteScalar();
    }

    /// <summary>A journal within a transaction of the caller's, who commits it; the connection stays the caller's.</summary>
    internal static PostgresJournal Within(NpgsqlTransaction transaction) => new(null, transaction.Connection!, transaction);

    public IEnumerable<JournalRecord> Read(ulong fromSequence)
    {
        using var own = source is null ? null : Reachable(source.OpenConnection);
        var reading = own ?? connection;
        // The head and the records are those of one moment.
        using var snapshot = own is null ? null : Reachable(() => own.BeginTransaction(IsolationLevel.RepeatableRead));
        var last = Reachable(() => LastOf(reading, snapshot ?? transaction));
        using var command = new NpgsqlCommand(
            $"SELECT {Columns} FROM journal WHERE sequence >= @from ORDER BY sequence", reading, snapshot ?? transaction);
        _ = command.Parameters.AddWithValue("from", (long)fromSequence);
        using var reader = Reachable(() => command.ExecuteReader());
        foreach (var record in JournalRecords.InOrder(
            fromSequence, last, expected => Reachable(reader.Read) ? RecordOf(reader, expected) : null))
        {
            yield return record;
        }
    }

    public JournalRecord? Find(ulong sequence) => Reachable(() =>
    {
        using var command = new NpgsqlCommand($"SELECT {Columns} FROM journal WHERE sequence = @sequence", connection, transaction);
        _ = command.Parameters.AddWithValue("sequence", (long)sequence);
        using var reader = command.ExecuteReader();
        return reader.Read() ? RecordOf(reader, sequence) : null;
    });

    public void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
    {
        ArgumentNullException.ThrowIfNull(records);
        if (records.Count == 0)
        {
            return;
        }
        for (var i = 0; i < records.Count; i++)
        {
            if (records[i].Sequence != expectedLastSequence + 1 + (ulong)i)
            {
                throw new ArgumentException($"record {records[i].Sequence} does not follow the one before it", nameof(records));
            }
        }
        if (broken)
        {
            throw new JournalUnavailableException("an earlier write failed", null);
        }
        // Whatever goes wrong from here on, the server may have committed.
        broken = true;
        var written = Reachable(records.Count == 1 ? BindOne(records[0], expectedLastSequence) : Bind(records, expectedLastSequence));
        broken = false;
        if (written != records.Count)
        {
            throw new JournalFencedException(expectedLastSequence);
        }
    }

    public void Dispose()
    {
        append.Dispose();
        appendOne.Dispose();
        if (source is not null)
        {
            connection.Dispose();
        }
    }

    Func<int> BindOne(JournalRecord record, ulong expectedLastSequence)
    {
        appendOne.Parameters[0].Value = (long)record.Sequence;
        appendOne.Parameters[1].Value = (long)record.TimestampNs;
        appendOne.Parameters[2].Value = record.Previous.ToArray();
        appendOne.Parameters[3].Value = record.Payload;
        appendOne.Parameters[4].Value = record.Hash.ToArray();
        appendOne.Parameters[5].Value = (long)expectedLastSequence;
        return () =>
        {
            if (!appendOne.IsPrepared)
            {
                appendOne.Prepare();
            }
            return appendOne.ExecuteNonQuery();
        };
    }

    Func<int> Bind(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
    {
        append.Parameters[0].Value = (long)records[^1].Sequence;
        append.Parameters[1].Value = records[^1].Hash.ToArray();
        append.Parameters[2].Value = (long)expectedLastSequence;
        append.Parameters[3].Value = records.Select(record => (long)record.Sequence).ToArray();
        append.Parameters[4].Value = records.Select(record => (long)record.TimestampNs).ToArray();
        append.Parameters[5].Value = records.Select(record => record.Previous.ToArray()).ToArray();
        append.Parameters[6].Value = records.Select(record => record.Payload).ToArray();
        append.Parameters[7].Value = records.Select(record => record.Hash.ToArray()).ToArray();
        return append.ExecuteNonQuery;
    }

    void Add(string name, NpgsqlDbType type) => append.Parameters.Add(new NpgsqlParameter(name, type));

    static ulong LastOf(NpgsqlConnection connection, NpgsqlTransaction? transaction)
    {
        using var command = new NpgsqlCommand("SELECT sequence FROM journal_head WHERE id = 1", connection, transaction);
        return command.ExecuteScalar() is long sequence
            ? (ulong)sequence
            : throw new DatabaseException("the journal's head row is missing: restore the database from a copy");
    }

    static JournalRecord RecordOf(NpgsqlDataReader reader, ulong sequence)
    {
        try
        {
            return new JournalRecord(
                (ulong)reader.GetInt64(0),
                (ulong)reader.GetInt64(1),
                new ContentHash(reader.GetFieldValue<byte[]>(2)),
                reader.GetFieldValue<byte[]>(3),
                new ContentHash(reader.GetFieldValue<byte[]>(4)));
        }
        catch (ArgumentException exception)
        {
            throw new JournalCorruptException(sequence, $"cannot be read ({exception.Message.TrimEnd('.')})");
        }
    }

    static T Reachable<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException or InvalidOperationException)
        {
            throw new JournalUnavailableException(exception.Message, exception);
        }
    }
}
