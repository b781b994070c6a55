using System.Globalization;
using System.Net;

namespace Orleans.Runtime;

/// <summary>One life of one silo: where it is reached, and which life it is.</summary>
public sealed class SiloAddress : IEquatable<SiloAddress>
{
    SiloAddress(IPEndPoint endpoint, int generation) => (Endpoint, Generation) = (endpoint, generation);

    public IPEndPoint Endpoint { get; }
    public int Generation { get; }

    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);
    public static SiloAddress New(IPAddress address, int port, int generation) => new(new(address, port), generation);

    /// <exception cref="FormatException">It is not address:port@generation.</exception>
    public static SiloAddress FromParsableString(string addr) =>
        addr.LastIndexOf('@') is > 0 and var at && IPEndPoint.TryParse(addr[..at], out var endpoint)
            ? new(endpoint, int.Parse(addr[(at + 1)..], CultureInfo.InvariantCulture))
            : throw new FormatException($"Invalid silo address: {addr}");

    public string ToParsableString() => string.Create(CultureInfo.InvariantCulture, $"{Endpoint}@{Generation}");
    public bool Equals(SiloAddress? other) => other is not null && Endpoint.Equals(other.Endpoint) && Generation == other.Generation;
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);
    public override int GetHashCode() => Endpoint.GetHashCode() ^ Generation;
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"S{Endpoint}:{Generation}");
}

/// <summary>What a silo is doing.</summary>
public enum SiloStatus
{
    None, Created, Joining, Active, ShuttingDown, Stopping, Dead,
}

/// <summary>Who this silo is.</summary>
public interface ILocalSiloDetails
{
    string Name { get; }
    string ClusterId { get; }
    string DnsHostName { get; }
    SiloAddress SiloAddress { get; }
    SiloAddress GatewayAddress { get; }
}
