namespace Orleans.Engine;

/// <summary>Runs the tasks of one activation one after the other on the thread pool: this is what makes its code single-threaded.</summary>
sealed partial class Activation : TaskScheduler, IThreadPoolWorkItem
{
    // An activation with much to do gives its thread back after so many tasks or messages, so that others get theirs.
    const int StepsPerTurnMax = 64;

    // Idle activations are many and most have one task at a time: the queue is there only while it is needed.
    Task? nextTask;
    Queue<Task>? laterTasks;
    bool scheduled;
    bool pumpWanted;
    bool pumping;

    public override int MaximumConcurrencyLevel => 1;

    protected override void QueueTask(Task task)
    {
        lock (gate)
        {
            if (nextTask is null)
            {
                nextTask = task;
            }
            else
            {
                (laterTasks ??= new()).Enqueue(task);
            }

            if (scheduled)
            {
                return;
            }

            scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    void IThreadPoolWorkItem.Execute()
    {
        RuntimeContext.Current = this;
        try
        {
            for (var step = 0; step < StepsPerTurnMax; step++)
            {
                Task? task;
                lock (gate)
                {
                    if (pumpWanted)
                    {
                        (pumpWanted, task) = (false, null);
                    }
                    else if ((task = nextTask) is not null)
                    {
                        nextTask = null;
                        laterTasks?.TryDequeue(out nextTask);
                        laterTasks = nextTask is null ? null : laterTasks;
                    }
                    else
                    {
                        scheduled = false;
                        return;
                    }
                }

                if (task is null)
                {
                    // A task around the messages, so that what they await comes back to this scheduler.
                    new Task(static activation => ((Activation)activation!).Pump(), this).RunSynchronously(this);
                }
                else
                {
                    TryExecuteTask(task);
                }
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
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, this) && TryExecuteTask(task);

    // For debuggers alone, which see the fields as well.
    protected override IEnumerable<Task> GetScheduledTasks() => [];

    /// <summary>Runs the action as a task of the activation, with none of the caller's ambient values.</summary>
    public void Post(Action<object?> action, object? state = null)
    {
        using var suppressed = ExecutionContext.IsFlowSuppressed() ? default(IDisposable) : ExecutionContext.SuppressFlow();
        new Task(action, state).Start(this);
    }

    // Under the gate: says whether the thread pool has to be told.
    bool WantPump()
    {
        pumpWanted = !pumping || pumpWanted;
        (var tell, scheduled) = (pumpWanted && !scheduled, scheduled || pumpWanted);
        return tell;
    }

    void TellPool() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
}
