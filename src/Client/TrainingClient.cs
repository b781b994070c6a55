using OpenLedger.Grains;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Training;

namespace OpenLedger.Client;

/// <summary>Training jobs.</summary>
public sealed class TrainingClient
{
    readonly IGrainFactory _grains;
    readonly Repetition _repetition;
    readonly RequestSigner _signer;

    internal TrainingClient(IGrainFactory grains, Repetition repetition, RequestSigner signer)
    {
        _signer = signer;
        _grains = grains;
        _repetition = repetition;
    }

    /// <summary>Signed by the account that trains.</summary>
    /// <exception cref="UserErrorException">The Datanet is unknown, or the account holds no grant on that version.</exception>
    public async Task<TrainingStatus> Start(string jobId, TrainingSpecification specification)
    {
        var signed = await _signer.Sign<ITrainingJobGrain>(
            specification.Account, jobId, nameof(ITrainingJobGrain.Start), RequestBody.Of(specification));
        return await _repetition.Run(() => Grain(jobId).Start(specification, signed));
    }

    public Task<TrainingStatus> GetStatus(string jobId) => _repetition.Run(() => Grain(jobId).GetStatus());

    /// <summary>Points of the loss curve from an index on, at most 1,000 a call.</summary>
    public Task<IReadOnlyList<TrainingPoint>> GetCurve(string jobId, int from) =>
        _repetition.Run(() => Grain(jobId).GetCurve(from));

    /// <param name="account">The account that trains, which signs; null for the client's first key.</param>
    public async Task Cancel(string jobId, string? account = null)
    {
        var signed = await _signer.Sign<ITrainingJobGrain>(
            account, jobId, nameof(ITrainingJobGrain.Cancel), RequestBody.Nothing);
        await _repetition.Run(() => Grain(jobId).Cancel(signed));
    }

    ITrainingJobGrain Grain(string jobId) => _grains.GetGrain<ITrainingJobGrain>(jobId);
}
