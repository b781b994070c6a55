using OpenLedger.Grains.Hosting;

namespace OpenLedger.Grains.Training;

/// <summary>This silo's training thread: one job at a time, the others wait in order.</summary>
public sealed class TrainingHost : IDisposable
{
    const int QueueMax = 16;

    /// <summary>Runs that are remembered: those that wait, the one that runs, and as many that have ended.</summary>
    public const int RunsMax = 2 * (QueueMax + 1);

    readonly WorkThread _thread = new("training", QueueMax, ThreadPriority.BelowNormal);
    readonly ModelStore _models;
    readonly IBlobStore _blobs;
    readonly TimeProvider _clock;
    readonly Lock _gate = new();
    readonly Queue<TrainingRun> _runs = new();

    public TrainingHost(ModelStore models, IBlobStore blobs, TimeProvider clock)
    {
        _models = models;
        _blobs = blobs;
        _clock = clock;
    }

    /// <summary>Queues a run.</summary>
    /// <exception cref="BusyException">Too many jobs wait.</exception>
    public TrainingRun Start(TrainingOrder order)
    {
        var run = new TrainingRun(order);
        var work = new TrainingWork(order, run, _models, _blobs, _clock);
        run.CompleteWith(_thread.Run(work.Run, run.CancellationToken));
        lock (_gate)
        {
            _runs.Enqueue(run);
            if (_runs.Count > RunsMax)
            {
                _runs.Dequeue();
            }
        }

        return run;
    }

    /// <summary>The latest runs of this silo since it started, the newest first.</summary>
    public IReadOnlyList<TrainingRun> LatestRuns()
    {
        lock (_gate)
        {
            return [.. _runs.Reverse()];
        }
    }

    public void Dispose() => _thread.Dispose();
}
