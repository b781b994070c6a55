using System.Collections.Concurrent;

namespace Orleans.Engine;

/// <summary>Makes references to grains.</summary>
sealed class References(Silo silo)
{
    readonly ConcurrentDictionary<(Type, GrainType), (Func<GrainReferenceShared, IdSpan, GrainReference> Make, GrainReferenceShared Shared)>
        kinds = new();

    public GrainReference Create(Type grainInterface, GrainId id)
    {
        var (make, shared) = kinds.GetOrAdd((grainInterface, id.Type), NewKind);
        return make(shared, id.Key);
    }

    (Func<GrainReferenceShared, IdSpan, GrainReference> Make, GrainReferenceShared Shared) NewKind((Type Interface, GrainType Class) kind)
    {
        if (!kind.Interface.IsInterface || !typeof(IAddressable).IsAssignableFrom(kind.Interface))
        {
            throw new ArgumentException($"{kind.Interface} is not a grain interface.");
        }

        // References by the key interfaces, IGrain itself say, name a grain but offer no methods: they fit any of its interfaces.
        return (Proxies.For(kind.Interface), new(silo, kind.Class, GrainInterface.Of(kind.Interface)));
    }
}

/// <summary>References for the application, by interface and key.</summary>
sealed class GrainFactory(Silo silo, IServiceProvider services) : IClusterClient
{
    readonly Observers observers = new(silo);

    public IServiceProvider ServiceProvider => services;

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Get<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => Get<TGrainInterface>(TextKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => GetGrain<TGrainInterface>(typeof(TGrainInterface), grainId);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver =>
        (TGrainObserverInterface)(object)observers.Create(obj, typeof(TGrainObserverInterface));

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => observers.Delete(obj);

    static IdSpan TextKey(string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return IdSpan.Create(key);
    }

    TGrainInterface Get<TGrainInterface>(IdSpan key, string? prefix) => GetGrain<TGrainInterface>(
        typeof(TGrainInterface), new(silo.Classes.Resolve(typeof(TGrainInterface), prefix), key));

    TGrainInterface GetGrain<TGrainInterface>(Type grainInterface, GrainId id) =>
        (TGrainInterface)(object)silo.References.Create(grainInterface, id);
}
