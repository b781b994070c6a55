namespace Orleans.Runtime;

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
