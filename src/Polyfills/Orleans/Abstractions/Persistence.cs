namespace Orleans.Core
{
    /// <summary>A state and its record in a store.</summary>
    public interface IStorage
    {
        string? Etag { get; }
        bool RecordExists { get; }
        Task ClearStateAsync();
        Task WriteStateAsync();
        Task ReadStateAsync();
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <summary>A state and its record in a store.</summary>
    public interface IStorage<TState> : IStorage
    {
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
        public PersistentStateAttribute(string stateName, string storageName = null)
        {
            ArgumentNullException.ThrowIfNull(stateName);
            StateName = stateName;
            StorageName = storageName;
        }

        public string StateName { get; }
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
        T State { get; set; }
        string ETag { get; set; }
        bool RecordExists { get; set; }
    }

    /// <summary>A state, as stores see it.</summary>
    public sealed class GrainState<T> : IGrainState<T>
    {
        public GrainState()
        {
        }

        public GrainState(T state)
            : this(state, null)
        {
        }

        public GrainState(T state, string eTag)
        {
            State = state;
            ETag = eTag;
        }

        public T State { get; set; }
        public string ETag { get; set; }
        public bool RecordExists { get; set; }
    }
#nullable restore
}

namespace Orleans.Storage
{
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
}

namespace Orleans.Providers
{
    /// <summary>Names of providers.</summary>
    public static class ProviderConstants
    {
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
    }
}
