using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OpenLedger.Storage;

/// <summary>
/// The tables that the engine's ADO.NET provider expects to find in <c>state.db</c>: grain states, and, in <c>OrleansQuery</c>, the
/// statements by which a provider that carries none of its own reads and writes them.
/// </summary>
/// <remarks>
/// A statement takes the provider's parameters and answers with the columns it reads by name:
/// https://learn.microsoft.com/en-us/dotnet/orleans/host/configuration-guide/adonet-configuration.
/// </remarks>
public static class GrainStateTables
{
    const string CreateTables = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE IF NOT EXISTS OrleansStorage (
            ServiceId TEXT NOT NULL,
            GrainTypeString TEXT NOT NULL,
            GrainIdExtensionString TEXT NOT NULL,
            PayloadBinary BLOB NULL,
            Version BIGINT NOT NULL,
            PRIMARY KEY (ServiceId, GrainTypeString, GrainIdExtensionString));
        CREATE TABLE IF NOT EXISTS OrleansQuery (
            QueryKey TEXT PRIMARY KEY,
            QueryText TEXT NOT NULL);
        """;

    // A string key comes as it is; an integer or a Guid comes as two numbers, with or without a string.
    const string Key = "ifnull(nullif(printf('%d,%d', @GrainIdN0, @GrainIdN1), '0,0') || '+', '') || ifnull(@GrainIdExtensionString, '')";

    const string Row = $"ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString AND GrainIdExtensionString = {Key}";

    // No row answers a writer that does not hold the newest version, nor one that takes an existing record for a new one.
    const string Write = $"""
        INSERT INTO OrleansStorage (ServiceId, GrainTypeString, GrainIdExtensionString, PayloadBinary, Version)
        SELECT @ServiceId, @GrainTypeString, {Key}, @PayloadBinary, 1
        WHERE @GrainStateVersion IS NULL OR EXISTS (SELECT 1 FROM OrleansStorage WHERE {Row})
        ON CONFLICT DO UPDATE SET PayloadBinary = excluded.PayloadBinary, Version = Version + 1
        WHERE Version = @GrainStateVersion
        RETURNING Version AS NewGrainStateVersion
        """;

    const string Read = $"SELECT PayloadBinary, Version FROM OrleansStorage WHERE {Row}";

    // The row stays, so that a writer with an older version is still found out.
    const string Clear = $"""
        UPDATE OrleansStorage SET PayloadBinary = NULL, Version = Version + 1 WHERE {Row} AND Version = @GrainStateVersion
        RETURNING Version AS NewGrainStateVersion
        """;

    /// <summary>Makes the tables and statements where they are missing; repeating it changes nothing.</summary>
    /// <param name="path">The SQLite file; created if there is none.</param>
    /// <exception cref="DataFolderException">The file cannot be written, or is no SQLite database.</exception>
    public static void Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var connection = new SqliteConnection(string.Create(CultureInfo.InvariantCulture, $"Data Source={path};Pooling=False"));
            connection.Open();
            using var tables = connection.CreateCommand();
            tables.CommandText = CreateTables;
            _ = tables.ExecuteNonQuery();
            Put(connection, "WriteToStorageKey", Write);
            Put(connection, "ReadFromStorageKey", Read);
            Put(connection, "ClearStorageKey", Clear);
        }
        catch (SqliteException exception)
        {
            throw new DataFolderException($"the file for grain state {path} cannot be used: {exception.Message}");
        }
    }

    static void Put(SqliteConnection connection, string key, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES (@key, @text)
            ON CONFLICT DO UPDATE SET QueryText = excluded.QueryText WHERE QueryText <> excluded.QueryText
            """;
        _ = command.Parameters.AddWithValue("@key", key);
        _ = command.Parameters.AddWithValue("@text", text);
        _ = command.ExecuteNonQuery();
    }
}
