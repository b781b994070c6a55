using Microsoft.Data.Sqlite;

namespace OpenLedger.Storage;

/// <summary>
/// The tables that the engine's ADO.NET providers expect to find in <c>state.db</c>: grain states and reminders, and, in
/// <c>OrleansQuery</c>, the statements by which providers that carry none of their own read and write them.
/// </summary>
/// <remarks>
/// A statement takes the provider's parameters and answers with the columns it reads by name:
/// https://learn.microsoft.com/en-us/dotnet/orleans/host/configuration-guide/adonet-configuration.
/// </remarks>
public static class GrainStateTables
{
    /// <summary>ADO.NET invariant of SQLite, as the engine's providers name it.</summary>
    public const string Invariant = "System.Data.SQLite";

    const string TableExists = "SELECT count(*) FROM sqlite_master WHERE name = 'openledger_migrations'";

    // The first release made these tables without writing it down, under the name of a development cluster, and its embedded engine kept
    // its rows in one of its own.
    const string Tables = """
        CREATE TABLE IF NOT EXISTS OrleansQuery (
            QueryKey TEXT PRIMARY KEY,
            QueryText TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS OrleansStorage (
            ServiceId TEXT NOT NULL,
            GrainTypeString TEXT NOT NULL,
            GrainIdExtensionString TEXT NOT NULL,
            PayloadBinary BLOB NULL,
            Version BIGINT NOT NULL,
            PRIMARY KEY (ServiceId, GrainTypeString, GrainIdExtensionString));
        CREATE TABLE OrleansRemindersTable (
            ServiceId TEXT NOT NULL,
            GrainId TEXT NOT NULL,
            ReminderName TEXT NOT NULL,
            StartTime TEXT NOT NULL,
            Period BIGINT NOT NULL,
            GrainHash INTEGER NOT NULL,
            Version INTEGER NOT NULL,
            PRIMARY KEY (ServiceId, GrainId, ReminderName));
        CREATE INDEX OrleansRemindersByHash ON OrleansRemindersTable (ServiceId, GrainHash);
        CREATE TABLE IF NOT EXISTS GrainState (
            ServiceId TEXT NOT NULL,
            GrainTypeString TEXT NOT NULL,
            GrainIdExtensionString TEXT NOT NULL,
            PayloadBinary BLOB NULL,
            Version BIGINT NOT NULL,
            PRIMARY KEY (ServiceId, GrainTypeString, GrainIdExtensionString));
        INSERT INTO OrleansStorage (ServiceId, GrainTypeString, GrainIdExtensionString, PayloadBinary, Version)
            SELECT ServiceId, GrainTypeString, GrainIdExtensionString, PayloadBinary, Version FROM GrainState WHERE true
            ON CONFLICT DO NOTHING;
        DROP TABLE GrainState;
        UPDATE OR IGNORE OrleansStorage SET ServiceId = 'openledger' WHERE ServiceId = 'dev';
        """;

    static readonly Migration[] steps =
    [
        new(1, "grain state, reminders", Tables, [.. GrainStateQueries.Sqlite, .. ReminderQueries.Sqlite]),
    ];

    static GrainStateTables() => SQLitePCL.Batteries_V2.Init();

    /// <summary>The connection string for the engine's providers.</summary>
    /// <param name="path">The SQLite file.</param>
    public static string ConnectionString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();

    /// <summary>Brings the tables and statements up to date; repeating it changes nothing.</summary>
    /// <param name="path">The SQLite file; created if there is none.</param>
    /// <exception cref="DataFolderException">The file cannot be written, or is no SQLite database.</exception>
    /// <exception cref="DatabaseException">The file was made by a newer program.</exception>
    public static MigrationReport Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var connection = new SqliteConnection(ConnectionString(path));
            connection.Open();
            using (var mode = connection.CreateCommand())
            {
                mode.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";
                _ = mode.ExecuteNonQuery();
            }
            return Migrator.Run(connection, steps, TableExists, path);
        }
        catch (SqliteException exception)
        {
            throw new DataFolderException($"the file for grain state {path} cannot be used: {exception.Message}");
        }
    }
}
