using Microsoft.Extensions.Logging;

namespace Orleans.Engine;

sealed partial class Activation
{
    HashSet<GrainTimer>? timers;

    public GrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        if (!ReferenceEquals(RuntimeContext.Current, this))
        {
            throw new InvalidOperationException(
                $"A timer of {this} was asked for outside of its scheduler: grains register timers in their own code, not in Task.Run.");
        }

        var timer = new GrainTimer(this, callback, options);
        lock (gate)
        {
            (timers ??= []).Add(timer);
        }

        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (gate)
        {
            timers?.Remove(timer);
        }
    }

    void StopTimers()
    {
        GrainTimer[] all;
        lock (gate)
        {
            all = [.. timers ?? []];
        }

        Array.ForEach(all, static timer => timer.Dispose());
    }
}

/// <summary>A timer that ticks through the mailbox of its activation.</summary>
sealed class GrainTimer : IGrainTimer
{
    readonly Lock gate = new();
    readonly CancellationTokenSource cancellation = new();
    readonly Activation activation;
    readonly Func<CancellationToken, Task> callback;
    readonly GrainTimerCreationOptions options;
    readonly ITimer clock;
    TimeSpan due;
    TimeSpan period;
    bool firing;
    bool changed;
    bool disposed;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        this.activation = activation;
        this.callback = callback;
        this.options = options;
        using (ExecutionContext.SuppressFlow())
        {
            clock = activation.Silo.Time.CreateTimer(
                static timer => ((GrainTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        lock (gate)
        {
            due = dueTime;
            this.period = period;
            changed = true;

            // A change from within a tick counts from the end of that tick.
            if (!firing && !disposed)
            {
                clock.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        if (!Interlocked.Exchange(ref disposed, true))
        {
            clock.Dispose();
            activation.Forget(this);
            Quietly.Cancel(cancellation, activation.Silo.Log);
        }
    }

    static void Check(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, time, "A timer's times are zero or more, or infinite.");
        }
    }

    void Fire()
    {
        lock (gate)
        {
            if (disposed || firing)
            {
                return;
            }

            firing = true;
            changed = false;
        }

        activation.TryReceive(new Tick(this) { IsAlwaysInterleave = options.Interleave, IsKeepAlive = options.KeepAlive });
    }

    async Task Run()
    {
        try
        {
            if (!cancellation.IsCancellationRequested)
            {
                await callback(cancellation.Token);
            }
        }
        catch (Exception exception)
        {
            activation.Silo.Log.LogWarning(exception, "Ignored an exception of a timer callback of {Activation}", activation);
            activation.ObserveFailure(exception);
        }

        lock (gate)
        {
            firing = false;
            if (!disposed)
            {
                clock.Change(changed ? due : period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>One tick in the mailbox.</summary>
    sealed class Tick(GrainTimer timer) : Message
    {
        public override bool IsLocalOnly => true;
        public override bool IsExpired => timer.disposed;

        public override async Task Execute(Activation activation)
        {
            await timer.Run();
            activation.Complete(this);
        }

        // Its activation is gone, and the timer with it.
        public override void Reject(Exception exception) => timer.Dispose();
    }
}
