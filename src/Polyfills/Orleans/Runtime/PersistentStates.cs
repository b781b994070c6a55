using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Storage;

namespace Orleans.Engine;

/// <summary>Makes the states that constructors ask for.</summary>
static class PersistentStates
{
    static readonly MethodInfo AttachMethod = typeof(PersistentStates).GetMethod(nameof(Attach))!;

    public static Func<Activation, object> Facet(ParameterInfo parameter, PersistentStateAttribute attribute)
    {
        var type = parameter.ParameterType;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new ArgumentException(
                $"Parameter '{parameter.Name}' of the constructor of '{parameter.Member.DeclaringType}' is of type '{type}'. "
                + $"It must be of type '{typeof(IPersistentState<>)}' because it has a [PersistentState(...)] attribute.",
                parameter.Name);
        }

        var name = string.IsNullOrEmpty(attribute.StateName) ? parameter.Name! : attribute.StateName;
        var attach = AttachMethod.MakeGenericMethod(type.GetGenericArguments())
            .CreateDelegate<Func<Activation, string, string?, object>>();
        return activation => attach(activation, name, attribute.StorageName);
    }

    /// <exception cref="BadProviderConfigException">There is no store of this name.</exception>
    public static object Attach<TState>(Activation activation, string stateName, string? storageName)
    {
        var services = activation.ActivationServices;
        var store = string.IsNullOrWhiteSpace(storageName)
            ? services.GetService<IGrainStorage>()
            : services.GetKeyedService<IGrainStorage>(storageName);
        if (store is null)
        {
            var which = string.IsNullOrWhiteSpace(storageName) ? "default storage provider" : $"storage provider named \"{storageName}\"";
            throw new BadProviderConfigException($"No {which} found loading grain type {activation.GrainId.Type}.");
        }

        var state = new PersistentState<TState>(stateName, activation, store);
        (activation.States ??= []).Add(state);
        return state;
    }

    /// <summary>A state as it is before anything was ever stored.</summary>
    public static TState Empty<TState>() =>
        typeof(TState).IsValueType || typeof(TState).GetConstructor(Type.EmptyTypes) is not null
            ? Activator.CreateInstance<TState>()
            : (TState)RuntimeHelpers.GetUninitializedObject(typeof(TState));
}

sealed class PersistentState<TState>(string name, Activation activation, IGrainStorage store) : IPersistentState<TState>
{
    readonly GrainState<TState> record = new(PersistentStates.Empty<TState>());
    bool loaded;

    public TState State
    {
        get => record.State;
        set => record.State = value;
    }

    public string? Etag => record.ETag;
    public bool RecordExists => loaded ? record.RecordExists : throw new InvalidOperationException("State has not yet been loaded");

    public Task ReadStateAsync() => Run("ReadStateAsync", async () =>
    {
        await store.ReadStateAsync(name, activation.GrainId, record);
        loaded = true;
    });

    public Task WriteStateAsync() => Run("WriteStateAsync", () => store.WriteStateAsync(name, activation.GrainId, record));

    public Task ClearStateAsync() => Run("ClearStateAsync", () => store.ClearStateAsync(name, activation.GrainId, record));

    // A store's own exceptions mean nothing to callers: they get one of the engine's, with the store's inside.
    async Task Run(string operation, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is not OrleansException)
        {
            throw new OrleansException(
                $"Error from storage provider {store.GetType().Name}.{name} during {operation} for grain {activation.GrainId}: "
                + exception.Message,
                exception);
        }
    }
}
