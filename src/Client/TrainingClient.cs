using OpenLedger.Grains.Training;

namespace OpenLedger.Client;

/// <summary>Training jobs.</summary>
public sealed class TrainingClient
{
    readonly IGrainFactory _grains;

    internal TrainingClient(IGrainFactory grains) => _grains = grains;

    /// <exception cref="UserErrorException">The Datanet is unknown, or the account holds no grant on that version.</exception>
    public Task<TrainingStatus> Start(string jobId, TrainingSpecification specification) =>
        Repetition.Once(() => Grain(jobId).Start(specification));

    public Task<TrainingStatus> GetStatus(string jobId) => Grain(jobId).GetStatus();

    /// <summary>Points of the loss curve from an index on, at most 1,000 a call.</summary>
    public Task<IReadOnlyList<TrainingPoint>> GetCurve(string jobId, int from) => Grain(jobId).GetCurve(from);

    public Task Cancel(string jobId) => Grain(jobId).Cancel();

    ITrainingJobGrain Grain(string jobId) => _grains.GetGrain<ITrainingJobGrain>(jobId);
}
