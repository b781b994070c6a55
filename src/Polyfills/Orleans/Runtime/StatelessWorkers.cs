namespace Orleans.Engine;

/// <summary>The several activations of one stateless worker.</summary>
sealed class StatelessWorkers(Silo silo, GrainClass grainClass, GrainId id, int workersMax) : IGrainTarget, IGrainTargets
{
    readonly Lock gate = new();
    readonly List<Activation> workers = [];
    bool gone;

    public IEnumerable<Activation> Activations
    {
        get
        {
            lock (gate)
            {
                return [.. workers];
            }
        }
    }

    // An idle worker first, a new one next, and only then the one with the shortest queue.
    public bool TryReceive(Message message)
    {
        lock (gate)
        {
            if (gone)
            {
                return false;
            }

            var best = workers.MinBy(worker => worker.Load);
            if ((best is null || best.Load > 0) && workers.Count < workersMax)
            {
                best = new(silo, grainClass, id, this);
                workers.Add(best);
            }

            return best!.TryReceive(message);
        }
    }

    public void Remove(Activation activation)
    {
        lock (gate)
        {
            workers.Remove(activation);
            gone = workers.Count == 0;
        }

        if (gone)
        {
            silo.Remove(id, this);
        }
    }
}
