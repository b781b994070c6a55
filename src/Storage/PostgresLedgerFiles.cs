using System.Globalization;
using Npgsql;
using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>
/// A ledger's files in PostgreSQL, so that whichever silo keeps the book next finds them, with a folder beside that keeps what this silo
/// has read or written: a file there is asked for first, and fetched once where it is missing. Safe for several threads.
/// </summary>
public sealed class PostgresLedgerFiles : ILedgerFiles
{
    const int PartSizeBytes = 1 << 20;

    readonly NpgsqlDataSource source;
    readonly FolderLedgerFiles cache;

    /// <param name="folder">This silo's own; it keeps of it what the database has with the same size and the same hash at its end.</param>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    public PostgresLedgerFiles(NpgsqlDataSource source, string folder)
    {
        ArgumentNullException.ThrowIfNull(source);
        this.source = source;
        cache = new FolderLedgerFiles(folder);
        // A name may have been used again by another silo meanwhile.
        var kept = Reachable(Ends);
        foreach (var name in cache.List())
        {
            if (!kept.TryGetValue(name, out var end) || !IsSame(name, end))
            {
                cache.Delete(name);
            }
        }
    }

    public IReadOnlyList<string> List() => Reachable(() =>
    {
        using var command = source.CreateCommand("SELECT name FROM ledger_file WHERE part = 0 ORDER BY name");
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }
        return names;
    });

    public void Write(string name, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        cache.Write(name, parts);
        _ = Reachable(() =>
        {
            using var connection = source.OpenConnection();
            using var transaction = connection.BeginTransaction();
            using (var delete = new NpgsqlCommand("DELETE FROM ledger_file WHERE name = $1", connection, transaction))
            {
                _ = delete.Parameters.AddWithValue(name);
                _ = delete.ExecuteNonQuery();
            }
            using var file = cache.Open(name)!;
            using var insert = new NpgsqlCommand(
                "INSERT INTO ledger_file (name, part, content) VALUES ($1, $2, $3)", connection, transaction);
            _ = insert.Parameters.AddWithValue(name);
            _ = insert.Parameters.Add(new NpgsqlParameter<int>());
            _ = insert.Parameters.Add(new NpgsqlParameter<byte[]>());
            for (var part = 0; part == 0 || part * (long)PartSizeBytes < file.Bytes.Length; part++)
            {
                var start = part * PartSizeBytes;
                insert.Parameters[1].Value = part;
                insert.Parameters[2].Value = file.Bytes[start..Math.Min(file.Bytes.Length, start + PartSizeBytes)].ToArray();
                _ = insert.ExecuteNonQuery();
            }
            transaction.Commit();
            return true;
        });
    }

    /// <summary>Nothing is left to do: what is in the database is durable, and what is in the folder is a copy.</summary>
    public void Flush()
    {
    }

    public ILedgerFile? Open(string name)
    {
        if (cache.Open(name) is { } file)
        {
            return file;
        }
        var parts = Reachable(() =>
        {
            using var command = source.CreateCommand("SELECT content FROM ledger_file WHERE name = $1 ORDER BY part");
            _ = command.Parameters.AddWithValue(name);
            using var reader = command.ExecuteReader();
            var read = new List<ReadOnlyMemory<byte>>();
            while (reader.Read())
            {
                read.Add(reader.GetFieldValue<byte[]>(0));
            }
            return read;
        });
        if (parts.Count == 0)
        {
            return null;
        }
        cache.Write(name, parts);
        return cache.Open(name);
    }

    public void Delete(string name)
    {
        cache.Delete(name);
        _ = Reachable(() =>
        {
            using var command = source.CreateCommand("DELETE FROM ledger_file WHERE name = $1");
            _ = command.Parameters.AddWithValue(name);
            return command.ExecuteNonQuery();
        });
    }

    public void Dispose() => cache.Dispose();

    // The size of each file, and its last bytes, which are the hash of the others.
    Dictionary<string, (long SizeBytes, byte[] Last)> Ends()
    {
        using var command = source.CreateCommand("""
            SELECT name, sum(octet_length(content)),
                (array_agg(substring(content FROM greatest(1, octet_length(content) - 15)) ORDER BY part DESC))[1]
            FROM ledger_file GROUP BY name
            """);
        using var reader = command.ExecuteReader();
        var ends = new Dictionary<string, (long, byte[])>(StringComparer.Ordinal);
        while (reader.Read())
        {
            ends.Add(reader.GetString(0), (reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)));
        }
        return ends;
    }

    bool IsSame(string name, (long SizeBytes, byte[] Last) end)
    {
        using var file = cache.Open(name);
        return file is not null && file.Bytes.Length == end.SizeBytes && file.Bytes.EndsWith(end.Last);
    }

    static T Reachable<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            throw new JournalUnavailableException(
                string.Create(CultureInfo.InvariantCulture, $"a file of the ledger: {exception.Message}"), exception);
        }
    }
}
