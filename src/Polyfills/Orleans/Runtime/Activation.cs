using Microsoft.Extensions.Logging;

namespace Orleans.Engine;

/// <summary>One life of one grain in memory: its mailbox, its turns, its instance. Idle ones are many: what few need is late.</summary>
sealed partial class Activation : IGrainContext, IGrainTarget
{
    enum Stage : byte
    {
        Created,
        Activating,
        Active,
        Deactivating,
        Gone,
    }

    readonly Lock gate = new();
    readonly IGrainTargets owner;
    readonly long number = Numbers.Next();
    object? instance;
    MessageList waiting;
    MessageList running;
    Message? blocking;
    Dictionary<Guid, int>? callChains;
    bool isWatched;
    Stage stage;

    public Activation(Silo silo, GrainClass grainClass, GrainId id, IGrainTargets owner)
    {
        Silo = silo;
        Class = grainClass;
        GrainId = id;
        this.owner = owner;
        usedAt = silo.Time.GetTimestamp();
    }

    /// <summary>An object that is there already: an observer, held as weakly as its reference says.</summary>
    public Activation(Silo silo, GrainClass observerClass, GrainId id, IGrainTargets owner, WeakReference observer)
        : this(silo, observerClass, id, owner) => (instance, stage) = (observer, Stage.Active);

    public Silo Silo { get; }
    public GrainClass Class { get; }
    public GrainId GrainId { get; }
    public ActivationId ActivationId => new(Numbers.GuidOf(number));
    public object? GrainInstance => instance is WeakReference observer ? observer.Target : instance;
    public GrainReference GrainReference => field ??= Silo.References.Create(Class.Interfaces[0], GrainId);
    public IEnumerable<Activation> Activations => [this];

    /// <summary>Waiting and running; one that ends takes nothing more on.</summary>
    public int Load
    {
        get
        {
            lock (gate)
            {
                return ending is null ? waiting.Count + running.Count : int.MaxValue;
            }
        }
    }

    /// <summary>Takes the message, or says that this activation is gone.</summary>
    public bool TryReceive(Message message)
    {
        bool tell, watch;
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
                message.Reject(new LimitExceededException(limitName, count, limit, ToString()));
                return true;
            }

            waiting.Add(message);
            tell = WantPump();
            (watch, isWatched) = (!isWatched, true);
        }

        if (watch)
        {
            Silo.Watch(this);
        }

        if (tell)
        {
            TellPool();
        }

        return true;
    }

    /// <summary>Adds the calls whose callers have waited long enough; false when there is nothing left to watch.</summary>
    public bool CollectExpired(long now, List<Message> expired)
    {
        lock (gate)
        {
            waiting.CollectExpired(now, expired);
            running.CollectExpired(now, expired);
            return isWatched = waiting.Count + running.Count > 0;
        }
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
                for (blocking = running.First; blocking is { IsAlwaysInterleave: true }; blocking = blocking.Next)
                {
                }
            }

            if (running.Count == 0)
            {
                ending?.Quiet.TrySetResult();
            }

            if (waiting.Count == 0 || !WantPump())
            {
                return;
            }
        }

        TellPool();
    }

    /// <summary>Calls of this chain may come back from now on, or no longer; a chain may be allowed several times.</summary>
    public void CountCallChain(Guid id, int by)
    {
        lock (gate)
        {
            callChains ??= [];
            callChains[id] = callChains.GetValueOrDefault(id) + by;
            _ = callChains[id] == 0 && callChains.Remove(id);
        }
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => $"{GrainId}{ActivationId} ({Class.Type.FullName})";

    void Wake()
    {
        lock (gate)
        {
            if (!WantPump())
            {
                return;
            }
        }

        TellPool();
    }

    // Runs as a task of the scheduler, so that the code of every message starts on it.
    void Pump()
    {
        bool starts;
        lock (gate)
        {
            pumping = true;
            starts = stage == Stage.Created;
            stage = starts ? Stage.Activating : stage;
        }

        if (starts)
        {
            _ = Start();
        }

        for (var step = 0; step < StepsPerTurnMax; step++)
        {
            if (Take() is not { } message)
            {
                return;
            }

            _ = message.Execute(this);
        }

        lock (gate)
        {
            (pumping, pumpWanted) = (false, true);
        }
    }

    Message? Take()
    {
        lock (gate)
        {
            while (stage == Stage.Active && waiting.Dequeue(this) is { } message)
            {
                if (message.IsExpired)
                {
                    continue;
                }

                running.Add(message);
                blocking ??= message.IsAlwaysInterleave ? null : message;
                return message;
            }

            pumping = false;
            return null;
        }
    }

    /// <summary>Whether the message may begin beside those under way.</summary>
    public bool MayRun(Message message) =>
        blocking is null
        || message.IsAlwaysInterleave
        || Class.IsReentrant
        || (blocking.IsReadOnly && message.IsReadOnly)
        || (message.ReentrancyId != Guid.Empty && callChains?.ContainsKey(message.ReentrancyId) == true);

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
