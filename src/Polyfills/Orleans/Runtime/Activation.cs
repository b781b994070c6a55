using Microsoft.Extensions.Logging;

namespace Orleans.Engine;

/// <summary>One life of one grain in memory: its mailbox, its turns, its instance.</summary>
sealed partial class Activation : IGrainContext
{
    enum Stage
    {
        Created,
        Activating,
        Active,
        Deactivating,
        Gone,
    }

    readonly Lock gate = new();
    readonly Mailbox waiting = new();
    readonly List<Message> running = [];
    readonly Dictionary<Guid, int> callChains = [];
    readonly Func<Message, bool> mayRun;
    readonly TaskCompletionSource deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly IGrainTargets owner;
    Stage stage;
    Message? blocking;
    bool pumpQueued;

    public Activation(Silo silo, GrainClass grainClass, GrainId id, IGrainTargets owner)
    {
        Silo = silo;
        Class = grainClass;
        GrainId = id;
        this.owner = owner;
        Scheduler = new(this);
        ActivationId = new(Numbers.NextGuid());
        mayRun = MayRun;
        usedAt = silo.Time.GetTimestamp();
    }

    public Silo Silo { get; }
    public GrainClass Class { get; }
    public GrainId GrainId { get; }
    public ActivationId ActivationId { get; }
    public ActivationScheduler Scheduler { get; }
    public object? GrainInstance { get; private set; }
    public GrainReference GrainReference => field ??= Silo.References.Create(Class.Interfaces[0], GrainId);
    public Task Deactivated => deactivated.Task;

    /// <summary>Waiting and running; one that ends takes nothing more on.</summary>
    public int Load
    {
        get
        {
            lock (gate)
            {
                return stopping is null ? waiting.Count + running.Count : int.MaxValue;
            }
        }
    }

    /// <summary>Takes the message, or says that this activation is gone.</summary>
    public bool TryReceive(Message message)
    {
        LimitExceededException? refusal = null;
        lock (gate)
        {
            if (stage == Stage.Gone)
            {
                return false;
            }

            var (limit, limitName) = Class.MailboxLimit;
            var count = waiting.Count + running.Count;
            if (limit > 0 && count > limit && !message.IsLocalOnly)
            {
                refusal = new(limitName, count, limit, ToString());
            }
            else
            {
                waiting.Enqueue(message);
            }
        }

        if (refusal is null)
        {
            Wake();
        }
        else
        {
            message.Reject(refusal);
        }

        return true;
    }

    /// <summary>A request has ended.</summary>
    public void Complete(Message message)
    {
        lock (gate)
        {
            running.Remove(message);
            if (message.IsKeepAlive)
            {
                usedAt = Silo.Time.GetTimestamp();
            }

            if (ReferenceEquals(blocking, message))
            {
                // Another that was let in beside it, a read-only one, now holds the turn.
                blocking = running.Find(static other => !other.IsAlwaysInterleave);
            }

            if (running.Count == 0)
            {
                quiet?.TrySetResult();
            }
        }

        Wake();
    }

    public void EnterCallChain(Guid id)
    {
        lock (gate)
        {
            callChains[id] = callChains.GetValueOrDefault(id) + 1;
        }
    }

    public void ExitCallChain(Guid id)
    {
        lock (gate)
        {
            if (callChains.GetValueOrDefault(id) is > 1 and var count)
            {
                callChains[id] = count - 1;
            }
            else
            {
                callChains.Remove(id);
            }
        }
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => $"{GrainId}{ActivationId} ({Class.Type.FullName})";

    void Wake()
    {
        if (!Interlocked.Exchange(ref pumpQueued, true))
        {
            Scheduler.Post(static activation => ((Activation)activation!).Pump(), this);
        }
    }

    // Runs as a task of the scheduler, so that the code of every message starts on it.
    void Pump()
    {
        Volatile.Write(ref pumpQueued, false);
        lock (gate)
        {
            if (stage == Stage.Created)
            {
                stage = Stage.Activating;
                starting = Start();
            }
        }

        while (Take() is { } message)
        {
            _ = message.Execute(this);
        }
    }

    Message? Take()
    {
        lock (gate)
        {
            while (stage == Stage.Active && waiting.Dequeue(mayRun) is { } message)
            {
                if (message.IsExpired)
                {
                    continue;
                }

                running.Add(message);
                if (!message.IsAlwaysInterleave)
                {
                    blocking ??= message;
                }

                return message;
            }

            return null;
        }
    }

    bool MayRun(Message message) =>
        blocking is null
        || message.IsAlwaysInterleave
        || Class.IsReentrant
        || (blocking.IsReadOnly && message.IsReadOnly)
        || (message.ReentrancyId != Guid.Empty && callChains.ContainsKey(message.ReentrancyId));

    /// <summary>A stale state ends the activation that wrote it, so that the next call starts from what is stored.</summary>
    public void ObserveFailure(Exception exception)
    {
        if (exception is Orleans.Storage.InconsistentStateException { IsSourceActivation: true } inconsistent)
        {
            inconsistent.IsSourceActivation = false;
            Silo.Log.LogInformation(exception, "Deactivating {Activation} due to inconsistent state.", this);
            Deactivate(new(DeactivationReasonCode.ApplicationError, exception, exception.Message));
        }
    }
}
