using OpenLedger.Economy;
using OpenLedger.Ledger;

namespace OpenLedger.Grains.Ledger;

/// <summary>
/// What begins a network's book: the supply is minted into the treasury and allocated from there, all or nothing. A book that was begun
/// before there was an allocation has minted into the treasury and stopped; the same request goes on from there, as long as the treasury
/// still holds what is not the community's.
/// </summary>
static class GenesisRequest
{
    /// <summary>The transfer that mints; its timestamp is the moment that vesting counts from.</summary>
    public static TransferId MintId { get; } = TransferId.From("genesis");

    /// <summary>The last transfer of the allocation: where it stands, all of them do.</summary>
    public static TransferId LastId => Allocations()[^1].Id;

    /// <summary>Opens every account that is missing, mints where that has not been done, and allocates.</summary>
    public static LedgerRequest For(bool isMinted, IReadOnlyList<OpenAccount> missing) => new()
    {
        Accounts = missing,
        Transfers = isMinted ? Allocations() : [Mint, .. Allocations()],
        AllOrNothing = true,
    };

    static Transfer Mint => new(MintId, SystemAccounts.Mint, SystemAccounts.Treasury, Amount.Supply, Code: TransferCodes.Genesis);

    static IReadOnlyList<Transfer> Allocations() =>
    [
        .. Allocation.All.Where(bucket => bucket.Account != SystemAccounts.Treasury && !bucket.AtGenesis.IsZero)
            .Select(bucket => Allocate(bucket.Account, bucket.AtGenesis)),
        .. Allocation.All.Where(bucket => bucket.Schedule is not null)
            .Select(bucket => Allocate(bucket.LockedAccount, bucket.Schedule!.Total)),
    ];

    static Transfer Allocate(string account, Amount amount) =>
        new(TransferId.From($"genesis/{account}"), SystemAccounts.Treasury, account, amount, Code: TransferCodes.Genesis);
}
