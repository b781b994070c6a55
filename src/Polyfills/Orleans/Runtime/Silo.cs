using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Engine;

/// <summary>Something that activations of one identity belong to.</summary>
interface IGrainTargets
{
    /// <summary>The activation is gone; the next call makes another.</summary>
    void Remove(Activation activation);
}

/// <summary>Takes the messages of one identity: an activation, or a stateless worker's several.</summary>
interface IGrainTarget
{
    /// <summary>Takes the message, or says that this target is gone.</summary>
    bool TryReceive(Message message);

    IEnumerable<Activation> Activations { get; }
}

sealed partial class Activation : IGrainTarget
{
    public IEnumerable<Activation> Activations => [this];
}

/// <summary>All activations of the process, and the way of every call to them.</summary>
sealed class Silo : IGrainTargets
{
    readonly ConcurrentDictionary<GrainId, IGrainTarget> targets = new();
    readonly Lazy<IIncomingGrainCallFilter[]> incoming;
    readonly Lazy<IOutgoingGrainCallFilter[]> outgoing;
    volatile bool closed;
    ITimer? collector;

    public Silo(
        IServiceProvider services,
        TimeProvider time,
        ILogger<Silo> log,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IOptions<ClusterOptions> cluster)
    {
        Services = services;
        Time = time;
        Log = log;
        Messaging = messaging.Value;
        Collection = collection.Value;
        Cluster = cluster.Value;
        Classes = new(this, GrainAssemblies.Find());
        References = new(this);
        incoming = new(() => [.. services.GetServices<IIncomingGrainCallFilter>()]);
        outgoing = new(() => [.. services.GetServices<IOutgoingGrainCallFilter>()]);
    }

    public IServiceProvider Services { get; }
    public TimeProvider Time { get; }
    public ILogger Log { get; }
    public SiloMessagingOptions Messaging { get; }
    public GrainCollectionOptions Collection { get; }
    public ClusterOptions Cluster { get; }
    public GrainClasses Classes { get; }
    public References References { get; }
    public IIncomingGrainCallFilter[] IncomingFilters => incoming.Value;
    public IOutgoingGrainCallFilter[] OutgoingFilters => outgoing.Value;

    /// <summary>Sends a call on its way and gives its completion.</summary>
    public Task<TResult> Send<TResult>(Call<TResult> call, TimeSpan? timeout)
    {
        if (!call.IsOneWay)
        {
            call.ObserveTimeout(timeout ?? Messaging.ResponseTimeout);
        }

        Deliver(call.Target, call);
        return call.IsOneWay ? Task.FromResult(default(TResult)!) : call.Completion;
    }

    /// <summary>Sends a call of the engine's own, which may interleave with all others.</summary>
    public Task<TResult> Send<TResult>(
        GrainId target, string name, CancellationToken token, Func<Activation, CancellationToken, ValueTask<TResult>> work)
    {
        var call = new EngineCall<TResult>(this, name, work) { Target = target, IsAlwaysInterleave = true };
        if (token.CanBeCanceled)
        {
            call.ObserveCancellation(token);
        }

        return Send(call, null);
    }

    public void Deliver(GrainId id, Message message)
    {
        // An activation can go between being found and being given the message: then the next one gets it.
        while (!closed)
        {
            if (targets.GetOrAdd(id, static (key, silo) => silo.NewTarget(key), this).TryReceive(message))
            {
                return;
            }
        }

        message.Reject(new SiloUnavailableException($"The silo has stopped and takes no calls: {id}."));
    }

    public void Remove(Activation activation) => targets.TryRemove(new(activation.GrainId, activation));

    public void Remove(GrainId id, IGrainTarget target) => targets.TryRemove(new(id, target));

    public void ReportUnseen(Exception exception, string name, GrainId target) =>
        Log.LogWarning(exception, "{Method} of {Grain} failed when its caller no longer waited", name, target);

    /// <exception cref="OrleansConfigurationException">Ages of collection that its quantum cannot tell apart.</exception>
    public void Start()
    {
        var quantum = Collection.CollectionQuantum;
        if (quantum <= TimeSpan.Zero || Collection.ClassSpecificCollectionAge.Values.Append(Collection.CollectionAge).Min() <= quantum)
        {
            throw new OrleansConfigurationException(
                $"{nameof(Collection.CollectionQuantum)} is set to {quantum}. It must be greater than 0, and every age greater than it.");
        }

        collector = Time.CreateTimer(static silo => ((Silo)silo!).Collect(), this, quantum, quantum);
    }

    /// <summary>Ends every activation, the ones included that others make in ending, within the time that the token gives.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        collector?.Dispose();
        try
        {
            while (Snapshot() is { Length: > 0 } activations)
            {
                foreach (var activation in activations)
                {
                    activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo is shutting down."), cancellationToken);
                }

                await Task.WhenAll(activations.Select(activation => activation.Deactivated)).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Log.LogWarning("The silo stopped before all of its grains had; {Count} were left", Snapshot().Length);
        }

        closed = true;
    }

    void Collect()
    {
        foreach (var activation in Snapshot())
        {
            if (activation.Class.AgeLimit is { } limit && activation.Idle >= limit && !activation.IsKept)
            {
                activation.Deactivate(new(DeactivationReasonCode.ActivationIdle, "The activation has been idle for its age limit."));
            }
        }
    }

    Activation[] Snapshot() => [.. targets.Values.SelectMany(target => target.Activations)];

    IGrainTarget NewTarget(GrainId id)
    {
        var grainClass = Classes.Get(id.Type);
        return grainClass.WorkersMax is { } workersMax
            ? new StatelessWorkers(this, grainClass, id, workersMax)
            : new Activation(this, grainClass, id, this);
    }
}

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
