using System.Globalization;
using Npgsql;
using OpenLedger.Storage;
using Orleans.Hosting;

namespace OpenLedger.Bench.Actors;

/// <summary>A store that states are written to.</summary>
sealed record StateStore(string Name, Action<ISiloBuilder> Configure, Action Remove) : IAsyncDisposable
{
    public ValueTask DisposeAsync()
    {
        Remove();
        return ValueTask.CompletedTask;
    }
}

/// <summary>The stores that states are written to: a new SQLite file, and a new database of the PostgreSQL server that is named.</summary>
static class StateStores
{
    /// <param name="postgres">Connection string of a server that lets us create a database, or null for none.</param>
    public static IEnumerable<StateStore> All(string? postgres)
    {
        yield return Sqlite();
        if (postgres is not null)
        {
            yield return Postgres(postgres);
        }
    }

    static StateStore Sqlite()
    {
        var folder = Directory.CreateTempSubdirectory("openledger-bench-").FullName;
        var path = Path.Combine(folder, "state.db");
        GrainStateTables.Create(path);
        return new(
            "SQLite",
            silo => silo.AddAdoNetGrainStorageAsDefault(options =>
                (options.Invariant, options.ConnectionString) = (GrainStateTables.Invariant, GrainStateTables.ConnectionString(path))),
            () => Directory.Delete(folder, recursive: true));
    }

    static StateStore Postgres(string server)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"openledger_bench_{Environment.ProcessId}");
        Execute(server, $"CREATE DATABASE {name}");
        var database = new NpgsqlConnectionStringBuilder(server) { Database = name }.ToString();
        var bounded = PostgresConnection.Bounded(database);
        PostgresDatabase.Open(bounded).Dispose();
        return new(
            "PostgreSQL",
            silo => silo.AddAdoNetGrainStorageAsDefault(options =>
                (options.Invariant, options.ConnectionString) = (PostgresDatabase.Invariant, bounded)),
            () => Execute(server, $"DROP DATABASE {name} WITH (FORCE)"));
    }

    static void Execute(string connectionString, string statement)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = new NpgsqlCommand(statement, connection);
        _ = command.ExecuteNonQuery();
    }
}
