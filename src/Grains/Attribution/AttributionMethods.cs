namespace OpenLedger.Grains.Attribution;

/// <summary>What receipts name as the method.</summary>
public static class AttributionMethods
{
    /// <summary>Damped Fisher influence and rarity-weighted overlap, combined.</summary>
    public const string Name = "fisher+span";

    /// <summary>Raised with every change that can change a score.</summary>
    public const string Version = "1";
}
