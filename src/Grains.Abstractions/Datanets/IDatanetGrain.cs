using OpenLedger.Grains.Identity;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Datanets;

/// <summary>One Datanet: a governed, versioned dataset of one domain; the key is its id (<c>dn_…</c>).</summary>
[Alias("openledger.datanet"), KeyPrefix(GrainKeys.Datanet)]
public interface IDatanetGrain : IGrainWithStringKey
{
    /// <summary>Creates the Datanet. Repeating it with the same values changes nothing; other values are refused.</summary>
    /// <param name="authorization">The owner's.</param>
    [Alias("create")]
    Task<DatanetCard> Create(CreateDatanet command, Authorization authorization);

    /// <summary>
    /// Parses a file and stages its rows for the next version; nothing of the file is taken if any row is refused.
    /// Idempotent by <see cref="Contribution.ContributionId"/>.
    /// </summary>
    /// <param name="authorization">The contributor's.</param>
    [Alias("contribute")]
    Task<ContributionReceipt> Contribute(Contribution contribution, Authorization authorization);

    /// <summary>Makes an immutable version of all rows accepted so far. With no new rows it answers the newest version.</summary>
    /// <param name="authorization">The owner's.</param>
    [Alias("publish")]
    Task<DatanetVersionCard> Publish(Authorization authorization);

    /// <summary>Grants a grantee (an account) the reading of one version. Only the owner may; repeating it changes nothing.</summary>
    /// <param name="authorization">The owner's.</param>
    [Alias("grant")]
    Task Grant(AccessGrant grant, Authorization authorization);

    /// <summary>Takes a grant back; adapters trained under it stay. Only the owner may; repeating it changes nothing.</summary>
    /// <param name="authorization">The owner's.</param>
    [Alias("revoke")]
    Task Revoke(string grantee, int version, string revokedBy, Authorization authorization);

    /// <summary>The version, if the grantee holds a grant on it; refused otherwise.</summary>
    [ReadOnly]
    [Alias("open-version")]
    Task<DatanetVersionCard> OpenVersion(int number, string grantee);

    [ReadOnly]
    [Alias("card")]
    Task<DatanetCard> GetCard();
}

/// <param name="ModelId">
/// The base model that rows are made to fit, or empty for none: a row of a prompt and an answer that is longer than its context is
/// refused, a text is split between sentences. A job over any model checks again.
/// </param>
/// <param name="ParentDatanetId">
/// The Datanet that this one is derived from, or empty: adapters trained on this one share with that one's owner.
/// </param>
/// <param name="RoyaltyBasisPoints">
/// What adapters trained on Datanets derived from this one owe of their owner's part; -1 for the network's default.
/// </param>
[GenerateSerializer, Immutable, Alias("openledger.datanet.create")]
public sealed record CreateDatanet(
    [property: Id(0)] string Name,
    [property: Id(1)] string Description,
    [property: Id(2)] string Licence,
    [property: Id(3)] string Owner,
    [property: Id(4)] string ModelId = "",
    [property: Id(5)] string ParentDatanetId = "",
    [property: Id(6)] int RoyaltyBasisPoints = -1);

/// <param name="ContributionId">Client-made idempotency id.</param>
/// <param name="Contributor">Account address of the contributor.</param>
/// <param name="FileName">Its extension (<c>.jsonl</c>, <c>.txt</c>) names the format.</param>
/// <param name="Content">The file's bytes; at most 5 MB.</param>
[GenerateSerializer, Immutable, Alias("openledger.datanet.contribution")]
public sealed record Contribution(
    [property: Id(0)] string ContributionId,
    [property: Id(1)] string Contributor,
    [property: Id(2)] string FileName,
    [property: Id(3)] ReadOnlyMemory<byte> Content);

/// <param name="RowCount">Rows accepted, the parts of split texts included.</param>
/// <param name="Splits">Texts that were split to fit the model's context.</param>
[GenerateSerializer, Immutable, Alias("openledger.datanet.contribution-receipt")]
public sealed record ContributionReceipt(
    [property: Id(0)] string ContributionId,
    [property: Id(1)] string ContentHash,
    [property: Id(2)] int RowCount,
    [property: Id(3)] IReadOnlyList<TextSplit> Splits);

/// <summary>A text that became several rows.</summary>
/// <param name="Line">Where it begins in the file.</param>
/// <param name="TokenCount">Its tokens before the split.</param>
[GenerateSerializer, Immutable, Alias("openledger.datanet.split")]
public sealed record TextSplit([property: Id(0)] int Line, [property: Id(1)] int TokenCount, [property: Id(2)] int PartCount);

[GenerateSerializer, Immutable, Alias("openledger.datanet.grant")]
public sealed record AccessGrant(
    [property: Id(0)] string Grantee,
    [property: Id(1)] int Version,
    [property: Id(2)] string Purpose,
    [property: Id(3)] string GrantedBy);

/// <param name="RowsHash">Content hash of the canonical rows in the blob store.</param>
/// <param name="RowsByContributor">Account address to number of rows, in order of address.</param>
[GenerateSerializer, Immutable, Alias("openledger.datanet.version")]
public sealed record DatanetVersionCard(
    [property: Id(0)] string DatanetId,
    [property: Id(1)] int Number,
    [property: Id(2)] string RowsHash,
    [property: Id(3)] int RowCount,
    [property: Id(4)] IReadOnlyDictionary<string, int> RowsByContributor);

[GenerateSerializer, Immutable, Alias("openledger.datanet.card")]
public sealed record DatanetCard(
    [property: Id(0)] string Id,
    [property: Id(1)] string Name,
    [property: Id(2)] string Description,
    [property: Id(3)] string Licence,
    [property: Id(4)] string Owner,
    [property: Id(5)] int VersionCount,
    [property: Id(6)] int StagedRowCount,
    [property: Id(7)] IReadOnlyList<AccessGrant> Grants,
    [property: Id(8)] string ModelId,
    [property: Id(9)] IReadOnlyList<Adapters.LineageNode> Lineage,
    [property: Id(10)] int RoyaltyBasisPoints);
