namespace OpenLedger.Silo.Console;

/// <summary>Call counts with what came since they were read the last time.</summary>
sealed class CallRates
{
    readonly CallCounter _counter;
    readonly TimeProvider _clock;
    IReadOnlyDictionary<string, CallCounts> _before = new Dictionary<string, CallCounts>(StringComparer.Ordinal);
    long? _readAt;

    public CallRates(CallCounter counter, TimeProvider clock)
    {
        _counter = counter;
        _clock = clock;
    }

    /// <summary>Full class name to figures. Not for several threads.</summary>
    public IReadOnlyDictionary<string, CallFigures> Read()
    {
        var now = _clock.GetTimestamp();
        var seconds = _readAt is { } before ? _clock.GetElapsedTime(before, now).TotalSeconds : 0;
        var counts = _counter.Read();
        var figures = counts.ToDictionary(
            each => each.Key,
            each => new CallFigures(
                each.Value.Count,
                each.Value.Refused,
                each.Value.Failed,
                seconds > 0 ? (each.Value.Count - _before.GetValueOrDefault(each.Key).Count) / seconds : 0,
                each.Value.MeanMs,
                each.Value.MedianMs,
                each.Value.NinetyNinthMs),
            StringComparer.Ordinal);
        (_before, _readAt) = (counts, now);
        return figures;
    }
}
