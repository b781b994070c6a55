using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Placement;

namespace OpenLedger.Silo.Console;

/// <summary>What operators see of the network at one moment. Every list in it is bounded and says how much there is in all.</summary>
/// <param name="SiloName">The silo that took it, and that "this silo" means.</param>
public sealed record OperatorSnapshot(
    DateTimeOffset Time,
    string SiloName,
    string SiloAddress,
    Part<SiloList> Silos,
    Part<GrainList> Grains,
    AdapterList Adapters,
    TrainingList Training,
    Part<BookSummary> Book,
    Part<LatestReceipts> Receipts,
    Part<IReadOnlyList<AccountBalance>> Balances);

/// <summary>What one source answered, or why it did not.</summary>
/// <param name="Failure">A sentence; null where there is a value.</param>
public sealed record Part<T>(T? Value, string? Failure)
    where T : class;

/// <summary>The silos of the cluster, the active ones first.</summary>
public sealed record SiloList(int SiloCount, IReadOnlyList<SiloFigures> Silos);

/// <param name="Status">As the cluster's membership names it.</param>
/// <param name="ActivationCount">Activations of grains that the silo holds now.</param>
public sealed record SiloFigures(string Address, string Status, long ActivationCount, bool IsThis);

/// <summary>Grain classes of the cluster, those with most activations first.</summary>
public sealed record GrainList(int TypeCount, long ActivationCount, IReadOnlyList<GrainFigures> Types);

/// <param name="Name">The class's name without its namespace.</param>
/// <param name="ActivationCount">In the whole cluster.</param>
/// <param name="ActivationCountHere">On this silo.</param>
/// <param name="Calls">Calls that this silo's activations took; null where there were none.</param>
public sealed record GrainFigures(
    string Name, string FullName, long ActivationCount, long ActivationCountHere, CallFigures? Calls)
{
    /// <summary>Whether the class is the product's, and not the engine's.</summary>
    public bool IsOurs => FullName.StartsWith(nameof(OpenLedger) + ".", StringComparison.Ordinal);
}

/// <summary>Calls since the silo started.</summary>
/// <param name="Refused">Ended with a user's mistake.</param>
/// <param name="Failed">Ended with any other exception.</param>
/// <param name="PerSecond">Since the snapshot before.</param>
/// <param name="MedianMs">In milliseconds, within a fifth; so is <paramref name="NinetyNinthMs"/>.</param>
public sealed record CallFigures(
    long Count, long Refused, long Failed, double PerSecond, double MeanMs, double MedianMs, double NinetyNinthMs);

/// <summary>Adapters resident on this silo, the largest first.</summary>
public sealed record AdapterList(int AdapterCount, long SizeBytes, IReadOnlyList<AdapterResidency> Adapters);

/// <summary>Training jobs that this silo took since it started, the newest first.</summary>
public sealed record TrainingList(int UnderWayCount, IReadOnlyList<TrainingFigures> Jobs);

/// <param name="Stage">What the job does or how it ended.</param>
/// <param name="Losses">The loss curve in outline, in nats, the first step first.</param>
/// <param name="Error">Why it failed; null otherwise.</param>
public sealed record TrainingFigures(
    string JobId,
    string AdapterId,
    string DatanetId,
    int DatanetVersion,
    string ModelId,
    TrainingOutcomeKind Outcome,
    string Stage,
    int Step,
    int StepCount,
    double TokensPerSecond,
    IReadOnlyList<double> Losses,
    string? Error);

public enum TrainingOutcomeKind
{
    UnderWay,
    Completed,
    Failed,
    Cancelled,
}
