namespace OpenLedger.Datanets;

/// <summary>What a Datanet is, fixed when it is created.</summary>
/// <param name="Id"><c>dn_…</c></param>
/// <param name="Owner">Account that grants access.</param>
public sealed record DatanetDescription(string Id, string Name, string Description, string Licence, string Owner);

/// <summary>A contribution that was accepted. Its rows lie in the blob store.</summary>
/// <param name="FileHash">Of the file's bytes.</param>
/// <param name="RowsHash">Of the canonical rows (<see cref="RowCodec"/>), which is the blob's name.</param>
public sealed record ContributionRecord(
    string ContributionId, string Contributor, string FileName, ContentHash FileHash, ContentHash RowsHash, int RowCount);

/// <summary>A contribution that may be accepted: store the bytes, then <see cref="Datanet.Accept"/> it.</summary>
/// <param name="CanonicalRows">The bytes that <see cref="ContributionRecord.RowsHash"/> names.</param>
/// <param name="IsRepetition">The same contribution was accepted before: there is nothing to store.</param>
public sealed record PreparedContribution(
    ContributionRecord Record, IReadOnlyList<DatanetRow> Rows, ReadOnlyMemory<byte> CanonicalRows, bool IsRepetition);

/// <summary>An immutable version: all rows accepted before it was published.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="RowsHash">Of the canonical bytes of all its rows, which is the blob's name.</param>
/// <param name="VersionHash">Of its rows' hashes in order.</param>
/// <param name="ContributionCount">How many contributions, in order of acceptance, it holds.</param>
/// <param name="RowsByContributor">Account and number of rows, in ordinal order of account.</param>
public sealed record DatanetVersion(
    int Number, ContentHash RowsHash, ContentHash VersionHash, int RowCount, int ContributionCount,
    IReadOnlyList<KeyValuePair<string, int>> RowsByContributor);

/// <summary>A version that may be published: store the bytes, then <see cref="Datanet.Publish"/> it.</summary>
/// <param name="IsRepetition">Nothing came since the newest version, which this is: there is nothing to store.</param>
public sealed record PreparedVersion(
    DatanetVersion Version, IReadOnlyList<DatanetRow> Rows, ReadOnlyMemory<byte> CanonicalRows, bool IsRepetition);

/// <summary>The right of a grantee (an account or a job) to read one version for a purpose.</summary>
public sealed record VersionGrant(string Grantee, int Version, string Purpose, string GrantedBy);

/// <summary>Everything of a Datanet but the rows themselves.</summary>
public sealed record DatanetSnapshot(
    DatanetDescription Description,
    IReadOnlyList<ContributionRecord> Contributions,
    IReadOnlyList<DatanetVersion> Versions,
    IReadOnlyList<VersionGrant> Grants);
