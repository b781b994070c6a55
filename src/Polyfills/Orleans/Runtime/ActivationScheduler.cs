namespace Orleans.Engine;

/// <summary>Runs the tasks of one activation one after the other on the thread pool: this is what makes its code single-threaded.</summary>
sealed class ActivationScheduler(Activation activation) : TaskScheduler, IThreadPoolWorkItem
{
    // An activation with much to do gives its thread back after so many tasks, so that others get theirs.
    const int TasksPerTurnMax = 64;

    readonly Lock gate = new();
    readonly Queue<Task> tasks = new();
    bool scheduled;

    public override int MaximumConcurrencyLevel => 1;

    protected override void QueueTask(Task task)
    {
        lock (gate)
        {
            tasks.Enqueue(task);
            if (scheduled)
            {
                return;
            }

            scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    public void Execute()
    {
        RuntimeContext.Current = activation;
        try
        {
            for (var done = 0; done < TasksPerTurnMax; done++)
            {
                Task? task;
                lock (gate)
                {
                    if (!tasks.TryDequeue(out task))
                    {
                        scheduled = false;
                        return;
                    }
                }

                TryExecuteTask(task);
            }
        }
        finally
        {
            RuntimeContext.Current = null;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    // Only a task that this scheduler has not queued, on the thread that it is running on, keeps the order of turns.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, activation) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (gate)
        {
            return [.. tasks];
        }
    }

    /// <summary>Runs the action as a task of the activation, with none of the caller's ambient values.</summary>
    public void Post(Action<object?> action, object? state)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            new Task(action, state).Start(this);
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            new Task(action, state).Start(this);
        }
    }
}
