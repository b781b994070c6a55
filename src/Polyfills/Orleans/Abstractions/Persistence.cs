namespace Orleans.Core
{
    /// <summary>A state and its record in a store.</summary>
    public interface IStorage
    {
        /// <summary>The version of the record that was last read or written.</summary>
        string? Etag { get; }

        /// <summary>Whether there is a record.</summary>
        bool RecordExists { get; }

        /// <summary>Removes the record.</summary>
        Task ClearStateAsync();

        /// <summary>Writes the record, if nobody else has since it was read.</summary>
        Task WriteStateAsync();

        /// <summary>Reads the record.</summary>
        Task ReadStateAsync();

        /// <summary>Removes the record.</summary>
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

        /// <summary>Writes the record, if nobody else has since it was read.</summary>
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        /// <summary>Reads the record.</summary>
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <summary>A state and its record in a store.</summary>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The state in memory.</summary>
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>A grain's state, asked for with <see cref="PersistentStateAttribute"/> and read before the grain activates.</summary>
    public interface IPersistentState<TState> : Orleans.Core.IStorage<TState>;

#nullable disable
    /// <summary>Asks for a state by its name, kept in the store of this name (or in the default store).</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute : Attribute
    {
        /// <summary>Takes both names.</summary>
        public PersistentStateAttribute(string stateName, string storageName = null)
        {
            ArgumentNullException.ThrowIfNull(stateName);
            StateName = stateName;
            StorageName = storageName;
        }

        /// <summary>The state's name.</summary>
        public string StateName { get; }

        /// <summary>The store's name.</summary>
        public string StorageName { get; }
    }
#nullable restore
}

namespace Orleans
{
#nullable disable
    /// <summary>A state, as stores see it.</summary>
    public interface IGrainState<T>
    {
        /// <summary>The state.</summary>
        T State { get; set; }

        /// <summary>The record's version.</summary>
        string ETag { get; set; }

        /// <summary>Whether there is a record.</summary>
        bool RecordExists { get; set; }
    }

    /// <summary>A state, as stores see it.</summary>
    public sealed class GrainState<T> : IGrainState<T>
    {
        /// <summary>Nothing yet.</summary>
        public GrainState()
        {
        }

        /// <summary>A state without a record.</summary>
        public GrainState(T state)
            : this(state, null)
        {
        }

        /// <summary>A state and its record's version.</summary>
        public GrainState(T state, string eTag)
        {
            State = state;
            ETag = eTag;
        }

        /// <inheritdoc/>
        public T State { get; set; }

        /// <inheritdoc/>
        public string ETag { get; set; }

        /// <inheritdoc/>
        public bool RecordExists { get; set; }
    }
#nullable restore
}

namespace Orleans.Storage
{
    /// <summary>A store of states, registered as a keyed service under its name.</summary>
    public interface IGrainStorage
    {
        /// <summary>Reads the record into <paramref name="grainState"/>.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Writes the record and sets the new version.</summary>
        /// <exception cref="InconsistentStateException">The record has another version than the state.</exception>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Removes the record.</summary>
        /// <exception cref="InconsistentStateException">The record has another version than the state.</exception>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
    }
}

namespace Orleans.Providers
{
    /// <summary>Names of providers.</summary>
    public static class ProviderConstants
    {
        /// <summary>The store of states that name none.</summary>
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
    }
}
