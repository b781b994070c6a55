using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Clusters of several processes: taken as configured, and refused when the host starts, as this engine has one process.</summary>
public static class AdoNetHostingExtensions
{
    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions)
    {
        builder.Services.Configure(configureOptions).AddHostedService<RefusedCluster>();
        return builder;
    }

    public static IClientBuilder UseAdoNetClustering(
        this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions) => builder.Configure(configureOptions);
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
        where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }
}

sealed record ClientBuilder(IServiceCollection Services, IConfiguration Configuration) : IClientBuilder;

sealed class RefusedCluster : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => throw new OrleansConfigurationException(
        "This build runs its engine within one process and joins no cluster: build against Microsoft Orleans for that "
        + "(dotnet restore eng/upstream.orleans.proj, then build as always; docs/engine.md says more).");

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
