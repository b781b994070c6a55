using OpenLedger.Grains.Identity;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Training;

/// <summary>One training job; the key is its id (<c>tj_…</c>).</summary>
[Alias("openledger.training-job"), KeyPrefix(GrainKeys.TrainingJob)]
public interface ITrainingJobGrain : IGrainWithStringKey
{
    /// <summary>Checks the grant, queues the job and starts it. Repeating it with the same specification changes nothing.</summary>
    /// <param name="authorization">The account's that trains.</param>
    [Alias("start")]
    Task<TrainingStatus> Start(TrainingSpecification specification, Authorization authorization);

    [AlwaysInterleave]
    [Alias("status")]
    Task<TrainingStatus> GetStatus();

    /// <summary>Points of the loss curve from the given index on; at most 1,000 a call.</summary>
    [AlwaysInterleave]
    [Alias("curve")]
    Task<IReadOnlyList<TrainingPoint>> GetCurve(int from);

    /// <summary>Ends a job that is under way; one that has ended stays as it is.</summary>
    /// <param name="authorization">The account's that trains.</param>
    [AlwaysInterleave]
    [Alias("cancel")]
    Task Cancel(Authorization authorization);
}

public enum TrainingState
{
    None,
    Queued,
    Running,
    Evaluating,
    Completed,
    Failed,
    Cancelled,
}

/// <param name="Account">Who trains: the grantee on the Datanet, and the adapter's owner.</param>
/// <param name="Epochs">Passes over the rows; 0 takes the default.</param>
/// <param name="HeldOutRows">Rows of the domain, <c>.jsonl</c>, that the job evaluates on and never trains on; at most 1 MB.</param>
/// <param name="ParentAdapterId">The adapter that this one is derived from, and shares with by its licence; or empty.</param>
/// <param name="RoyaltyBasisPoints">What works derived from this one owe of their owner's part; -1 for the network's default.</param>
[GenerateSerializer, Immutable, Alias("openledger.training.specification")]
public sealed record TrainingSpecification(
    [property: Id(0)] string Account,
    [property: Id(1)] string ModelId,
    [property: Id(2)] string DatanetId,
    [property: Id(3)] int DatanetVersion,
    [property: Id(4)] string AdapterId,
    [property: Id(5)] long Seed,
    [property: Id(6)] int Rank = 0,
    [property: Id(7)] int Epochs = 0,
    [property: Id(8)] double LearningRate = 0,
    [property: Id(9)] ReadOnlyMemory<byte>? HeldOutRows = null,
    [property: Id(10)] string ParentAdapterId = "",
    [property: Id(11)] int RoyaltyBasisPoints = -1);

/// <param name="Loss">Mean cross-entropy of the answer tokens of this step, in nats.</param>
[GenerateSerializer, Immutable, Alias("openledger.training.point")]
public sealed record TrainingPoint(
    [property: Id(0)] int Step,
    [property: Id(1)] double Epoch,
    [property: Id(2)] double Loss,
    [property: Id(3)] double LearningRate,
    [property: Id(4)] double TokensPerSecond,
    [property: Id(5)] double SecondsElapsed);

[GenerateSerializer, Immutable, Alias("openledger.training.status")]
public sealed record TrainingStatus(
    [property: Id(0)] string JobId,
    [property: Id(1)] TrainingState State,
    [property: Id(2)] int Step,
    [property: Id(3)] int StepCount,
    [property: Id(4)] double LossFirst,
    [property: Id(5)] double LossLast,
    [property: Id(6)] string Stage,
    [property: Id(7)] string? Error,
    [property: Id(8)] TrainingEvaluation? Evaluation);

/// <summary>Perplexities over answer tokens, of the base model alone and with the adapter.</summary>
[GenerateSerializer, Immutable, Alias("openledger.training.evaluation")]
public sealed record TrainingEvaluation(
    [property: Id(0)] double RowsBase,
    [property: Id(1)] double RowsAdapter,
    [property: Id(2)] double HeldOutBase,
    [property: Id(3)] double HeldOutAdapter,
    [property: Id(4)] double Seconds,
    [property: Id(5)] long TokenCount);
