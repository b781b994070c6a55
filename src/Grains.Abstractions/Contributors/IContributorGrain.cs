using OpenLedger.Grains.Identity;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Contributors;

/// <summary>One contributor; the key is the account address (<c>acct_…</c>).</summary>
[Alias("openledger.contributor"), KeyPrefix(GrainKeys.Contributor)]
public interface IContributorGrain : IGrainWithStringKey
{
    /// <summary>Sets name and public key. Repeating it with the same values changes nothing; other values are refused.</summary>
    /// <param name="authorization">The contributor's own.</param>
    [Alias("register")]
    Task<ContributorSummary> Register(RegisterContributor command, Authorization authorization);

    /// <summary>Counts an accepted contribution. Idempotent by <see cref="ContributionNotice.ContributionId"/>.</summary>
    /// <param name="authorization">The network's: a Datanet has accepted the contribution.</param>
    [Alias("record-contribution")]
    Task RecordContribution(ContributionNotice contribution, Authorization authorization);

    [ReadOnly]
    [Alias("summary")]
    Task<ContributorSummary> GetSummary();
}

/// <param name="Name">What people call the contributor; 1 to 100 characters.</param>
/// <param name="PublicKey">Ed25519 public key, 32 bytes.</param>
[GenerateSerializer, Immutable, Alias("openledger.contributor.register")]
public sealed record RegisterContributor([property: Id(0)] string Name, [property: Id(1)] ReadOnlyMemory<byte> PublicKey);

/// <param name="IsRepetition">The Datanet had accepted it before this call: whether it was noticed then is not known there.</param>
[GenerateSerializer, Immutable, Alias("openledger.contributor.contribution")]
public sealed record ContributionNotice(
    [property: Id(0)] string ContributionId,
    [property: Id(1)] string DatanetId,
    [property: Id(2)] int RowCount,
    [property: Id(3)] bool IsRepetition = false);

[GenerateSerializer, Immutable, Alias("openledger.contributor.summary")]
public sealed record ContributorSummary(
    [property: Id(0)] string Account,
    [property: Id(1)] string Name,
    [property: Id(2)] bool Registered,
    [property: Id(3)] long ContributionCount,
    [property: Id(4)] long RowCount);
