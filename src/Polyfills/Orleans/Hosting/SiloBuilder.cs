using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Engine;
using System.Net;

namespace Orleans.Hosting
{
    /// <summary>Sets a silo up.</summary>
    public interface ISiloBuilder
    {
        IServiceCollection Services { get; }
        IConfiguration Configuration { get; }
    }

    /// <summary>Services, options and logging of a silo.</summary>
    public static class SiloBuilderExtensions
    {
        public static ISiloBuilder ConfigureServices(this ISiloBuilder builder, Action<IServiceCollection> configureDelegate)
        {
            ArgumentNullException.ThrowIfNull(configureDelegate);
            configureDelegate(builder.Services);
            return builder;
        }

        public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, Action<TOptions> configureOptions)
            where TOptions : class => builder.ConfigureServices(services => services.Configure(configureOptions));

        public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, IConfiguration configuration)
            where TOptions : class => builder.ConfigureServices(services => services.AddOptions<TOptions>().Bind(configuration));

        public static ISiloBuilder ConfigureLogging(this ISiloBuilder builder, Action<ILoggingBuilder> configureLogging) =>
            builder.ConfigureServices(services => services.AddLogging(configureLogging));
    }

    /// <summary>Clustering; the engine in use is one process and needs none.</summary>
    public static class CoreHostingExtensions
    {
        public static ISiloBuilder UseLocalhostClustering(
            this ISiloBuilder builder,
            int siloPort = EndpointOptions.DEFAULT_SILO_PORT,
            int gatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT,
            IPEndPoint? primarySiloEndpoint = null,
            string serviceId = ClusterOptions.DevelopmentServiceId,
            string clusterId = ClusterOptions.DevelopmentClusterId)
        {
            builder.Configure<EndpointOptions>(options => (options.SiloPort, options.GatewayPort) = (siloPort, gatewayPort));
            return builder.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (serviceId, clusterId));
        }
    }

    /// <summary>Filters of the calls of a silo's grains.</summary>
    public static class GrainCallFilterSiloBuilderExtensions
    {
        public static ISiloBuilder AddIncomingGrainCallFilter(this ISiloBuilder builder, IIncomingGrainCallFilter filter) =>
            builder.ConfigureServices(services => services.AddSingleton(filter));

        public static ISiloBuilder AddIncomingGrainCallFilter<TImplementation>(this ISiloBuilder builder)
            where TImplementation : class, IIncomingGrainCallFilter =>
            builder.ConfigureServices(services => services.AddSingleton<IIncomingGrainCallFilter, TImplementation>());

        public static ISiloBuilder AddIncomingGrainCallFilter(this ISiloBuilder builder, IncomingGrainCallFilterDelegate filter) =>
            builder.AddIncomingGrainCallFilter(new IncomingFilter(filter));

        public static ISiloBuilder AddOutgoingGrainCallFilter(this ISiloBuilder builder, IOutgoingGrainCallFilter filter) =>
            builder.ConfigureServices(services => services.AddSingleton(filter));

        public static ISiloBuilder AddOutgoingGrainCallFilter<TImplementation>(this ISiloBuilder builder)
            where TImplementation : class, IOutgoingGrainCallFilter =>
            builder.ConfigureServices(services => services.AddSingleton<IOutgoingGrainCallFilter, TImplementation>());

        public static ISiloBuilder AddOutgoingGrainCallFilter(this ISiloBuilder builder, OutgoingGrainCallFilterDelegate filter) =>
            builder.AddOutgoingGrainCallFilter(new OutgoingFilter(filter));
    }

    sealed class SiloBuilder : ISiloBuilder
    {
        public SiloBuilder(IServiceCollection services, IConfiguration configuration)
        {
            Services = services;
            Configuration = configuration;
            services.AddOptions();
            services.AddLogging();
            services.TryAddSingleton(TimeProvider.System);
            services.TryAddSingleton<Silo>();
            services.TryAddSingleton<GrainFactory>();
            services.TryAddSingleton<IGrainFactory>(provider => provider.GetRequiredService<GrainFactory>());
            services.TryAddSingleton<IClusterClient>(provider => provider.GetRequiredService<GrainFactory>());
            services.TryAddSingleton<IGrainContextAccessor, GrainContextAccessor>();
            services.TryAddScoped(_ => RuntimeContext.Current!);
            services.AddHostedService<SiloService>();
        }

        public IServiceCollection Services { get; }
        public IConfiguration Configuration { get; }
    }

    sealed class GrainContextAccessor : IGrainContextAccessor
    {
        public IGrainContext GrainContext => RuntimeContext.Current!;
    }

    /// <summary>Starts and stops the silo with its host.</summary>
    sealed class SiloService(Silo silo) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            silo.Start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => silo.Stop(cancellationToken);
    }
}

namespace Microsoft.Extensions.Hosting
{
    /// <summary>Hosts a silo.</summary>
    public static class OrleansSiloGenericHostExtensions
    {
        public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder) =>
            hostAppBuilder.UseOrleans(static _ => { });

        public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder) =>
            hostAppBuilder.UseOrleans(static _ => { });

        public static IHostApplicationBuilder UseOrleans(
            this IHostApplicationBuilder hostAppBuilder, Action<Orleans.Hosting.ISiloBuilder> configureDelegate)
        {
            ArgumentNullException.ThrowIfNull(hostAppBuilder);
            ArgumentNullException.ThrowIfNull(configureDelegate);
            configureDelegate(Builder(hostAppBuilder.Services, hostAppBuilder.Configuration));
            return hostAppBuilder;
        }

        public static HostApplicationBuilder UseOrleans(
            this HostApplicationBuilder hostAppBuilder, Action<Orleans.Hosting.ISiloBuilder> configureDelegate)
        {
            ArgumentNullException.ThrowIfNull(hostAppBuilder);
            ArgumentNullException.ThrowIfNull(configureDelegate);
            configureDelegate(Builder(hostAppBuilder.Services, hostAppBuilder.Configuration));
            return hostAppBuilder;
        }

        public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<Orleans.Hosting.ISiloBuilder> configureDelegate) =>
            hostBuilder.UseOrleans((_, siloBuilder) => configureDelegate(siloBuilder));

        public static IHostBuilder UseOrleans(
            this IHostBuilder hostBuilder, Action<HostBuilderContext, Orleans.Hosting.ISiloBuilder> configureDelegate)
        {
            ArgumentNullException.ThrowIfNull(hostBuilder);
            ArgumentNullException.ThrowIfNull(configureDelegate);
            return hostBuilder.ConfigureServices(
                (context, services) => configureDelegate(context, Builder(services, context.Configuration)));
        }

        // Called again, it adds to the same silo.
        static Orleans.Hosting.ISiloBuilder Builder(IServiceCollection services, IConfiguration configuration)
        {
            var marker = services.FirstOrDefault(descriptor => descriptor.ServiceType == typeof(Orleans.Hosting.SiloBuilder));
            if (marker?.ImplementationInstance is Orleans.Hosting.SiloBuilder existing)
            {
                return existing;
            }

            var builder = new Orleans.Hosting.SiloBuilder(services, configuration);
            services.AddSingleton(builder);
            return builder;
        }
    }
}
