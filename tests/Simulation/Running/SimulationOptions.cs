using OpenLedger;
using OpenLedger.Ledger;
using Simulation.Tests.Disk;

namespace Simulation.Tests.Running;

/// <summary>Where a run's ledger lies, and what it is opened with.</summary>
sealed record SimulatedStorage(FaultyDisk Disk, string JournalUri, NoteSigner Signer, TimeProvider Clock, IdSource Ids);

/// <summary>
/// What is simulated: the product as it is, unless a test breaks it on purpose to show that the auditor notices.
/// </summary>
sealed record SimulationOptions
{
    /// <summary>Steps of a run; one in sixteen takes five times as many.</summary>
    public int Steps { get; init; } = 120;

    /// <summary>Opens the journal, within what a broken variant puts around it.</summary>
    public Func<IJournal, IJournal> Journal { get; init; } = journal => journal;

    /// <summary>Stands between the clients and the ledger.</summary>
    public Func<ILedgerDoor, ILedgerDoor> Door { get; init; } = door => door;

    /// <summary>The disk says that it synced and did not.</summary>
    public bool DiskLiesAboutSync { get; init; }
}

/// <summary>What happened in one run, or in many.</summary>
sealed record SimulationTally
{
    public long Runs { get; set; }
    public long Records { get; set; }
    public long Requests { get; set; }
    public long TransfersStanding { get; set; }
    public long ReceiptsStanding { get; set; }
    public long CleanRestarts { get; set; }
    public long Kills { get; set; }
    public long PowerLosses { get; set; }
    public long Takeovers { get; set; }
    public long FailedOpenings { get; set; }
    public long OpenedFromSnapshot { get; set; }
    public long UnknownWritten { get; set; }
    public long UnknownNotWritten { get; set; }
    public long DamageNamed { get; set; }
    public long DamageHarmless { get; set; }
    public long TailsLostAndNoticed { get; set; }
    public SortedDictionary<string, long> Faults { get; init; } = new(StringComparer.Ordinal);

    public void Add(SimulationTally other)
    {
        Runs += other.Runs;
        Records += other.Records;
        Requests += other.Requests;
        TransfersStanding += other.TransfersStanding;
        ReceiptsStanding += other.ReceiptsStanding;
        CleanRestarts += other.CleanRestarts;
        Kills += other.Kills;
        PowerLosses += other.PowerLosses;
        Takeovers += other.Takeovers;
        FailedOpenings += other.FailedOpenings;
        OpenedFromSnapshot += other.OpenedFromSnapshot;
        UnknownWritten += other.UnknownWritten;
        UnknownNotWritten += other.UnknownNotWritten;
        DamageNamed += other.DamageNamed;
        DamageHarmless += other.DamageHarmless;
        TailsLostAndNoticed += other.TailsLostAndNoticed;
        foreach (var (fault, count) in other.Faults)
        {
            Faults[fault] = Faults.GetValueOrDefault(fault) + count;
        }
    }
}

/// <summary>A run that ended well.</summary>
/// <param name="TraceHash">Hash of everything that happened, in order: the same seed gives the same.</param>
sealed record SimulationResult(ulong Seed, SimulationTally Tally, ContentHash TraceHash);

/// <summary>A run that found something; the message repeats it.</summary>
sealed class SimulationFailedException(ulong seed, int step, Exception cause, IReadOnlyList<string> trace)
    : Exception(
        $"seed {seed} fails at step {step}: {cause.Message}\n"
        + $"repeat it with: dotnet run -c Release --project tests/Simulation -- --seeds 1 --first {seed} --trace\n"
        + $"what happened last:\n  {string.Join("\n  ", trace)}",
        cause)
{
    public ulong Seed { get; } = seed;
}
