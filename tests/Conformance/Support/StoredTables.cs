using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using OpenLedger.Storage;
using OpenLedger.TestKit;

namespace OpenLedger.Conformance;

/// <summary>A database with this repository's tables: a SQLite file, or a database of a PostgreSQL server.</summary>
sealed class StoredTables : IAsyncDisposable
{
    readonly DirectoryInfo? folder;

    StoredTables(string invariant, string connectionString, DirectoryInfo? folder)
    {
        Invariant = invariant;
        ConnectionString = connectionString;
        this.folder = folder;
    }

    public string Invariant { get; }

    public string ConnectionString { get; }

    public static async Task<StoredTables> Create(string kind, PostgresFixture postgres)
    {
        if (kind == "postgres")
        {
            var text = await postgres.NewDatabase();
            await PostgresDatabase.Open(text).DisposeAsync();
            return new StoredTables(PostgresDatabase.Invariant, text, null);
        }

        var folder = Directory.CreateTempSubdirectory("conformance-");
        var path = Path.Combine(folder.FullName, "state.db");
        _ = GrainStateTables.Create(path);
        return new StoredTables(GrainStateTables.Invariant, GrainStateTables.ConnectionString(path), folder);
    }

    /// <summary>The first column of a query's rows, each as a text or as bytes.</summary>
    public async Task<List<object>> Query(string sql)
    {
        await using DbConnection connection = folder is null
            ? new NpgsqlConnection(ConnectionString)
            : new SqliteConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetValue(0));
        }

        return rows;
    }

    public ValueTask DisposeAsync()
    {
        folder?.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
