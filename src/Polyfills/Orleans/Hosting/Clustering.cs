using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Orleans.Hosting
{
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
            this ISiloBuilder builder, IPAddress advertisedIP, int siloPort, int gatewayPort, bool listenOnAnyHostAddress = false) =>
            builder;
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
}

namespace Orleans.Configuration
{
    public class ClusterMembershipOptions
    {
        public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);
        public TimeSpan MaxProbeTimeout { get; set; } = TimeSpan.FromSeconds(20);
        public int NumMissedProbesLimit { get; set; } = 3;
        public int NumVotesForDeathDeclaration { get; set; } = 2;
        public TimeSpan TableRefreshTimeout { get; set; } = TimeSpan.FromSeconds(60);
        public TimeSpan IAmAliveTablePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);
    }

    public class GatewayOptions
    {
        public TimeSpan GatewayListRefreshPeriod { get; set; } = TimeSpan.FromMinutes(1);
    }

#nullable disable
    public class AdoNetClusteringSiloOptions
    {
        public string ConnectionString { get; set; }
        public string Invariant { get; set; }
    }

    public class AdoNetClusteringClientOptions : AdoNetClusteringSiloOptions;
#nullable restore
}

namespace Microsoft.Extensions.Hosting
{
    public static class OrleansClientGenericHostExtensions
    {
        public static HostApplicationBuilder UseOrleansClient(
            this HostApplicationBuilder hostAppBuilder, Action<Orleans.Hosting.IClientBuilder> configureDelegate)
        {
            configureDelegate(new Orleans.Hosting.ClientBuilder(hostAppBuilder.Services, hostAppBuilder.Configuration));
            hostAppBuilder.Services.AddHostedService<Orleans.Hosting.RefusedCluster>();
            return hostAppBuilder;
        }
    }
}
