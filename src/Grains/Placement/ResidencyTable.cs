using System.Collections.Concurrent;

namespace OpenLedger.Grains.Placement;

/// <summary>
/// This silo's copy of the table, which placement reads without a call. It is replaced about every second; an entry older than
/// <see cref="ResidencyTables.AgeMax"/> does not count, so that a silo cut off from the table places by hash rather than by the past.
/// </summary>
public sealed class ResidencyTable
{
    /// <summary>Adapters whose base model is remembered; beyond that the newest are not.</summary>
    const int BaseModelsMax = 100_000;

    readonly TimeProvider _clock;

    // An adapter's base model never changes, so that it outlives the entry, and the silo, that it was learned from.
    readonly ConcurrentDictionary<string, string> _baseModels = new(StringComparer.Ordinal);
    readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Copy _copy = new([], 0);

    public ResidencyTable(TimeProvider clock) => _clock = clock;

    /// <summary>The entries that count now, by the silo's address in its parsable form.</summary>
    public IReadOnlyDictionary<string, SiloResidency> Entries
    {
        get
        {
            var copy = Volatile.Read(ref _copy);
            var since = _clock.GetElapsedTime(copy.Timestamp);
            return copy.Entries.Where(entry => entry.Age + since <= ResidencyTables.AgeMax)
                .GroupBy(entry => entry.Residency.Silo, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.First().Residency, StringComparer.Ordinal);
        }
    }

    /// <summary>Ends when the table was taken over for the first time: a silo that has just started knows nothing of the others.</summary>
    public Task Filled => _filled.Task;

    /// <summary>Replaces the copy by what the collecting grain answered.</summary>
    public void Replace(IReadOnlyList<ResidencyEntry> entries)
    {
        foreach (var adapter in entries.SelectMany(entry => entry.Residency.Adapters))
        {
            Learn(adapter.AdapterId, adapter.ModelId);
        }

        Volatile.Write(ref _copy, new Copy(entries, _clock.GetTimestamp()));
        _filled.TrySetResult();
    }

    /// <summary>Remembers over which base model an adapter lies.</summary>
    public void Learn(string adapterId, string modelId)
    {
        if (_baseModels.Count < BaseModelsMax)
        {
            _baseModels.TryAdd(adapterId, modelId);
        }
    }

    /// <summary>The base model of an adapter, or a base model itself; null where it is not known yet.</summary>
    public string? BaseModelOf(string id) =>
        id.StartsWith(GrainKeys.Model, StringComparison.Ordinal) ? id : _baseModels.GetValueOrDefault(id);

    sealed record Copy(IReadOnlyList<ResidencyEntry> Entries, long Timestamp);
}
