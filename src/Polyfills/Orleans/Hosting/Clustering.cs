using System.Net;
using Microsoft.Extensions.Configuration;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Clusters of several processes: this engine has one, and refuses at once what is configured for more.</summary>
public static class AdoNetHostingExtensions
{
    const string Refusal = "This build runs its engine within one process and joins no cluster: build against Microsoft Orleans for that "
        + "(dotnet restore eng/upstream.orleans.proj, then build as always; docs/engine.md says more).";

    /// <exception cref="OrleansConfigurationException">Always.</exception>
    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions) =>
        throw new OrleansConfigurationException(Refusal);

    /// <exception cref="OrleansConfigurationException">Always.</exception>
    public static IClientBuilder UseAdoNetClustering(
        this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions) =>
        throw new OrleansConfigurationException(Refusal);
}

public static class EndpointOptionsExtensions
{
    public static ISiloBuilder ConfigureEndpoints(
        this ISiloBuilder builder, IPAddress advertisedIP, int siloPort, int gatewayPort, bool listenOnAnyHostAddress = false) => builder;
}

public interface IClientBuilder
{
    IServiceCollection Services { get; }
    IConfiguration Configuration { get; }
}

public static class ClientBuilderExtensions
{
    public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions)
        where TOptions : class => builder;
}

sealed record ClientBuilder(IServiceCollection Services, IConfiguration Configuration) : IClientBuilder;
