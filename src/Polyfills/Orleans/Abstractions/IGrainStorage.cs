namespace Orleans.Storage;

/// <summary>A store of states, registered as a keyed service under its name.</summary>
public interface IGrainStorage
{
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Writes the record and sets the new version.</summary>
    /// <exception cref="InconsistentStateException">The record has another version than the state.</exception>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Removes the record.</summary>
    /// <exception cref="InconsistentStateException">The record has another version than the state.</exception>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
}
