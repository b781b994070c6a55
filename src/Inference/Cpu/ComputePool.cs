namespace OpenLedger.Inference;

/// <summary>
/// A few threads that share the items of one computation. Items are fixed by the caller and each writes its own outputs, so
/// results never depend on how many threads there are or on who took which item.
/// </summary>
/// <remarks>
/// Calls from several threads queue up: one computation runs at a time. One from within an item runs on its thread alone.
/// </remarks>
public sealed class ComputePool : IDisposable
{
    /// <summary>Most threads a pool may have.</summary>
    public const int ThreadCountMax = 256;

    /// <summary>Turns a worker spins for the next computation before it sleeps: products follow each other within microseconds.</summary>
    const int SpinTurnsMax = 2_000;

    [ThreadStatic]
    static bool _computing;

    readonly Thread[] _workers;
    readonly SemaphoreSlim _wake = new(0);
    readonly Lock _gate = new();
    Computation? _current;
    int _sleeping;
    volatile bool _stopping;

    /// <param name="threadCount">Threads that compute, the caller's included; 0 for one a core.</param>
    /// <param name="name">What the worker threads are called.</param>
    public ComputePool(int threadCount = 0, string name = "compute")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threadCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threadCount, ThreadCountMax);
        ThreadCount = threadCount == 0 ? Math.Min(Environment.ProcessorCount, ThreadCountMax) : threadCount;
        _workers = new Thread[ThreadCount - 1];
        for (var index = 0; index < _workers.Length; index++)
        {
            _workers[index] = new Thread(Work) { IsBackground = true, Name = $"{name}-{index + 1}" };
            _workers[index].Start();
        }
    }

    /// <summary>Threads that compute, the caller's included.</summary>
    public int ThreadCount { get; }

    /// <summary>Calls <paramref name="execute"/> once for each item from 0 on and returns when all are done.</summary>
    /// <exception cref="AggregateException">An item threw; the others were still run or given up.</exception>
    public void Run(int itemCount, Action<int> execute)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(itemCount);
        if (itemCount <= 1 || _workers.Length == 0 || _computing)
        {
            for (var item = 0; item < itemCount; item++)
            {
                execute(item);
            }

            return;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            var computation = new Computation(itemCount, execute);
            Volatile.Write(ref _current, computation);
            Interlocked.MemoryBarrier();
            var sleeping = Volatile.Read(ref _sleeping);
            if (sleeping > 0)
            {
                _wake.Release(sleeping);
            }

            computation.TakeItems();
            computation.WaitForOthers();
            Volatile.Write(ref _current, null);
            computation.ThrowIfFailed();
        }
    }

    /// <summary>As <see cref="Run"/>, over ranges of at most <paramref name="rangeLength"/> consecutive indices.</summary>
    /// <param name="execute">Takes the first index and the index after the last.</param>
    public void RunRanges(int length, int rangeLength, Action<int, int> execute)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rangeLength);
        Run((length + rangeLength - 1) / rangeLength, item => execute(item * rangeLength, Math.Min(length, (item + 1) * rangeLength)));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
        }

        _wake.Release(ThreadCountMax);
        foreach (var worker in _workers)
        {
            worker.Join();
        }

        _wake.Dispose();
    }

    void Work()
    {
        Computation? last = null;
        while (!_stopping)
        {
            var next = AwaitNext(last);
            if (next is not null)
            {
                next.TakeItems();
                last = next;
            }
        }
    }

    Computation? AwaitNext(Computation? last)
    {
        for (var turn = 0; turn < SpinTurnsMax; turn++)
        {
            var current = Volatile.Read(ref _current);
            if (current is not null && !ReferenceEquals(current, last))
            {
                return current;
            }

            Thread.SpinWait(20);
        }

        // Announced before the last look, so that a computation published in between wakes this thread.
        Interlocked.Increment(ref _sleeping);
        var seen = Volatile.Read(ref _current);
        if ((seen is null || ReferenceEquals(seen, last)) && !_stopping)
        {
            _wake.Wait();
            seen = Volatile.Read(ref _current);
        }

        Interlocked.Decrement(ref _sleeping);
        return ReferenceEquals(seen, last) ? null : seen;
    }

    sealed class Computation(int itemCount, Action<int> execute)
    {
        int _next;
        int _done;
        Exception? _failure;

        public void TakeItems()
        {
            _computing = true;
            while (true)
            {
                var item = Interlocked.Increment(ref _next) - 1;
                if (item >= itemCount)
                {
                    _computing = false;
                    return;
                }

                try
                {
                    if (Volatile.Read(ref _failure) is null)
                    {
                        execute(item);
                    }
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref _failure, exception, null);
                }

                Interlocked.Increment(ref _done);
            }
        }

        public void WaitForOthers()
        {
            var spin = new SpinWait();
            while (Volatile.Read(ref _done) < itemCount)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }

        public void ThrowIfFailed()
        {
            if (_failure is not null)
            {
                throw new AggregateException("An item of a computation failed.", _failure);
            }
        }
    }
}
