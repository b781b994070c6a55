using System.Collections.Concurrent;
using System.Net;
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

/// <summary>Who this silo is: the one of its cluster.</summary>
sealed record SiloDetails(string Name, string ClusterId, SiloAddress SiloAddress) : ILocalSiloDetails
{
    public string DnsHostName => Dns.GetHostName();
    public SiloAddress GatewayAddress => SiloAddress;
}

/// <summary>All activations of the process, and the way of every call to them.</summary>
sealed class Silo : IGrainTargets
{
    // How often callers are looked at that have waited too long.
    static readonly TimeSpan ExpiryPeriodMax = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<GrainId, IGrainTarget> targets = new();
    readonly Lazy<IIncomingGrainCallFilter[]> incoming;
    readonly Lazy<IOutgoingGrainCallFilter[]> outgoing;
    readonly Lock watchGate = new();
    List<Activation> watched = [];
    volatile bool closed;
    ITimer? collector;
    ITimer? expirer;

    public Silo(
        IServiceProvider services,
        TimeProvider time,
        ILogger<Silo> log,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IOptions<ClusterOptions> cluster,
        IOptions<SiloOptions> silo,
        IOptions<EndpointOptions> endpoints)
    {
        Services = services;
        Time = time;
        Log = log;
        Messaging = messaging.Value;
        Collection = collection.Value;
        Started = time.GetUtcNow().UtcDateTime;
        var address = endpoints.Value.AdvertisedIPAddress ?? IPAddress.Loopback;
        Details = new(
            silo.Value.SiloName ?? "Silo_0",
            cluster.Value.ClusterId,
            SiloAddress.New(address, endpoints.Value.SiloPort, (int)((Started.Ticks / TimeSpan.TicksPerSecond) & int.MaxValue)));
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
    public SiloDetails Details { get; }
    public DateTime Started { get; }
    public GrainClasses Classes { get; }
    public References References { get; }
    public IIncomingGrainCallFilter[] IncomingFilters => incoming.Value;
    public IOutgoingGrainCallFilter[] OutgoingFilters => outgoing.Value;
    public IEnumerable<Activation> Activations => targets.Values.SelectMany(target => target.Activations);

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

    /// <summary>Sends a step of a method's call, which may interleave with all others.</summary>
    public Task<TResult> SendStep<TResult>(
        GrainId target,
        GrainMethod method,
        object?[] arguments,
        CancellationToken token,
        Func<Activation, CancellationToken, ValueTask<TResult>> work)
    {
        var call = new StepCall<TResult>(this, method, arguments, work) { Target = target, IsAlwaysInterleave = true };
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
            if (targets.TryGetValue(id, out var known) || !Observers.IsObserver(id)
                ? (known ?? targets.GetOrAdd(id, static (key, silo) => silo.NewTarget(key), this)).TryReceive(message)
                : Refuse(message, id))
            {
                return;
            }
        }

        message.Reject(new SiloUnavailableException($"The silo has stopped and takes no calls: {id}."));
    }

    public void Remove(Activation activation) => targets.TryRemove(new(activation.GrainId, activation));

    public void Remove(GrainId id, IGrainTarget target) => targets.TryRemove(new(id, target));

    /// <summary>Adds an observer, which nothing but its own removal ends.</summary>
    public void Add(Activation observer) => targets[observer.GrainId] = observer;

    public void Remove(GrainId observer) => targets.TryRemove(observer, out _);

    public void ReportUnseen(Exception exception, string name, GrainId target) =>
        Log.LogWarning(exception, "{Method} of {Grain} failed when its caller no longer waited", name, target);

    /// <summary>From now on the calls of this activation are looked at, until it has none.</summary>
    public void Watch(Activation activation)
    {
        lock (watchGate)
        {
            watched.Add(activation);
        }
    }

    /// <exception cref="OrleansConfigurationException">Ages of collection that its quantum cannot tell apart.</exception>
    public void Start()
    {
        var quantum = Collection.CollectionQuantum;
        if (quantum <= TimeSpan.Zero || Collection.ClassSpecificCollectionAge.Values.Append(Collection.CollectionAge).Min() <= quantum)
        {
            throw new OrleansConfigurationException(
                $"{nameof(Collection.CollectionQuantum)} is set to {quantum}. It must be greater than 0, and every age greater than it.");
        }

        var period = Messaging.ResponseTimeout / 4;
        period = period > TimeSpan.Zero && period < ExpiryPeriodMax ? period : ExpiryPeriodMax;
        collector = Time.CreateTimer(static silo => ((Silo)silo!).Collect(null), this, quantum, quantum);
        expirer = Time.CreateTimer(static silo => ((Silo)silo!).Expire(), this, period, period);
    }

    /// <summary>Ends every activation, the ones included that others make in ending, within the time that the token gives.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        collector?.Dispose();
        try
        {
            while (Activations.Where(activation => !Observers.IsObserver(activation.GrainId)).ToArray() is { Length: > 0 } activations)
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
            Log.LogWarning("The silo stopped before all of its grains had; {Count} were left", Activations.Count());
        }

        expirer?.Dispose();
        closed = true;
    }

    /// <summary>Ends what has been idle for this long, or for the age of its class.</summary>
    public void Collect(TimeSpan? age)
    {
        foreach (var activation in Activations)
        {
            if (activation.Class.AgeLimit is { } limit && activation.Idle >= (age ?? limit) && !activation.IsKept)
            {
                activation.Deactivate(new(DeactivationReasonCode.ActivationIdle, "The activation has been idle for its age limit."));
            }
        }
    }

    void Expire()
    {
        List<Activation> current;
        lock (watchGate)
        {
            (current, watched) = (watched, []);
        }

        var (now, expired) = (Time.GetTimestamp(), new List<Message>());
        current.RemoveAll(activation => !activation.CollectExpired(now, expired));
        lock (watchGate)
        {
            watched.AddRange(current);
        }

        expired.ForEach(static message => message.Expire());
    }

    static bool Refuse(Message message, GrainId id)
    {
        message.Reject(new ClientNotAvailableException(id));
        return true;
    }

    IGrainTarget NewTarget(GrainId id)
    {
        var grainClass = Classes.Get(id.Type);
        return grainClass.WorkersMax is { } workersMax
            ? new StatelessWorkers(this, grainClass, id, workersMax)
            : new Activation(this, grainClass, id, this);
    }
}
