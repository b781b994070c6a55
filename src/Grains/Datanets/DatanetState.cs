using OpenLedger.Datanets;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Datanets;

/// <summary>What a Datanet's grain keeps: everything but the rows, in types that any serializer writes.</summary>
[GenerateSerializer, Alias("openledger.datanet.state")]
public sealed class DatanetState
{
    [Id(0)] public bool Exists { get; set; }

    [Id(1)] public string Id { get; set; } = "";

    [Id(2)] public string Name { get; set; } = "";

    [Id(3)] public string Description { get; set; } = "";

    [Id(4)] public string Licence { get; set; } = "";

    [Id(5)] public string Owner { get; set; } = "";

    [Id(6)] public List<StoredContribution> Contributions { get; set; } = [];

    [Id(7)] public List<StoredVersion> Versions { get; set; } = [];

    [Id(8)] public List<AccessGrant> Grants { get; set; } = [];

    /// <summary>The base model that rows are made to fit, or empty.</summary>
    [Id(9)] public string ModelId { get; set; } = "";

    /// <summary>Requests that were carried out and still hold.</summary>
    [Id(10)] public NonceMemory Nonces { get; set; } = new();

    /// <summary>What it was derived from, itself first; empty where from nothing.</summary>
    [Id(20)] public List<LineageNode> Lineage { get; set; } = [];

    /// <summary>What is owed by adapters trained on Datanets derived from this one; -1 for the network's default.</summary>
    [Id(21)] public int RoyaltyBasisPoints { get; set; } = -1;

    public static DatanetState Of(DatanetSnapshot snapshot, DatanetState before) => new()
    {
        Lineage = before.Lineage,
        RoyaltyBasisPoints = before.RoyaltyBasisPoints,
        Exists = true,
        Nonces = before.Nonces,
        ModelId = before.ModelId,
        Id = snapshot.Description.Id,
        Name = snapshot.Description.Name,
        Description = snapshot.Description.Description,
        Licence = snapshot.Description.Licence,
        Owner = snapshot.Description.Owner,
        Contributions =
        [
            .. snapshot.Contributions.Select(each => new StoredContribution(
                each.ContributionId, each.Contributor, each.FileName, each.FileHash.ToString(), each.RowsHash.ToString(), each.RowCount)),
        ],
        Versions =
        [
            .. snapshot.Versions.Select(each => new StoredVersion(
                each.Number,
                each.RowsHash.ToString(),
                each.VersionHash.ToString(),
                each.RowCount,
                each.ContributionCount,
                each.RowsByContributor.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal))),
        ],
        Grants = [.. snapshot.Grants.Select(each => new AccessGrant(each.Grantee, each.Version, each.Purpose, each.GrantedBy))],
    };

    /// <summary>The Datanet as it was, its rows read from blobs and checked; null where none was created.</summary>
    public Datanet? ToDatanet(Func<ContentHash, byte[]> read)
    {
        if (!Exists)
        {
            return null;
        }

        var contributions = Contributions.Select(each => new ContributionRecord(
            each.ContributionId,
            each.Contributor,
            each.FileName,
            ContentHash.Parse(each.FileHash),
            ContentHash.Parse(each.RowsHash),
            each.RowCount)).ToList();
        var versions = Versions.Select(each => new DatanetVersion(
            each.Number,
            ContentHash.Parse(each.RowsHash),
            ContentHash.Parse(each.VersionHash),
            each.RowCount,
            each.ContributionCount,
            [.. each.RowsByContributor.OrderBy(pair => pair.Key, StringComparer.Ordinal)])).ToList();
        var grants = Grants.Select(each => new VersionGrant(each.Grantee, each.Version, each.Purpose, each.GrantedBy)).ToList();
        var description = new DatanetDescription(Id, Name, Description, Licence, Owner);
        return Datanet.Restore(
            new DatanetSnapshot(description, contributions, versions, grants),
            [.. contributions.Select(each => (ReadOnlyMemory<byte>)read(each.RowsHash))]);
    }
}

[GenerateSerializer, Immutable, Alias("openledger.datanet.state.contribution")]
public sealed record StoredContribution(
    [property: Id(0)] string ContributionId,
    [property: Id(1)] string Contributor,
    [property: Id(2)] string FileName,
    [property: Id(3)] string FileHash,
    [property: Id(4)] string RowsHash,
    [property: Id(5)] int RowCount);

[GenerateSerializer, Immutable, Alias("openledger.datanet.state.version")]
public sealed record StoredVersion(
    [property: Id(0)] int Number,
    [property: Id(1)] string RowsHash,
    [property: Id(2)] string VersionHash,
    [property: Id(3)] int RowCount,
    [property: Id(4)] int ContributionCount,
    [property: Id(5)] Dictionary<string, int> RowsByContributor);
