using System.Data.Common;
using System.Reflection;
using Parameter = (string Name, object? Value, System.Data.DbType Type);

namespace Orleans.Engine;

/// <summary>
/// Tables in SQLite or PostgreSQL that are used by the statements of their own <c>OrleansQuery</c>, as Orleans does: whoever makes the
/// tables says how they are used.
/// </summary>
sealed class RelationalTables(string invariant, string connectionString) : IDisposable
{
    readonly bool isSqlite = string.Equals(invariant, "System.Data.SQLite", StringComparison.Ordinal);
    readonly SemaphoreSlim gate = new(1, 1);
    DbConnection? single;
    Dictionary<string, string>? queries;

    /// <summary>Runs a statement and gives what is made of its rows, whichever of its results they are in.</summary>
    public async Task<List<T>> Run<T>(string key, Func<DbDataReader, T> select, params Parameter[] parameters)
    {
        if (!isSqlite)
        {
            // The driver's pool bounds the connections.
            await using var connection = await Open();
            return await Execute(connection, key, select, parameters);
        }

        // One connection, one operation at a time, off the grain's turn: SQLite has one writer, and its driver blocks.
        await gate.WaitAsync();
        try
        {
            return await Task.Run(async () => await Execute(single ??= await Open(), key, select, parameters));
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose()
    {
        single?.Dispose();
        gate.Dispose();
    }

    async Task<List<T>> Execute<T>(DbConnection open, string key, Func<DbDataReader, T> select, Parameter[] parameters)
    {
        queries ??= (await Select(open, "SELECT QueryKey, QueryText FROM OrleansQuery", reader => KeyValuePair.Create(
            reader.GetString(0), reader.GetString(1)), [])).ToDictionary(StringComparer.Ordinal);
        return queries.TryGetValue(key, out var text)
            ? await Select(open, text, select, parameters)
            : throw new OrleansConfigurationException($"Not all required queries found. Missing are: {key}");
    }

    static async Task<List<T>> Select<T>(DbConnection open, string text, Func<DbDataReader, T> select, Parameter[] parameters)
    {
        await using var command = open.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value, type) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.DbType, parameter.Value) = (name, type, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        do
        {
            while (await reader.ReadAsync())
            {
                rows.Add(select(reader));
            }
        }
        while (await reader.NextResultAsync());
        return rows;
    }

    async Task<DbConnection> Open()
    {
        var (assembly, type) = invariant switch
        {
            "System.Data.SQLite" => ("Microsoft.Data.Sqlite", "Microsoft.Data.Sqlite.SqliteFactory"),
            "Npgsql" => ("Npgsql", "Npgsql.NpgsqlFactory"),
            _ => throw new InvalidOperationException($"Database provider factory with '{invariant}' invariant name not supported."),
        };
        var factory = Assembly.Load(assembly).GetType(type, throwOnError: true)!.GetField("Instance")!.GetValue(null)!;
        var opened = ((DbProviderFactory)factory).CreateConnection()!;
        try
        {
            opened.ConnectionString = isSqlite ? $"{connectionString};Pooling=False" : connectionString;
            await opened.OpenAsync();
            _ = isSqlite ? await Select(opened, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", _ => 0, []) : null;
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }
}
