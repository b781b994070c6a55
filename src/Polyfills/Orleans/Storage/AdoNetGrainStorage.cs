using System.Data.Common;
using System.Globalization;
using System.Reflection;
using Orleans.Configuration;
using Orleans.Storage;

namespace Orleans.Engine;

/// <summary>A store in SQLite or PostgreSQL. As in Orleans a row belongs to a service, a state's name and a grain's key.</summary>
sealed class AdoNetGrainStorage(string name, AdoNetGrainStorageOptions options, ClusterOptions cluster) : IGrainStorage, IDisposable
{
    const string CreateTable = """
        CREATE TABLE IF NOT EXISTS GrainState (
            ServiceId TEXT NOT NULL,
            GrainTypeString TEXT NOT NULL,
            GrainIdExtensionString TEXT NOT NULL,
            PayloadBinary {0} NULL,
            Version BIGINT NOT NULL,
            PRIMARY KEY (ServiceId, GrainTypeString, GrainIdExtensionString))
        """;

    const string Row = "ServiceId = @service AND GrainTypeString = @state AND GrainIdExtensionString = @grain";

    readonly SemaphoreSlim gate = new(1, 1);
    DbConnection? connection;

    bool IsSqlite => string.Equals(options.Invariant, "System.Data.SQLite", StringComparison.Ordinal);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (payload, version) = await Run(async open =>
        {
            await using var command = Command(
                open, $"SELECT PayloadBinary, Version FROM GrainState WHERE {Row}", stateName, grainId);
            await using var reader = await command.ExecuteReaderAsync();
            return await reader.ReadAsync()
                ? (await reader.IsDBNullAsync(0) ? null : (byte[])reader.GetValue(0), (long?)reader.GetInt64(1))
                : (null, null);
        });
        grainState.State = payload is null ? PersistentStates.Empty<T>() : StateJson.Read<T>(payload);
        grainState.ETag = version?.ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = payload is not null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Store(stateName, grainId, grainState, StateJson.Write(grainState.State));
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // The row stays, so that a writer with an older version is still found out.
        await Store(stateName, grainId, grainState, null);
        grainState.State = PersistentStates.Empty<T>();
        grainState.RecordExists = false;
    }

    public void Dispose()
    {
        connection?.Dispose();
        gate.Dispose();
    }

    async Task Store<T>(string stateName, GrainId grainId, IGrainState<T> grainState, byte[]? payload)
    {
        long? current = grainState.ETag is null ? null : long.Parse(grainState.ETag, CultureInfo.InvariantCulture);
        var stored = await Run(async open =>
        {
            await using var command = Command(
                open,
                current is null
                    ? "INSERT INTO GrainState (ServiceId, GrainTypeString, GrainIdExtensionString, PayloadBinary, Version) "
                        + "VALUES (@service, @state, @grain, @payload, 1) ON CONFLICT DO NOTHING"
                    : $"UPDATE GrainState SET PayloadBinary = @payload, Version = Version + 1 WHERE {Row} AND Version = @version",
                stateName,
                grainId);
            Add(command, "@payload", (object?)payload ?? DBNull.Value, System.Data.DbType.Binary);
            if (current is { } version)
            {
                Add(command, "@version", version, System.Data.DbType.Int64);
            }

            return await command.ExecuteNonQueryAsync() == 1 ? null : await ReadVersion(open, stateName, grainId) ?? "none";
        });
        if (stored is not null)
        {
            throw new InconsistentStateException(
                $"State {stateName} of {grainId} in {name} was changed by another writer.", stored, grainState.ETag ?? "none");
        }

        grainState.ETag = ((current ?? 0) + 1).ToString(CultureInfo.InvariantCulture);
    }

    async Task<string?> ReadVersion(DbConnection open, string stateName, GrainId grainId)
    {
        await using var command = Command(open, $"SELECT Version FROM GrainState WHERE {Row}", stateName, grainId);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    DbCommand Command(DbConnection open, string text, string stateName, GrainId grainId)
    {
        var command = open.CreateCommand();
        command.CommandText = text;
        Add(command, "@service", cluster.ServiceId, System.Data.DbType.String);
        Add(command, "@state", stateName, System.Data.DbType.String);
        Add(command, "@grain", grainId.Key.ToString(), System.Data.DbType.String);
        return command;
    }

    static void Add(DbCommand command, string parameterName, object value, System.Data.DbType type)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = parameterName;
        parameter.DbType = type;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    // One connection, one operation at a time, off the grain's turn: SQLite has one writer, and its driver blocks.
    async Task<TResult> Run<TResult>(Func<DbConnection, Task<TResult>> work)
    {
        await gate.WaitAsync();
        try
        {
            return await Task.Run(async () => await work(connection ??= await Open()));
        }
        finally
        {
            gate.Release();
        }
    }

    async Task<DbConnection> Open()
    {
        var opened = Factory().CreateConnection()!;
        try
        {
            opened.ConnectionString = IsSqlite ? $"{options.ConnectionString};Pooling=False" : options.ConnectionString;
            await opened.OpenAsync();
            await using var command = opened.CreateCommand();
            command.CommandText = (IsSqlite ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; " : "")
                + string.Format(CultureInfo.InvariantCulture, CreateTable, IsSqlite ? "BLOB" : "BYTEA");
            await command.ExecuteNonQueryAsync();
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    DbProviderFactory Factory()
    {
        var (assembly, type) = options.Invariant switch
        {
            "System.Data.SQLite" => ("Microsoft.Data.Sqlite", "Microsoft.Data.Sqlite.SqliteFactory"),
            "Npgsql" => ("Npgsql", "Npgsql.NpgsqlFactory"),
            _ => throw new InvalidOperationException(
                $"Database provider factory with '{options.Invariant}' invariant name not supported."),
        };
        var factory = Assembly.Load(assembly).GetType(type, throwOnError: true)!;
        return (DbProviderFactory)factory.GetField("Instance")!.GetValue(null)!;
    }
}
