using OpenLedger.Grains;
using OpenLedger.Grains.Training;

namespace OpenLedger.Client;

/// <summary>Training jobs.</summary>
public sealed class TrainingClient
{
    readonly IGrainFactory _grains;
    readonly Repetition _repetition;

    internal TrainingClient(IGrainFactory grains, Repetition repetition)
    {
        _grains = grains;
        _repetition = repetition;
    }

    /// <exception cref="UserErrorException">The Datanet is unknown, or the account holds no grant on that version.</exception>
    public Task<TrainingStatus> Start(string jobId, TrainingSpecification specification) =>
        _repetition.Run(() => Grain(jobId).Start(specification));

    public Task<TrainingStatus> GetStatus(string jobId) => _repetition.Run(() => Grain(jobId).GetStatus());

    /// <summary>Points of the loss curve from an index on, at most 1,000 a call.</summary>
    public Task<IReadOnlyList<TrainingPoint>> GetCurve(string jobId, int from) =>
        _repetition.Run(() => Grain(jobId).GetCurve(from));

    public Task Cancel(string jobId) => Grain(jobId).Cancel();

    ITrainingJobGrain Grain(string jobId) => _grains.GetGrain<ITrainingJobGrain>(jobId);
}
