using OpenLedger.Grains.Hosting;

namespace OpenLedger.Grains.Training;

/// <summary>This silo's training thread: one job at a time, the others wait in order.</summary>
public sealed class TrainingHost : IDisposable
{
    const int QueueMax = 16;

    readonly WorkThread _thread = new("training", QueueMax, ThreadPriority.BelowNormal);
    readonly ModelStore _models;
    readonly IBlobStore _blobs;
    readonly TimeProvider _clock;

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
        var run = new TrainingRun();
        var work = new TrainingWork(order, run, _models, _blobs, _clock);
        run.CompleteWith(_thread.Run(work.Run, run.CancellationToken));
        return run;
    }

    public void Dispose() => _thread.Dispose();
}
