using System.Globalization;
using Npgsql;
using OpenLedger.TestKit;

namespace OpenLedger.Bench.Ledger;

/// <summary>A server to measure on: the one that is named, or one of our own that flushes to the disk.</summary>
sealed class BenchPostgres : IAsyncDisposable
{
    readonly PostgresServer? own;
    readonly string server;
    readonly List<string> databases = [];

    BenchPostgres(PostgresServer? own, string server)
    {
        this.own = own;
        this.server = server;
    }

    /// <summary>Null where none is named and none is installed.</summary>
    public static async Task<BenchPostgres?> Open(string? named)
    {
        if (named is not null)
        {
            return new BenchPostgres(null, named);
        }
        if (PostgresServer.MissingReason is not null)
        {
            return null;
        }
        var own = await PostgresServer.Start(isDurable: true);
        return new BenchPostgres(own, own.ConnectionString("postgres"));
    }

    /// <summary>Connection string of a new, empty database.</summary>
    public string NewDatabase()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"openledger_bench_{Environment.ProcessId}_{databases.Count}");
        Execute($"CREATE DATABASE {name}");
        databases.Add(name);
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (own is not null)
        {
            await own.DisposeAsync();
            return;
        }
        databases.ForEach(name => Execute($"DROP DATABASE {name} WITH (FORCE)"));
    }

    void Execute(string statement)
    {
        using var connection = new NpgsqlConnection(server);
        connection.Open();
        using var command = new NpgsqlCommand(statement, connection);
        _ = command.ExecuteNonQuery();
    }
}
