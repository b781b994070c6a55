using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Treasury;

/// <summary>Supply, allocation, vesting and emissions of a network; the key is the network's id (<c>nw_main</c>).</summary>
[Alias("openledger.treasury"), KeyPrefix(GrainKeys.Network)]
public interface ITreasuryGrain : IGrainWithStringKey
{
    /// <summary>Where the supply is, by the book.</summary>
    [Alias("supply")]
    Task<SupplyCard> GetSupply();

    /// <summary>
    /// Moves what has come due from the locked accounts to the circulating ones, burns what governance has decided to burn, and pays an
    /// epoch of early contributions that has ended. Idempotent: what is not due does not move. A reminder does the same every hour.
    /// </summary>
    /// <param name="authorization">Anybody's.</param>
    [Alias("release")]
    Task<SupplyCard> Release(Authorization authorization);

    /// <summary>Burns an account's own OPEN. Idempotent by <see cref="BurnOpen.CommandId"/>.</summary>
    /// <param name="authorization">The account's; allows spending the amount.</param>
    [Alias("burn")]
    Task Burn(BurnOpen command, Authorization authorization);

    /// <summary>Counts an accepted contribution for the epoch's rewards. Idempotent by its id within an epoch.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("record-contribution")]
    Task RecordContribution(AcceptedContribution contribution, Authorization authorization);
}

/// <param name="CommandId">The client's own id of this command, 1 to 100 characters.</param>
[GenerateSerializer, Immutable, Alias("openledger.treasury.burn")]
public sealed record BurnOpen([property: Id(0)] string CommandId, [property: Id(1)] string Account, [property: Id(2)] Amount Amount);

/// <param name="ContributionId">Of the contribution, with its Datanet's.</param>
/// <param name="RowCount">Rows that were accepted.</param>
[GenerateSerializer, Immutable, Alias("openledger.treasury.contribution")]
public sealed record AcceptedContribution(
    [property: Id(0)] string ContributionId,
    [property: Id(1)] string Account,
    [property: Id(2)] int RowCount);

/// <param name="GenesisMs">When the supply was minted, in milliseconds since 1970; months count from here.</param>
/// <param name="Months">Whole months since.</param>
/// <param name="Minted">What genesis minted.</param>
/// <param name="Burned">What is gone.</param>
/// <param name="Locked">What waits in the vesting accounts.</param>
/// <param name="Circulating">Minted, less burned and locked.</param>
/// <param name="Emitted">Rewards of early contributions so far.</param>
[GenerateSerializer, Immutable, Alias("openledger.treasury.supply")]
public sealed record SupplyCard(
    [property: Id(0)] long GenesisMs,
    [property: Id(1)] int Months,
    [property: Id(2)] Amount Minted,
    [property: Id(3)] Amount Burned,
    [property: Id(4)] Amount Locked,
    [property: Id(5)] Amount Circulating,
    [property: Id(6)] Amount Emitted,
    [property: Id(7)] IReadOnlyList<BucketCard> Buckets);

/// <param name="Total">What the bucket gets in all.</param>
/// <param name="Released">What has left its locked account, and what circulated at genesis.</param>
/// <param name="Due">What the schedule has released by now and nobody has moved yet.</param>
/// <param name="Locked">What is locked.</param>
/// <param name="Account">Where what is released is paid.</param>
/// <param name="Balance">What that account holds now.</param>
[GenerateSerializer, Immutable, Alias("openledger.treasury.bucket")]
public sealed record BucketCard(
    [property: Id(0)] string Name,
    [property: Id(1)] Amount Total,
    [property: Id(2)] Amount Released,
    [property: Id(3)] Amount Due,
    [property: Id(4)] Amount Locked,
    [property: Id(5)] string Account,
    [property: Id(6)] Amount Balance);
