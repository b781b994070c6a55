namespace OpenLedger.Grains.Placement;

/// <summary>The newest entry of every silo that published of late. Not safe for several threads: a grain's turn is.</summary>
sealed class ResidencyBoard
{
    readonly TimeProvider _clock;
    readonly Dictionary<string, (SiloResidency Residency, long Timestamp)> _entries = new(StringComparer.Ordinal);

    public ResidencyBoard(TimeProvider clock) => _clock = clock;

    /// <summary>Takes an entry in; what is beyond the bounds is left out, and so is a silo too many.</summary>
    public void Put(SiloResidency residency)
    {
        Forget();
        if (_entries.Count < ResidencyTables.SilosMax || _entries.ContainsKey(residency.Silo))
        {
            _entries[residency.Silo] = (Bounded(residency), _clock.GetTimestamp());
        }
    }

    public IReadOnlyList<ResidencyEntry> Entries()
    {
        Forget();
        return [.. _entries.Values.Select(entry => new ResidencyEntry(entry.Residency, _clock.GetElapsedTime(entry.Timestamp)))];
    }

    static SiloResidency Bounded(SiloResidency residency) =>
        residency.ModelIds.Count <= ResidencyTables.ModelsMax && residency.Adapters.Count <= ResidencyTables.AdaptersMax
            ? residency
            : residency with
            {
                ModelIds = [.. residency.ModelIds.Take(ResidencyTables.ModelsMax)],
                Adapters = [.. residency.Adapters.Take(ResidencyTables.AdaptersMax)],
            };

    void Forget()
    {
        foreach (var (silo, entry) in _entries)
        {
            if (_clock.GetElapsedTime(entry.Timestamp) > ResidencyTables.AgeMax)
            {
                // Removing while enumerating is allowed for a Dictionary.
                _entries.Remove(silo);
            }
        }
    }
}
