using System.Globalization;
using Orleans.Storage;

namespace Orleans.Engine;

/// <summary>A store that lives as long as its silo. It keeps bytes: no state is shared with the grain that wrote it.</summary>
sealed class MemoryGrainStorage(IGrainStorageSerializer serializer) : IGrainStorage
{
    readonly Lock gate = new();
    readonly Dictionary<(string State, GrainId Grain), (BinaryData Payload, string Etag)> records = [];
    long lastVersion;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (gate)
        {
            if (records.TryGetValue((stateName, grainId), out var record))
            {
                grainState.State = serializer.Deserialize<T>(record.Payload) ?? PersistentStates.Empty<T>();
                grainState.ETag = record.Etag;
                grainState.RecordExists = true;
            }
            else
            {
                Empty(grainState);
            }
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var payload = serializer.Serialize(grainState.State);
        lock (gate)
        {
            Check(stateName, grainId, grainState.ETag);
            var etag = (++lastVersion).ToString(CultureInfo.InvariantCulture);
            records[(stateName, grainId)] = (payload, etag);
            grainState.ETag = etag;
            grainState.RecordExists = true;
        }

        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (gate)
        {
            Check(stateName, grainId, grainState.ETag);
            records.Remove((stateName, grainId));
            Empty(grainState);
        }

        return Task.CompletedTask;
    }

    static void Empty<T>(IGrainState<T> grainState)
    {
        grainState.State = PersistentStates.Empty<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    void Check(string stateName, GrainId grainId, string? etag)
    {
        var stored = records.TryGetValue((stateName, grainId), out var record) ? record.Etag : null;
        if (!string.Equals(stored, etag, StringComparison.Ordinal))
        {
            throw new InconsistentStateException(
                $"State {stateName} of {grainId} was changed by another writer.", stored ?? "Unknown", etag ?? "Unknown");
        }
    }
}
