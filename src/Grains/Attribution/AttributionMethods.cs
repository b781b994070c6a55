using OpenLedger.Attribution;

namespace OpenLedger.Grains.Attribution;

/// <summary>What receipts name as the method.</summary>
public static class AttributionMethods
{
    /// <summary>Damped Fisher influence in Gram form and rarity-weighted n-gram overlap, combined.</summary>
    public static string Name { get; } = CreditCalculator.Method.Split('/')[0];

    /// <summary>Raised with every change that can change a score.</summary>
    public static string Version { get; } = CreditCalculator.Method.Split('/')[1];
}
