namespace Orleans.Engine;

/// <summary>Objects of the application that can be called like grains; the application keeps them alive, not the silo.</summary>
sealed class Observers(Silo silo) : IGrainTargets
{
    static readonly GrainType ObserverType = GrainType.Create("sys.client");

    public static bool IsObserver(GrainId id) => id.Type == ObserverType;

    /// <exception cref="ArgumentException">The object is a grain or a reference already.</exception>
    public GrainReference Create(IGrainObserver observer, Type grainInterface)
    {
        if (observer is GrainReference or IGrainBase)
        {
            throw new ArgumentException("Argument obj is a grain or a reference already.", nameof(observer));
        }

        var reference = silo.References.Create(grainInterface, GrainId.Create(ObserverType, $"hosted+{Numbers.NextGuid():N}"));
        silo.Add(new Activation(silo, silo.Classes.OfObserver(observer.GetType()), reference.GrainId, this, new WeakReference(observer)));
        return reference;
    }

    /// <exception cref="ArgumentException">The reference is none of an observer.</exception>
    public void Delete(IGrainObserver reference) => silo.Remove(reference is GrainReference known && IsObserver(known.GrainId)
        ? known.GrainId
        : throw new ArgumentException("Argument reference is not an object reference.", nameof(reference)));

    public void Remove(Activation activation) => silo.Remove(activation);
}
