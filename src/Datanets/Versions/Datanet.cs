namespace OpenLedger.Datanets;

/// <summary>
/// The state of one Datanet: accepted contributions, the index of duplicates, versions and grants. Changing it takes two steps, so
/// that what the caller stores in between is never half there: <see cref="Prepare"/> and <see cref="Accept"/> a contribution,
/// <see cref="PrepareVersion"/> and <see cref="Publish"/> a version. Not thread-safe.
/// </summary>
public sealed class Datanet
{
    /// <summary>Most rows of a Datanet.</summary>
    public const int RowCountMax = 1_000_000;

    /// <summary>Most contributions of a Datanet.</summary>
    public const int ContributionCountMax = 100_000;

    /// <summary>Most grants that stand at one time.</summary>
    public const int GrantCountMax = 10_000;

    /// <summary>Most versions of a Datanet.</summary>
    public const int VersionCountMax = 10_000;

    readonly List<ContributionRecord> contributions = [];
    readonly List<DatanetRow> rows = [];
    readonly Dictionary<string, DatanetRow> rowsById = new(StringComparer.Ordinal);
    readonly List<DatanetVersion> versions = [];
    readonly List<VersionGrant> grants = [];

    public Datanet(DatanetDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        Description = description;
    }

    public DatanetDescription Description { get; }

    /// <summary>All rows accepted so far, in order.</summary>
    public IReadOnlyList<DatanetRow> Rows => rows;

    public IReadOnlyList<ContributionRecord> Contributions => contributions;

    public IReadOnlyList<DatanetVersion> Versions => versions;

    public IReadOnlyList<VersionGrant> Grants => grants;

    /// <summary>Rows accepted since the newest version.</summary>
    public int StagedRowCount => rows.Count - (versions.Count == 0 ? 0 : versions[^1].RowCount);

    /// <summary>Checks a contribution; changes nothing. The same id with the same file is a repetition.</summary>
    /// <exception cref="ContributionException">A row says what an earlier one says: its place is named.</exception>
    /// <exception cref="DatanetException">The id was used for another file, or the Datanet is full.</exception>
    public PreparedContribution Prepare(string contributionId, string contributor, ParsedFile file)
    {
        ArgumentException.ThrowIfNullOrEmpty(contributionId);
        ArgumentException.ThrowIfNullOrEmpty(contributor);
        ArgumentNullException.ThrowIfNull(file);
        if (contributions.Find(known => known.ContributionId == contributionId) is { } earlier)
        {
            return earlier.Contributor == contributor && earlier.FileName == file.FileName && earlier.FileHash == file.ContentHash
                ? new PreparedContribution(earlier, [], default, IsRepetition: true)
                : throw new DatanetException($"contribution {contributionId} was made before with another file or account; use a new id");
        }
        if (contributions.Count == ContributionCountMax || rows.Count + file.Rows.Count > RowCountMax)
        {
            throw new DatanetException(
                $"Datanet {Description.Id} is full: it holds at most {RowCountMax} rows of {ContributionCountMax} contributions");
        }
        var accepted = new List<DatanetRow>(file.Rows.Count);
        var own = new Dictionary<string, DatanetRow>(StringComparer.Ordinal);
        foreach (var parsed in file.Rows)
        {
            var row = new DatanetRow(RowIdentity.IdOf(parsed.Row), contributor, file.FileName, parsed.Line, parsed.Row);
            if (rowsById.TryGetValue(row.Id, out var first) || own.TryGetValue(row.Id, out first))
            {
                throw new ContributionException(
                    file.FileName, parsed.Line, 0,
                    $"the row repeats one of {first.Contributor} ({first.FileName}, line {first.Line}, {first.Id}); take it out");
            }
            own.Add(row.Id, row);
            accepted.Add(row);
        }
        var bytes = RowCodec.Write(accepted);
        var record = new ContributionRecord(
            contributionId, contributor, file.FileName, file.ContentHash, ContentHash.Of(bytes), accepted.Count);
        return new PreparedContribution(record, accepted, bytes, IsRepetition: false);
    }

    /// <summary>Takes a prepared contribution. Nothing may have been accepted between.</summary>
    /// <exception cref="InvalidOperationException">Another contribution was accepted since that holds one of its rows.</exception>
    public void Accept(PreparedContribution prepared)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        if (prepared.IsRepetition)
        {
            return;
        }
        if (contributions.Exists(known => known.ContributionId == prepared.Record.ContributionId)
            || prepared.Rows.Any(row => rowsById.ContainsKey(row.Id)))
        {
            throw new InvalidOperationException("prepare the contribution again: another was accepted since");
        }
        Add(prepared.Record, prepared.Rows);
    }

    /// <summary>Makes the next version; changes nothing. Without new rows it is the newest version again.</summary>
    /// <exception cref="DatanetException">There is no row at all, or no room for another version.</exception>
    public PreparedVersion PrepareVersion()
    {
        if (rows.Count == 0)
        {
            throw new DatanetException($"Datanet {Description.Id} has no rows; contribute some before publishing");
        }
        if (StagedRowCount == 0)
        {
            return new PreparedVersion(versions[^1], [], default, IsRepetition: true);
        }
        if (versions.Count == VersionCountMax)
        {
            throw new DatanetException($"Datanet {Description.Id} has {VersionCountMax} versions, which is the most");
        }
        var bytes = RowCodec.Write(rows);
        var byContributor = rows.CountBy(row => row.Contributor, StringComparer.Ordinal)
            .OrderBy(count => count.Key, StringComparer.Ordinal);
        var version = new DatanetVersion(
            versions.Count + 1, ContentHash.Of(bytes), RowCodec.HashOf(rows), rows.Count, contributions.Count, [.. byContributor]);
        return new PreparedVersion(version, [.. rows], bytes, IsRepetition: false);
    }

    /// <summary>Takes a prepared version. Nothing may have been accepted or published between.</summary>
    /// <exception cref="InvalidOperationException">Something was.</exception>
    public void Publish(PreparedVersion prepared)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        if (prepared.IsRepetition)
        {
            return;
        }
        if (prepared.Version.Number != versions.Count + 1 || prepared.Version.ContributionCount != contributions.Count)
        {
            throw new InvalidOperationException("prepare the version again: the Datanet changed since");
        }
        versions.Add(prepared.Version);
    }

    /// <summary>The version of a number.</summary>
    /// <exception cref="DatanetException">There is none.</exception>
    public DatanetVersion Version(int number) =>
        number >= 1 && number <= versions.Count
            ? versions[number - 1]
            : throw new DatanetException($"Datanet {Description.Id} has no version {number}; it has {versions.Count}");

    /// <summary>Grants the reading of a version. Repeating it changes nothing.</summary>
    /// <exception cref="DatanetException">Not the owner's grant, no such version, or too many grants.</exception>
    public void Grant(VersionGrant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        CheckOwner(grant.GrantedBy, "grants");
        _ = Version(grant.Version);
        if (string.IsNullOrEmpty(grant.Grantee))
        {
            throw new DatanetException("a grant names an account or a job as its grantee");
        }
        if (grants.Contains(grant))
        {
            return;
        }
        if (grants.Count == GrantCountMax)
        {
            throw new DatanetException($"Datanet {Description.Id} has {GrantCountMax} grants, which is the most; revoke some");
        }
        grants.Add(grant);
    }

    /// <summary>Takes back every grant of a version to a grantee; whether there was one.</summary>
    /// <exception cref="DatanetException">Not the owner.</exception>
    public bool Revoke(string grantee, int version, string revokedBy)
    {
        CheckOwner(revokedBy, "revokes");
        return grants.RemoveAll(grant => grant.Grantee == grantee && grant.Version == version) > 0;
    }

    /// <summary>The version, where the grantee holds a grant on it.</summary>
    /// <exception cref="DatanetException">No such version, or no grant: the message names the owner to ask.</exception>
    public DatanetVersion Open(int number, string grantee)
    {
        var version = Version(number);
        return grants.Exists(grant => grant.Grantee == grantee && grant.Version == number)
            ? version
            : throw new DatanetException(
                $"{grantee} holds no grant on version {number} of Datanet {Description.Id}; ask its owner {Description.Owner} for one");
    }

    /// <summary>Everything but the rows.</summary>
    public DatanetSnapshot Capture() => new(Description, [.. contributions], [.. versions], [.. grants]);

    /// <summary>Makes the Datanet again from what was captured and the stored rows of each contribution.</summary>
    /// <param name="snapshot">What <see cref="Capture"/> gave.</param>
    /// <param name="canonicalRows">Bytes of each contribution's rows, in order.</param>
    /// <exception cref="DatanetException">The rows are not those that the snapshot names.</exception>
    public static Datanet Restore(DatanetSnapshot snapshot, IReadOnlyList<ReadOnlyMemory<byte>> canonicalRows)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(canonicalRows);
        if (canonicalRows.Count != snapshot.Contributions.Count)
        {
            throw new DatanetException(
                $"{snapshot.Contributions.Count} contributions need their rows, but {canonicalRows.Count} were given");
        }
        var datanet = new Datanet(snapshot.Description);
        for (var i = 0; i < canonicalRows.Count; i++)
        {
            var record = snapshot.Contributions[i];
            if (ContentHash.Of(canonicalRows[i].Span) != record.RowsHash)
            {
                throw new DatanetException($"the stored rows of contribution {record.ContributionId} are not those that were accepted");
            }
            datanet.Add(record, RowCodec.Read(canonicalRows[i].Span));
        }
        datanet.versions.AddRange(snapshot.Versions);
        datanet.grants.AddRange(snapshot.Grants);
        return datanet;
    }

    void Add(ContributionRecord record, IReadOnlyList<DatanetRow> accepted)
    {
        foreach (var row in accepted)
        {
            rowsById.Add(row.Id, row);
        }
        rows.AddRange(accepted);
        contributions.Add(record);
    }

    void CheckOwner(string account, string does)
    {
        if (account != Description.Owner)
        {
            throw new DatanetException($"only the owner {Description.Owner} {does} access to Datanet {Description.Id}, not {account}");
        }
    }
}
