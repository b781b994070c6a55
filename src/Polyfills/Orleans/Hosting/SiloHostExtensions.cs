using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.Hosting;

/// <summary>Hosts a silo.</summary>
public static class OrleansSiloGenericHostExtensions
{
    public static IHostApplicationBuilder UseOrleans(
        this IHostApplicationBuilder hostAppBuilder, Action<Orleans.Hosting.ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(hostAppBuilder);
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(Builder(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
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
