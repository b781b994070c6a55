namespace OpenLedger.Grains.Attribution;

/// <summary>What receipts name as the method.</summary>
public static class AttributionMethods
{
    /// <summary>Damped Fisher influence in Gram form and rarity-weighted n-gram overlap, combined.</summary>
    public const string Name = "fisher-gram+ngram";

    /// <summary>Raised with every change that can change a score.</summary>
    public const string Version = "1";
}
