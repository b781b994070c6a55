using System.Collections.Immutable;
using Orleans.Hosting;

namespace Orleans.Runtime.MembershipService.SiloMetadata;

/// <summary>What a silo says of itself.</summary>
public record SiloMetadata
{
    public static SiloMetadata Empty { get; } = new();
    public ImmutableDictionary<string, string> Metadata { get; internal init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>What the silos of the cluster say of themselves.</summary>
public interface ISiloMetadataCache
{
    SiloMetadata GetSiloMetadata(SiloAddress siloAddress);
}

/// <summary>What this silo says of itself.</summary>
public static class SiloMetadataHostingExtensions
{
    public static ISiloBuilder UseSiloMetadata(this ISiloBuilder builder, Dictionary<string, string> metadata) =>
        builder.ConfigureServices(services => services.AddSingleton<ISiloMetadataCache>(provider =>
            new Cache(provider.GetRequiredService<ILocalSiloDetails>(), new() { Metadata = metadata.ToImmutableDictionary() })));

    sealed class Cache(ILocalSiloDetails local, SiloMetadata metadata) : ISiloMetadataCache
    {
        public SiloMetadata GetSiloMetadata(SiloAddress siloAddress) =>
            siloAddress.Equals(local.SiloAddress) ? metadata : SiloMetadata.Empty;
    }
}
