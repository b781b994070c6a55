using System.Text;
using Npgsql;
using NpgsqlTypes;
using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>
/// A log's tiles in the table <c>log_tile</c>, one row a tile, under their C2SP paths; every silo of a cluster reads them. Each write is
/// committed when it returns.
/// </summary>
public sealed class PostgresTileStore : ITileStore
{
    const string CheckpointPath = "checkpoint";

    // A tile that stands as it should is not written again: a replay finds most of them so.
    const string WriteSql = """
        INSERT INTO log_tile (path, content) SELECT * FROM unnest(@paths, @contents)
        ON CONFLICT (path) DO UPDATE SET content = excluded.content WHERE log_tile.content <> excluded.content
        """;

    // The partial tiles of a place stand between its path with '.p/' and with '.p0', byte by byte.
    const string DropSql = """
        DELETE FROM log_tile USING unnest(@full) AS place
        WHERE log_tile.path >= place || '.p/' COLLATE "C" AND log_tile.path < place || '.p0' COLLATE "C"
        """;

    const string CheckpointSql = """
        INSERT INTO log_tile (path, content) VALUES (@path, @content)
        ON CONFLICT (path) DO UPDATE SET content = excluded.content
        WHERE split_part(convert_from(log_tile.content, 'UTF8'), E'\n', 2)::numeric <= @size
        """;

    readonly NpgsqlDataSource source;

    /// <summary>The tiles of a database whose schema is up to date.</summary>
    public PostgresTileStore(NpgsqlDataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        this.source = source;
    }

    public byte[]? Read(LogTile tile) => ReadRow(tile.Path);

    public void Write(IReadOnlyList<TileContent> tiles)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        if (tiles.Count == 0)
        {
            return;
        }
        _ = Reachable(() =>
        {
            using var batch = source.CreateBatch();
            var write = new NpgsqlBatchCommand(WriteSql);
            // The same place twice in one statement is an error: the last one counts.
            var contents = tiles.GroupBy(tile => tile.Tile).Select(group => group.Last()).ToArray();
            Add(write, "paths", NpgsqlDbType.Array | NpgsqlDbType.Text, contents.Select(tile => tile.Tile.Path).ToArray());
            Add(write, "contents", NpgsqlDbType.Array | NpgsqlDbType.Bytea, contents.Select(tile => tile.Bytes.ToArray()).ToArray());
            batch.BatchCommands.Add(write);
            var full = contents.Where(tile => tile.Tile.IsFull).Select(tile => tile.Tile.Path).ToArray();
            if (full.Length > 0)
            {
                var drop = new NpgsqlBatchCommand(DropSql);
                Add(drop, "full", NpgsqlDbType.Array | NpgsqlDbType.Text, full);
                batch.BatchCommands.Add(drop);
            }
            return batch.ExecuteNonQuery();
        });
    }

    /// <summary>Every write is durable already.</summary>
    public void Flush()
    {
    }

    public string? ReadCheckpoint() => ReadRow(CheckpointPath) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public void WriteCheckpoint(ulong treeSize, string note)
    {
        PublishedCheckpoint.Check(note);
        _ = Reachable(() =>
        {
            using var command = source.CreateCommand(CheckpointSql);
            _ = command.Parameters.AddWithValue("path", CheckpointPath);
            _ = command.Parameters.AddWithValue("content", Encoding.UTF8.GetBytes(note));
            _ = command.Parameters.AddWithValue("size", (decimal)treeSize);
            return command.ExecuteNonQuery();
        });
    }

    byte[]? ReadRow(string path) => Reachable(() =>
    {
        using var command = source.CreateCommand("SELECT content FROM log_tile WHERE path = @path");
        _ = command.Parameters.AddWithValue("path", path);
        return (byte[]?)command.ExecuteScalar();
    });

    static void Add(NpgsqlBatchCommand command, string name, NpgsqlDbType type, object value) =>
        command.Parameters.Add(new NpgsqlParameter(name, type) { Value = value });

    static T Reachable<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException or InvalidOperationException)
        {
            throw new TileStoreException($"the log's tiles cannot be reached ({exception.Message.TrimEnd('.')})", exception);
        }
    }
}
