using System.ComponentModel.DataAnnotations;
using System.Net;

namespace OpenLedger.Silo.Configuration;

/// <summary>How silos find each other.</summary>
public enum ClusteringKind
{
    /// <summary>One silo, alone on this machine.</summary>
    Localhost,

    /// <summary>Silos that meet in a table of the PostgreSQL database which <see cref="StorageOptions"/> names.</summary>
    AdoNet,
}

/// <summary>Section <c>OpenLedger:Cluster</c>.</summary>
public sealed class ClusteringOptions
{
    /// <summary>The silo-to-silo port of a cluster's silo that names none.</summary>
    public const int SiloPortDefault = 11_111;

    /// <summary>The client-to-silo port of a cluster's silo that names none.</summary>
    public const int GatewayPortDefault = 30_000;

    /// <summary>Default <see cref="ClusteringKind.Localhost"/>.</summary>
    [EnumDataType(typeof(ClusteringKind), ErrorMessage = "take Localhost or AdoNet.")]
    public ClusteringKind Clustering { get; set; } = ClusteringKind.Localhost;

    /// <summary>Which silos belong together. Default <c>openledger</c>.</summary>
    [RegularExpression(IdPattern, ErrorMessage = IdFix)]
    public string ClusterId { get; set; } = "openledger";

    /// <summary>
    /// Whose state it is: part of the key of every stored state, and never changed afterwards. Default <c>openledger</c>.
    /// </summary>
    [RegularExpression(IdPattern, ErrorMessage = IdFix)]
    public string ServiceId { get; set; } = "openledger";

    /// <summary>
    /// The address under which other silos and clients reach this one; silo ports carry no authentication, so a private one.
    /// Default 127.0.0.1.
    /// </summary>
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>
    /// Port for other silos. Default: <see cref="SiloPortDefault"/> with <see cref="ClusteringKind.AdoNet"/>, any free one with
    /// <see cref="ClusteringKind.Localhost"/>.
    /// </summary>
    [Range(1, IPEndPoint.MaxPort, ErrorMessage = "take a port from 1 to 65535.")]
    public int? SiloPort { get; set; }

    /// <summary>
    /// Port for clients. Default: <see cref="GatewayPortDefault"/> with <see cref="ClusteringKind.AdoNet"/>, any free one with
    /// <see cref="ClusteringKind.Localhost"/>.
    /// </summary>
    [Range(1, IPEndPoint.MaxPort, ErrorMessage = "take a port from 1 to 65535.")]
    public int? GatewayPort { get; set; }

    /// <summary>Whether to listen on every address of this machine. Default false: on the advertised one.</summary>
    public bool ListenOnAnyAddress { get; set; }

    const string IdPattern = "^[a-z0-9][a-z0-9-]{0,63}$";

    const string IdFix = "take 1 to 64 lower-case letters, digits and hyphens.";

    internal IEnumerable<string> Problems(StorageOptions storage)
    {
        const string path = $"{SiloConfiguration.Section}:Cluster";
        if (!IPAddress.TryParse(AdvertisedAddress, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            yield return $"{path}:AdvertisedAddress is '{AdvertisedAddress}': take an IP address at which other silos reach this one.";
        }

        if (SiloPort is { } port && port == GatewayPort)
        {
            yield return $"{path}:SiloPort and {path}:GatewayPort are both {port}: take two ports.";
        }

        if (Clustering == ClusteringKind.AdoNet && storage.Kind != StorageKind.PostgreSql)
        {
            yield return $"{path}:Clustering is AdoNet but {SiloConfiguration.Section}:Storage:Kind is {storage.Kind}: "
                + "silos of a cluster share a database, set it to PostgreSql.";
        }
    }
}
