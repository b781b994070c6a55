using OpenLedger.Grains.Datanets;

namespace OpenLedger.Client;

/// <summary>Datanets, contributions to them, versions and grants.</summary>
public sealed class DatanetsClient
{
    readonly IGrainFactory _grains;

    internal DatanetsClient(IGrainFactory grains) => _grains = grains;

    public Task<DatanetCard> Create(string datanetId, CreateDatanet command) => Repetition.Once(() => Grain(datanetId).Create(command));

    /// <exception cref="UserErrorException">
    /// The file was refused; the message names file, line and column, and nothing of it was taken.
    /// </exception>
    public Task<ContributionReceipt> Contribute(string datanetId, Contribution contribution) =>
        Repetition.Once(() => Grain(datanetId).Contribute(contribution));

    public Task<DatanetVersionCard> Publish(string datanetId) => Repetition.Once(() => Grain(datanetId).Publish());

    public Task Grant(string datanetId, AccessGrant grant) => Repetition.Once(() => Grain(datanetId).Grant(grant));

    public Task Revoke(string datanetId, string grantee, int version, string revokedBy) =>
        Repetition.Once(() => Grain(datanetId).Revoke(grantee, version, revokedBy));

    public Task<DatanetCard> Get(string datanetId) => Grain(datanetId).GetCard();

    IDatanetGrain Grain(string datanetId) => _grains.GetGrain<IDatanetGrain>(datanetId);
}
