using System.Collections.Concurrent;

namespace OpenLedger.Conformance;

/// <summary>Named gates and counters that tests and grains of one process share: phases are awaited, never slept through.</summary>
static class Signals
{
    static readonly TimeSpan EvidenceMax = TimeSpan.FromSeconds(60);
    static readonly ConcurrentDictionary<string, TaskCompletionSource> Gates = new();
    static readonly ConcurrentDictionary<string, int> Counters = new();
    static int last;

    /// <summary>A grain key that no other test uses.</summary>
    public static string NewKey(string what) => $"{what}_key_{Interlocked.Increment(ref last)}";

    /// <summary>Opens a gate, for ever.</summary>
    public static void Open(string gate) => Gate(gate).TrySetResult();

    public static bool IsOpen(string gate) => Gate(gate).Task.IsCompleted;

    /// <summary>For grains: waits as long as it takes.</summary>
    public static Task Opened(string gate) => Gate(gate).Task;

    /// <summary>For tests: missing evidence fails instead of hanging.</summary>
    public static Task Reached(string gate) => Gate(gate).Task.WaitAsync(EvidenceMax);

    /// <summary>For tests: missing evidence fails instead of hanging.</summary>
    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(EvidenceMax);

    /// <summary>For tests: missing evidence fails instead of hanging.</summary>
    public static Task Soon(this Task task) => task.WaitAsync(EvidenceMax);

    /// <summary>Counts, and opens the gate "counter:count".</summary>
    public static int Count(string counter)
    {
        var count = Counters.AddOrUpdate(counter, 1, static (_, before) => before + 1);
        Open($"{counter}:{count}");
        return count;
    }

    public static int Counted(string counter) => Counters.GetValueOrDefault(counter);

    static TaskCompletionSource Gate(string gate) =>
        Gates.GetOrAdd(gate, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
