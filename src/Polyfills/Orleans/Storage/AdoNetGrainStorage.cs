using System.Data;
using System.Globalization;
using Orleans.Configuration;
using Orleans.Storage;

namespace Orleans.Engine;

/// <summary>A store in SQLite or PostgreSQL, in the rows that Orleans would use: a service's, a state's name and a grain's key.</summary>
sealed class AdoNetGrainStorage(
    string name, AdoNetGrainStorageOptions options, ClusterOptions cluster, IGrainStorageSerializer serializer) : IGrainStorage, IDisposable
{
    readonly RelationalTables tables = new(options.Invariant, options.ConnectionString);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var rows = await tables.Run(
            "ReadFromStorageKey",
            reader => (Payload: reader["PayloadBinary"] as byte[], Version: Text(reader["Version"])),
            Row(stateName, grainId));
        var (payload, version) = rows.SingleOrDefault();
        grainState.State = payload is not null && serializer.Deserialize<T>(new(payload)) is { } read ? read : PersistentStates.Empty<T>();
        grainState.ETag = version;
        grainState.RecordExists = payload is not null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var payload = serializer.Serialize(grainState.State).ToArray();
        grainState.ETag = await Move("WriteToStorageKey", stateName, grainId, grainState.ETag, ("PayloadBinary", payload, DbType.Binary));
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!grainState.RecordExists && string.IsNullOrWhiteSpace(grainState.ETag))
        {
            await ReadStateAsync(stateName, grainId, grainState);
            if (!grainState.RecordExists)
            {
                return;
            }
        }

        grainState.ETag = await Move("ClearStorageKey", stateName, grainId, grainState.ETag);
        grainState.State = PersistentStates.Empty<T>();
        grainState.RecordExists = false;
    }

    public void Dispose() => tables.Dispose();

    // The statement answers with the new version where it changed the row of this one, and with nothing where there was none.
    async Task<string> Move(
        string key, string stateName, GrainId grainId, string? version, params (string Name, object? Value, DbType Type)[] more)
    {
        object? current = string.IsNullOrWhiteSpace(version) ? null : int.Parse(version, CultureInfo.InvariantCulture);
        var moved = await tables.Run(
            key, reader => Text(reader[0]), [.. Row(stateName, grainId), ("GrainStateVersion", current, DbType.Int32), .. more]);
        return moved.SingleOrDefault() is { Length: > 0 } stored && stored != version
            ? stored
            : throw new InconsistentStateException(
                $"Version conflict: State {stateName} of {grainId} in {name} was changed by another writer.", "Unknown", version ?? "none");
    }

    // A key that reads as a Guid or as a number is one, also where it was meant as a text.
    (string Name, object? Value, DbType Type)[] Row(string stateName, GrainId grainId)
    {
        (long First, long Second, string? Text) key = (0, 0, grainId.Key.ToString());
        if (grainId.TryGetGuidKey(out var guid, out var extension))
        {
            var bytes = guid.ToByteArray();
            key = (BitConverter.ToInt64(bytes, 0), BitConverter.ToInt64(bytes, 8), extension);
        }
        else if (grainId.TryGetIntegerKey(out var integer, out extension))
        {
            key = (0, integer, extension);
        }

        return
        [
            ("ServiceId", cluster.ServiceId, DbType.String),
            ("GrainTypeString", stateName, DbType.String),
            ("GrainIdN0", key.First, DbType.Int64),
            ("GrainIdN1", key.Second, DbType.Int64),
            ("GrainIdExtensionString", key.Text, DbType.String),
        ];
    }

    static string? Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture);
}
