using System.Diagnostics;

namespace OpenLedger.Bench.Measuring;

/// <summary>Rates of the same work done several times; on a machine with other work the best tells what the code can do.</summary>
/// <param name="PerProcessorSecond">Units a second of processor time, of all threads, over all runs.</param>
sealed record Rates(double Median, double Best, double PerProcessorSecond);

/// <summary>Repeats work and takes its rate.</summary>
static class Repetition
{
    /// <summary>Runs work some times unmeasured, then some times measured.</summary>
    /// <param name="units">How much work one run does.</param>
    public static Rates Rate(int warmUpCount, int count, double units, Action work)
    {
        for (var run = 0; run < warmUpCount; run++)
        {
            work();
        }

        var seconds = new double[count];
        var processor = Environment.CpuUsage.TotalTime;
        for (var run = 0; run < count; run++)
        {
            var started = Stopwatch.GetTimestamp();
            work();
            seconds[run] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        var processorSeconds = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
        return new Rates(units / Median(seconds), units / seconds.Min(), units * count / processorSeconds);
    }

    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
