using OpenLedger.Grains;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Identity;

namespace OpenLedger.Client;

/// <summary>Datanets, contributions to them, versions and grants.</summary>
public sealed class DatanetsClient
{
    readonly IGrainFactory _grains;
    readonly Repetition _repetition;
    readonly RequestSigner _signer;

    internal DatanetsClient(IGrainFactory grains, Repetition repetition, RequestSigner signer)
    {
        _signer = signer;
        _grains = grains;
        _repetition = repetition;
    }

    /// <summary>Signed by the owner that the command names.</summary>
    public async Task<DatanetCard> Create(string datanetId, CreateDatanet command)
    {
        var signed = await Sign(command.Owner, datanetId, nameof(IDatanetGrain.Create), RequestBody.Of(command));
        return await _repetition.Run(() => Grain(datanetId).Create(command, signed));
    }

    /// <summary>Signed by the contributor.</summary>
    /// <exception cref="UserErrorException">
    /// The file was refused; the message names file, line and column, and nothing of it was taken.
    /// </exception>
    public async Task<ContributionReceipt> Contribute(string datanetId, Contribution contribution)
    {
        var signed = await Sign(
            contribution.Contributor, datanetId, nameof(IDatanetGrain.Contribute), RequestBody.Of(contribution));
        return await _repetition.Run(() => Grain(datanetId).Contribute(contribution, signed));
    }

    /// <summary>Signed by the owner.</summary>
    public async Task<DatanetVersionCard> Publish(string datanetId)
    {
        var owner = _signer.Keys.Count == 1 ? null : (await Get(datanetId)).Owner;
        var signed = await Sign(owner, datanetId, nameof(IDatanetGrain.Publish), RequestBody.Nothing);
        return await _repetition.Run(() => Grain(datanetId).Publish(signed));
    }

    /// <summary>Signed by who grants.</summary>
    public async Task Grant(string datanetId, AccessGrant grant)
    {
        var signed = await Sign(grant.GrantedBy, datanetId, nameof(IDatanetGrain.Grant), RequestBody.Of(grant));
        await _repetition.Run(() => Grain(datanetId).Grant(grant, signed));
    }

    /// <summary>Signed by who revokes.</summary>
    public async Task Revoke(string datanetId, string grantee, int version, string revokedBy)
    {
        var body = RequestBody.Of(grantee, version, revokedBy);
        var signed = await Sign(revokedBy, datanetId, nameof(IDatanetGrain.Revoke), body);
        await _repetition.Run(() => Grain(datanetId).Revoke(grantee, version, revokedBy, signed));
    }

    public Task<DatanetCard> Get(string datanetId) => _repetition.Run(() => Grain(datanetId).GetCard());

    Task<Authorization> Sign(string? account, string datanetId, string method, ContentHash body) =>
        _signer.Sign<IDatanetGrain>(account, datanetId, method, body);

    IDatanetGrain Grain(string datanetId) => _grains.GetGrain<IDatanetGrain>(datanetId);
}
