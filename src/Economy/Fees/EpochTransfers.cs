namespace OpenLedger.Economy;

/// <summary>
/// The transfers of an epoch's payout: their ids follow from adapter, epoch and contributor, so that a repetition pays nobody twice.
/// </summary>
public static class EpochTransfers
{
    /// <summary>Payments of one batch: what the book takes at once.</summary>
    public const int BatchMax = 8_190;

    /// <summary>The id of a contributor's payment.</summary>
    public static TransferId PaymentId(string adapterId, long epoch, string contributor) =>
        TransferId.From($"{adapterId}/epoch/{epoch.ToString(System.Globalization.CultureInfo.InvariantCulture)}/{contributor}");

    /// <summary>The id of a reward to a staking pool, which is its transfer's id as well.</summary>
    public static TransferId RewardId(string adapterId, long epoch, string pool) =>
        TransferId.From($"{adapterId}/epoch/{epoch.ToString(System.Globalization.CultureInfo.InvariantCulture)}/stakers/{pool}");
}
