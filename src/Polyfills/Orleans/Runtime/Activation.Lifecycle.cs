using Microsoft.Extensions.Logging;

namespace Orleans.Engine;

sealed partial class Activation
{
    /// <summary>What is there once an activation ends, or somebody waits for its end.</summary>
    sealed class Ending
    {
        public DeactivationReason Reason { get; set; }
        public TaskCompletionSource Quiet { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    IServiceScope? scope;
    TaskCompletionSource? deactivated;
    Ending? ending;
    bool started;
    long usedAt;
    long keptUntil = long.MinValue;

    public IServiceProvider ActivationServices => (scope ??= Silo.Services.CreateScope()).ServiceProvider;
    public Task Deactivated
    {
        get
        {
            lock (gate)
            {
                return (deactivated ??= NewEnd()).Task;
            }
        }
    }

    /// <summary>States to be read before the grain activates.</summary>
    public List<Orleans.Core.IStorage>? States { get; set; }

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

    static TaskCompletionSource NewEnd() => new(TaskCreationOptions.RunContinuationsAsynchronously);

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
            if (ending is not null)
            {
                return;
            }

            ending = new() { Reason = deactivationReason };
            if (stage != Stage.Activating)
            {
                stage = Stage.Deactivating;
                Post(_ => Stop(cancellationToken).Ignore());
            }
        }
    }

    // Ends at once, without a turn of its own, where there is nothing to wait for.
    async Task Start()
    {
        try
        {
            using var timeout = Class.ActivatesAtOnce && States is null
                ? null
                : new CancellationTokenSource(Silo.Collection.ActivationTimeout, Silo.Time);
            var token = timeout?.Token ?? CancellationToken.None;
            if (Class.Placement is { } placement)
            {
                var (context, grainInterface) = waiting.First?.Origin ?? default;
                await placement.Place(GrainId, context, grainInterface).WaitAsync(token);
            }

            instance = Class.Create(this);
            foreach (var state in States ?? [])
            {
                await state.ReadStateAsync().WaitAsync(token);
            }

            if (!Class.ActivatesAtOnce)
            {
                await ((IGrainBase)instance).OnActivateAsync(token).WaitAsync(token);
            }

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
            stage = ending is null ? Stage.Active : Stage.Deactivating;
            if (ending is not null)
            {
                Post(_ => Stop(CancellationToken.None).Ignore());
            }
        }

        Wake();
    }

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
            await Attempt(() => ((IGrainBase)instance!).OnDeactivateAsync(ending!.Reason, both.Token).WaitAsync(both.Token));
        }

        await Attempt(() => DisposeInstance().AsTask());
        await Attempt(() => (scope as IAsyncDisposable)?.DisposeAsync().AsTask() ?? Task.CompletedTask);
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
            return running.Count == 0 ? Task.CompletedTask : ending!.Quiet.Task;
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
            while (waiting.First is { } message)
            {
                waiting.Remove(message);
                left.Add(message);
            }

            (deactivated ??= NewEnd()).TrySetResult();
        }

        foreach (var message in left)
        {
            if (ending!.Reason is { ReasonCode: DeactivationReasonCode.ActivationFailed, Exception: { } exception })
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
