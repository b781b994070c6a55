using Microsoft.Extensions.Logging;

namespace Orleans.Engine;

sealed partial class Activation
{
    AsyncServiceScope scope;
    Task? starting;
    Task? stopping;
    TaskCompletionSource? quiet;
    DeactivationReason reason;
    bool started;
    long usedAt;
    long keptUntil = long.MinValue;

    public IServiceProvider ActivationServices => scope.ServiceProvider;
    /// <summary>States to be read before the grain activates.</summary>
    public List<Orleans.Core.IStorage> States { get; } = [];

    /// <summary>How long nothing has been running or waiting; negative while something is.</summary>
    public TimeSpan Idle
    {
        get
        {
            lock (gate)
            {
                return stage != Stage.Active || running.Count + waiting.Count > 0
                    ? Timeout.InfiniteTimeSpan
                    : Silo.Time.GetElapsedTime(usedAt);
            }
        }
    }

    public bool IsKept => Silo.Time.GetTimestamp() < Volatile.Read(ref keptUntil);

    public void DelayDeactivation(TimeSpan time)
    {
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
        {
            Volatile.Write(ref keptUntil, long.MinValue);
            return;
        }

        var ticks = time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan
            ? double.MaxValue
            : Silo.Time.GetTimestamp() + (time.TotalSeconds * Silo.Time.TimestampFrequency);
        Volatile.Write(ref keptUntil, ticks >= long.MaxValue ? long.MaxValue : (long)ticks);
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (stopping is not null || stage is Stage.Deactivating or Stage.Gone)
            {
                return;
            }

            reason = deactivationReason;
            stopping = Task.CompletedTask;
            if (stage != Stage.Activating)
            {
                stage = Stage.Deactivating;
                Post(() => stopping = Stop(cancellationToken));
            }
        }
    }

    void Post(Action action) => Scheduler.Post(static state => ((Action)state!)(), action);

    async Task Start()
    {
        // Only now, off the lock that the pump holds.
        await Task.Yield();
        try
        {
            using var timeout = new CancellationTokenSource(Silo.Collection.ActivationTimeout, Silo.Time);
            scope = Silo.Services.CreateAsyncScope();
            GrainInstance = Class.Create(this);
            foreach (var state in States)
            {
                await state.ReadStateAsync(timeout.Token).WaitAsync(timeout.Token);
            }

            await OnActivate(timeout.Token).WaitAsync(timeout.Token);
            started = true;
        }
        catch (Exception exception)
        {
            Silo.Log.LogError(exception, "Error activating grain {Activation}", this);
            Deactivate(new(DeactivationReasonCode.ActivationFailed, exception, "Failed to activate grain."));
        }

        lock (gate)
        {
            usedAt = Silo.Time.GetTimestamp();
            if (stopping is null)
            {
                stage = Stage.Active;
            }
            else
            {
                stage = Stage.Deactivating;
                Post(() => stopping = Stop(CancellationToken.None));
            }
        }

        Wake();
    }

    Task OnActivate(CancellationToken token) => GrainInstance switch
    {
        Grain grain => grain.OnActivateAsync(token),
        IGrainBase grain => grain.OnActivateAsync(token),
        _ => Task.CompletedTask,
    };

    Task OnDeactivate(CancellationToken token) => GrainInstance switch
    {
        Grain grain => grain.OnDeactivateAsync(reason, token),
        IGrainBase grain => grain.OnDeactivateAsync(reason, token),
        _ => Task.CompletedTask,
    };

    async Task Stop(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Silo.Collection.DeactivationTimeout, Silo.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        StopTimers();
        enumerations?.Close();
        await Attempt(() => Quiet().WaitAsync(cancellationToken));
        await Attempt(() => StopEnumerations().WaitAsync(both.Token));
        if (started)
        {
            await Attempt(() => OnDeactivate(both.Token).WaitAsync(both.Token));
        }

        await Attempt(() => DisposeInstance().AsTask());
        await Attempt(() => scope.ServiceProvider is null ? Task.CompletedTask : scope.DisposeAsync().AsTask());
        Leave();
    }

    // Ending goes on whatever fails on the way: a grain that cannot say goodbye must still make room for its successor.
    async Task Attempt(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception exception)
        {
            Silo.Log.LogWarning(exception, "Error deactivating grain {Activation}", this);
        }
    }

    Task Quiet()
    {
        lock (gate)
        {
            if (running.Count == 0)
            {
                return Task.CompletedTask;
            }

            quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return quiet.Task;
        }
    }

    ValueTask DisposeInstance()
    {
        if (GrainInstance is IAsyncDisposable asynchronous)
        {
            return asynchronous.DisposeAsync();
        }

        (GrainInstance as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }

    // Those that still wait go to the next activation, unless this one could not be made: then they learn why.
    void Leave()
    {
        owner.Remove(this);
        var left = new List<Message>();
        lock (gate)
        {
            stage = Stage.Gone;
            while (waiting.Dequeue(static _ => true) is { } message)
            {
                left.Add(message);
            }
        }

        deactivated.TrySetResult();
        foreach (var message in left)
        {
            if (reason is { ReasonCode: DeactivationReasonCode.ActivationFailed, Exception: { } exception })
            {
                message.Reject(exception);
            }
            else if (!message.IsLocalOnly)
            {
                Silo.Deliver(GrainId, message);
            }
        }
    }
}
