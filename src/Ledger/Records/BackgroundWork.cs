namespace OpenLedger.Ledger;

/// <summary>
/// Work that need not delay a batch, done in order, one piece at a time: on the thread pool, or at once where a ledger must behave the same
/// whenever it is repeated. A failure is thrown to whoever looks next. Bounded: whoever adds to a long queue waits.
/// </summary>
sealed class BackgroundWork(bool atOnce)
{
    const int PiecesMax = 64;

    int pieceCount;
    Task last = Task.CompletedTask;

    /// <summary>Whether everything added so far is done.</summary>
    public bool IsIdle => last.IsCompleted;

    public void Add(Action piece)
    {
        ThrowIfFailed();
        if (atOnce)
        {
            piece();
            return;
        }
        if (Volatile.Read(ref pieceCount) >= PiecesMax)
        {
            Wait();
        }
        _ = Interlocked.Increment(ref pieceCount);
        last = last.ContinueWith(
            before =>
            {
                _ = Interlocked.Decrement(ref pieceCount);
                before.GetAwaiter().GetResult();
                piece();
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public void ThrowIfFailed()
    {
        if (last.IsFaulted)
        {
            last.GetAwaiter().GetResult();
        }
    }

    public void Wait() => last.GetAwaiter().GetResult();

    /// <summary>Waits, whatever comes of it.</summary>
    public void Stop() => ((IAsyncResult)last).AsyncWaitHandle.WaitOne();
}
