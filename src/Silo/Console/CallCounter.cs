using System.Collections.Concurrent;
using System.Numerics;

namespace OpenLedger.Silo.Console;

/// <summary>Calls of this silo's grains by class: numbers alone, of bounded size, cheap enough to be always on.</summary>
public sealed class CallCounter
{
    /// <summary>Classes counted apart; those beyond are counted together.</summary>
    public const int ClassesMax = 256;

    /// <summary>Under what name the classes beyond the bound are counted.</summary>
    public const string OtherClasses = "(other classes)";

    readonly ConcurrentDictionary<Type, CallTally> _tallies = new();
    readonly CallTally _others = new();

    /// <summary>Counts a call that ended.</summary>
    public void Add(Type grainClass, TimeSpan duration, CallOutcome outcome) => Tally(grainClass).Add(duration, outcome);

    /// <summary>Full class name to counts, since the silo started.</summary>
    public IReadOnlyDictionary<string, CallCounts> Read()
    {
        var counts = new Dictionary<string, CallCounts>(StringComparer.Ordinal);
        foreach (var (grainClass, tally) in _tallies)
        {
            counts[grainClass.FullName ?? grainClass.Name] = tally.Read();
        }

        if (_others.Read() is { Count: > 0 } others)
        {
            counts[OtherClasses] = others;
        }

        return counts;
    }

    CallTally Tally(Type grainClass)
    {
        if (_tallies.TryGetValue(grainClass, out var tally))
        {
            return tally;
        }

        // Threads that come at once may pass the bound by as many as they are.
        return _tallies.Count < ClassesMax ? _tallies.GetOrAdd(grainClass, _ => new CallTally()) : _others;
    }
}

/// <summary>How a call ended.</summary>
public enum CallOutcome
{
    Answered,

    /// <summary>With a user's mistake.</summary>
    Refused,

    /// <summary>With any other exception.</summary>
    Failed,
}

/// <summary>Counts at one moment; latencies in milliseconds.</summary>
public readonly record struct CallCounts(
    long Count, long Refused, long Failed, double MeanMs, double MedianMs, double NinetyNinthMs);

/// <summary>Counts of one class: outcomes, and durations in four steps an octave, so that a percentile is off by a fifth at most.</summary>
sealed class CallTally
{
    const int PerOctave = 4;

    /// <summary>From 1 µs to 2³² µs, over an hour.</summary>
    const int Octaves = 32;

    readonly long[] _durations = new long[PerOctave * Octaves];
    long _ticks;
    long _refused;
    long _failed;

    public void Add(TimeSpan duration, CallOutcome outcome)
    {
        Interlocked.Increment(ref _durations[Bucket(duration)]);
        Interlocked.Add(ref _ticks, duration.Ticks);
        if (outcome == CallOutcome.Refused)
        {
            Interlocked.Increment(ref _refused);
        }
        else if (outcome == CallOutcome.Failed)
        {
            Interlocked.Increment(ref _failed);
        }
    }

    public CallCounts Read()
    {
        var durations = new long[_durations.Length];
        var count = 0L;
        for (var bucket = 0; bucket < durations.Length; bucket++)
        {
            durations[bucket] = Interlocked.Read(ref _durations[bucket]);
            count += durations[bucket];
        }

        return new CallCounts(
            count,
            Interlocked.Read(ref _refused),
            Interlocked.Read(ref _failed),
            count == 0 ? 0 : TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalMilliseconds / count,
            Percentile(durations, count, 0.5),
            Percentile(durations, count, 0.99));
    }

    static int Bucket(TimeSpan duration)
    {
        var microseconds = (ulong)Math.Max(1, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        var octave = BitOperations.Log2(microseconds);
        var quarter = octave < 2 ? microseconds << (2 - octave) : microseconds >> (octave - 2);
        return Math.Min((octave * PerOctave) + (int)(quarter & 3), (PerOctave * Octaves) - 1);
    }

    /// <summary>The upper end of the step in which the percentile lies.</summary>
    static double Percentile(long[] durations, long count, double share)
    {
        if (count == 0)
        {
            return 0;
        }

        var rank = Math.Max(1, (long)Math.Ceiling(share * count));
        var bucket = 0;
        for (var passed = durations[0]; passed < rank; passed += durations[bucket])
        {
            bucket++;
        }

        var microseconds = Math.ScaleB(1 + ((bucket % PerOctave) + 1) / (double)PerOctave, bucket / PerOctave);
        return microseconds / 1_000;
    }
}
