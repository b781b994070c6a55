using Microsoft.Extensions.Logging;
using OpenLedger.Grains;
using OpenLedger.Grains.Hosting;

namespace OpenLedger.Silo.Console;

/// <summary>
/// Snapshots for all who watch: one look every period while somebody does, and none while nobody does.
/// </summary>
public sealed partial class OperatorFeed : IAsyncDisposable
{
    /// <summary>Pages that may watch at once; one more is refused.</summary>
    public const int WatchersMax = 64;

    /// <summary>Time between looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    readonly IOperatorView _view;
    readonly TimeProvider _clock;
    readonly ILogger<OperatorFeed> _logger;
    readonly Lock _gate = new();
    readonly SemaphoreSlim _looking = new(1);
    readonly List<Watcher> _watchers = [];
    readonly CancellationTokenSource _stopping = new();
    CancellationTokenSource? _watching;
    Task _loop = Task.CompletedTask;
    OperatorSnapshot? _latest;
    long _takenAt;

    public OperatorFeed(IOperatorView view, TimeProvider clock, ILogger<OperatorFeed> logger)
    {
        _view = view;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>A snapshot that is at most a period old.</summary>
    public Task<OperatorSnapshot> Latest(CancellationToken cancellationToken) => Look(Period, cancellationToken);

    /// <summary>Calls back with every snapshot until it is disposed. The callback returns at once and throws nothing.</summary>
    /// <exception cref="BusyException">Too many watch.</exception>
    public IDisposable Watch(Action<OperatorSnapshot> show)
    {
        lock (_gate)
        {
            if (_watchers.Count >= WatchersMax)
            {
                throw new BusyException($"{WatchersMax} pages watch already; close one and load this one again.");
            }

            var watcher = new Watcher(this, show);
            _watchers.Add(watcher);
            if (_watching is null)
            {
                _watching = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                _loop = Follow(_loop, _watching.Token);
            }

            return watcher;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task loop;
        lock (_gate)
        {
            loop = _loop;
            _watchers.Clear();
            _watching?.Dispose();
            _watching = null;
        }

        await loop;
        _stopping.Dispose();
        _looking.Dispose();
    }

    async Task<OperatorSnapshot> Look(TimeSpan ageMax, CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            if (_latest is null || _clock.GetElapsedTime(_takenAt) >= ageMax)
            {
                _latest = await _view.Take(cancellationToken);
                _takenAt = _clock.GetTimestamp();
            }

            return _latest;
        }
        finally
        {
            _looking.Release();
        }
    }

    async Task Follow(Task before, CancellationToken cancellationToken)
    {
        await before;
        try
        {
            using var timer = new PeriodicTimer(Period, _clock);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await LookAndShow(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The last watcher left, or the silo stops.
        }
    }

    async Task LookAndShow(CancellationToken cancellationToken)
    {
        try
        {
            Show(await Look(TimeSpan.Zero, cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The sources' own failures are in the snapshot; this is a defect, and the pages keep what they show.
            LookFailed(_logger, exception);
        }
    }

    void Show(OperatorSnapshot snapshot)
    {
        Watcher[] watchers;
        lock (_gate)
        {
            watchers = [.. _watchers];
        }

        foreach (var watcher in watchers)
        {
            watcher.Show(snapshot);
        }
    }

    void Leave(Watcher watcher)
    {
        lock (_gate)
        {
            if (_watchers.Remove(watcher) && _watchers.Count == 0 && _watching is { } watching)
            {
                _watching = null;
                watching.Cancel();
                watching.Dispose();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The console could not look at the network.")]
    static partial void LookFailed(ILogger logger, Exception exception);

    sealed class Watcher(OperatorFeed feed, Action<OperatorSnapshot> show) : IDisposable
    {
        public void Show(OperatorSnapshot snapshot) => show(snapshot);

        public void Dispose() => feed.Leave(this);
    }
}
