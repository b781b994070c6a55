namespace OpenLedger.Grains.Governance;

/// <summary>Keys of the grains that there is one of in a network.</summary>
public static class Networks
{
    /// <summary>The network that a cluster, or a silo alone, keeps.</summary>
    public const string Main = GrainKeys.Network + "main";
}
