using OpenLedger.Grains;
using OpenLedger.Grains.Datanets;

namespace OpenLedger.Client;

/// <summary>Datanets, contributions to them, versions and grants.</summary>
public sealed class DatanetsClient
{
    readonly IGrainFactory _grains;
    readonly Repetition _repetition;

    internal DatanetsClient(IGrainFactory grains, Repetition repetition)
    {
        _grains = grains;
        _repetition = repetition;
    }

    public Task<DatanetCard> Create(string datanetId, CreateDatanet command) => _repetition.Run(() => Grain(datanetId).Create(command));

    /// <exception cref="UserErrorException">
    /// The file was refused; the message names file, line and column, and nothing of it was taken.
    /// </exception>
    public Task<ContributionReceipt> Contribute(string datanetId, Contribution contribution) =>
        _repetition.Run(() => Grain(datanetId).Contribute(contribution));

    public Task<DatanetVersionCard> Publish(string datanetId) => _repetition.Run(() => Grain(datanetId).Publish());

    public Task Grant(string datanetId, AccessGrant grant) => _repetition.Run(() => Grain(datanetId).Grant(grant));

    public Task Revoke(string datanetId, string grantee, int version, string revokedBy) =>
        _repetition.Run(() => Grain(datanetId).Revoke(grantee, version, revokedBy));

    public Task<DatanetCard> Get(string datanetId) => _repetition.Run(() => Grain(datanetId).GetCard());

    IDatanetGrain Grain(string datanetId) => _grains.GetGrain<IDatanetGrain>(datanetId);
}
