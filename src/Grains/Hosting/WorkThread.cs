using System.Threading.Channels;

namespace OpenLedger.Grains.Hosting;

/// <summary>
/// One dedicated thread behind a bounded queue, for work that burns the processor and must not run on a grain's turn.
/// Jobs run one at a time, in order of arrival.
/// </summary>
public sealed class WorkThread : IDisposable
{
    readonly Channel<Job> _queue;
    readonly CancellationTokenSource _stopping = new();
    readonly Thread _thread;
    readonly string _name;
    readonly int _capacity;

    /// <param name="name">Named in errors and in the thread list.</param>
    /// <param name="capacity">Most jobs that wait; one more is refused with <see cref="BusyException"/>.</param>
    public WorkThread(string name, int capacity, ThreadPriority priority = ThreadPriority.Normal)
    {
        _name = name;
        _capacity = capacity;
        var options = new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait };
        _queue = Channel.CreateBounded<Job>(options);
        _thread = new Thread(Loop) { IsBackground = true, Name = name, Priority = priority };
        _thread.Start();
    }

    /// <summary>Runs a function on the thread and completes with what it returns.</summary>
    /// <exception cref="BusyException">The queue is full.</exception>
    public Task<T> Run<T>(Func<CancellationToken, T> work, CancellationToken cancellationToken = default)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = new Job(
            token =>
            {
                try
                {
                    completion.TrySetResult(work(token));
                }
                catch (OperationCanceledException)
                {
                    completion.TrySetCanceled(CancellationToken.None);
                }
                catch (Exception exception)
                {
                    completion.TrySetException(exception);
                }
            },
            () => completion.TrySetCanceled(CancellationToken.None),
            cancellationToken);
        if (!_queue.Writer.TryWrite(job))
        {
            throw new BusyException(_stopping.IsCancellationRequested
                ? $"The {_name} thread has stopped."
                : $"The {_name} queue holds {_capacity} jobs and takes no more; try again later.");
        }

        return completion.Task;
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _queue.Writer.TryComplete();
        _thread.Join(TimeSpan.FromSeconds(10));
    }

    void Loop()
    {
        // The reader blocks this thread on purpose: it has nothing else to do, and no scheduler turn is held.
        foreach (var job in _queue.Reader.ReadAllAsync().ToBlockingEnumerable())
        {
            if (_stopping.IsCancellationRequested || job.CancellationToken.IsCancellationRequested)
            {
                job.Cancel();
                continue;
            }

            using var linked = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, job.CancellationToken);
            job.Execute(linked.Token);
        }
    }

    sealed record Job(Action<CancellationToken> Execute, Action Cancel, CancellationToken CancellationToken);
}
