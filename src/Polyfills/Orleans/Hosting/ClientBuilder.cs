using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Hosting
{
    /// <summary>Sets a client of a cluster up; the engine in use has no cluster, and the client is refused when it starts.</summary>
    public interface IClientBuilder
    {
        IServiceCollection Services { get; }
        IConfiguration Configuration { get; }
    }

    /// <summary>Options of a client.</summary>
    public static class ClientBuilderExtensions
    {
        public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions)
            where TOptions : class
        {
            builder.Services.Configure(configureOptions);
            return builder;
        }
    }

    /// <summary>How a client finds a cluster.</summary>
    public static class AdoNetClientHostingExtensions
    {
        public static IClientBuilder UseAdoNetClustering(
            this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions) => builder.Configure(configureOptions);
    }

    sealed record ClientBuilder(IServiceCollection Services, IConfiguration Configuration) : IClientBuilder;

    sealed class RefusedClient : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new OrleansConfigurationException(
            "This build embeds its engine in one process and has no cluster to be a client of: build against Microsoft Orleans "
            + "(docs/engine.md says how).");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

namespace Orleans.Configuration
{
#nullable disable
    /// <summary>The database in which a client finds its cluster.</summary>
    public class AdoNetClusteringClientOptions
    {
        public string ConnectionString { get; set; }
        public string Invariant { get; set; }
    }
#nullable restore

    /// <summary>How a client keeps to the gateways.</summary>
    public class GatewayOptions
    {
        public TimeSpan GatewayListRefreshPeriod { get; set; } = TimeSpan.FromMinutes(1);
    }
}

namespace Microsoft.Extensions.Hosting
{
    /// <summary>Hosts a client.</summary>
    public static class OrleansClientGenericHostExtensions
    {
        public static HostApplicationBuilder UseOrleansClient(
            this HostApplicationBuilder hostAppBuilder, Action<Orleans.Hosting.IClientBuilder> configureDelegate)
        {
            ArgumentNullException.ThrowIfNull(hostAppBuilder);
            ArgumentNullException.ThrowIfNull(configureDelegate);
            configureDelegate(new Orleans.Hosting.ClientBuilder(hostAppBuilder.Services, hostAppBuilder.Configuration));
            hostAppBuilder.Services.AddHostedService<Orleans.Hosting.RefusedClient>();
            return hostAppBuilder;
        }
    }
}
