using OpenLedger.Ledger;

namespace OpenLedger.Storage;

/// <summary>
/// Tiles on their way to a folder, in order, written beside the caller: making a file takes a file system longer than the ledger takes to
/// fill it. Bounded: whoever adds to a full queue waits. Safe for several threads.
/// </summary>
/// <param name="write">Writes one tile. What it throws is thrown by the next call here, and the tile is tried again after that.</param>
/// <param name="waitingMax">Tiles that may wait.</param>
sealed class TileQueue(Action<TileContent> write, int waitingMax)
{
    readonly object gate = new();
    readonly Queue<TileContent> queue = new();
    readonly Dictionary<LogTile, ReadOnlyMemory<byte>> waiting = [];
    Exception? failure;
    bool isWorking;

    /// <summary>Takes tiles to be written; their bytes must not change any more.</summary>
    public void Add(IReadOnlyList<TileContent> tiles)
    {
        lock (gate)
        {
            ThrowFailure();
            foreach (var tile in tiles)
            {
                while (queue.Count >= waitingMax)
                {
                    StartWork();
                    _ = Monitor.Wait(gate);
                    ThrowFailure();
                }
                queue.Enqueue(tile);
                waiting[tile.Tile] = tile.Bytes;
            }
            StartWork();
        }
    }

    /// <summary>The bytes of a tile that is not written yet.</summary>
    public byte[]? Find(LogTile tile)
    {
        lock (gate)
        {
            return waiting.TryGetValue(tile, out var bytes) ? bytes.ToArray() : null;
        }
    }

    /// <summary>Returns when all that was added before is written.</summary>
    public void Drain()
    {
        lock (gate)
        {
            ThrowFailure();
            while (queue.Count > 0 || isWorking)
            {
                StartWork();
                _ = Monitor.Wait(gate);
                ThrowFailure();
            }
        }
    }

    // Not before the worker has seen the failure too: whoever is told of it may take the folder over.
    void ThrowFailure()
    {
        while (failure is not null && isWorking)
        {
            _ = Monitor.Wait(gate);
        }
        if (failure is { } exception)
        {
            failure = null;
            throw new IOException(exception.Message, exception);
        }
    }

    void StartWork()
    {
        if (!isWorking && queue.Count > 0)
        {
            isWorking = true;
            _ = ThreadPool.UnsafeQueueUserWorkItem(static queue => queue.Work(), this, preferLocal: false);
        }
    }

    void Work()
    {
        while (Next() is { } tile)
        {
            Exception? thrown = null;
            try
            {
                write(tile);
            }
            catch (Exception exception)
            {
                thrown = exception;
            }
            Done(tile, thrown);
        }
    }

    TileContent? Next()
    {
        lock (gate)
        {
            if (failure is null && queue.TryPeek(out var tile))
            {
                return tile;
            }
            isWorking = false;
            Monitor.PulseAll(gate);
            return null;
        }
    }

    void Done(in TileContent tile, Exception? thrown)
    {
        lock (gate)
        {
            failure = thrown;
            if (thrown is null)
            {
                _ = queue.Dequeue();
                // The same tile may have been added again meanwhile.
                if (waiting.TryGetValue(tile.Tile, out var bytes) && bytes.Equals(tile.Bytes))
                {
                    _ = waiting.Remove(tile.Tile);
                }
            }
            Monitor.PulseAll(gate);
        }
    }
}
