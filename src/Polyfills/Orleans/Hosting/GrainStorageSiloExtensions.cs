using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Engine;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Stores in memory.</summary>
public static class MemoryGrainStorageSiloBuilderExtensions
{
    public static ISiloBuilder AddMemoryGrainStorageAsDefault(
        this ISiloBuilder builder, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null) =>
        builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    public static ISiloBuilder AddMemoryGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null) =>
        builder.ConfigureServices(services =>
        {
            configureOptions?.Invoke(services.AddOptions<MemoryGrainStorageOptions>(name));
            services.TryAddSingleton<IGrainStorageSerializer, JsonGrainStorageSerializer>();
            services.AddGrainStorage(name, static (provider, key) => new MemoryGrainStorage(
                provider.GetRequiredService<IOptionsMonitor<MemoryGrainStorageOptions>>().Get(key).GrainStorageSerializer
                    ?? provider.GetRequiredService<IGrainStorageSerializer>()));
        });
}

/// <summary>Stores in relational databases.</summary>
public static class AdoNetGrainStorageSiloBuilderExtensions
{
    public static ISiloBuilder AddAdoNetGrainStorageAsDefault(
        this ISiloBuilder builder, Action<AdoNetGrainStorageOptions> configureOptions) =>
        builder.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    public static ISiloBuilder AddAdoNetGrainStorage(
        this ISiloBuilder builder, string name, Action<AdoNetGrainStorageOptions> configureOptions) =>
        builder.AddAdoNetGrainStorage(name, options => options.Configure(configureOptions));

    public static ISiloBuilder AddAdoNetGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        builder.ConfigureServices(services =>
        {
            configureOptions?.Invoke(services.AddOptions<AdoNetGrainStorageOptions>(name));
            services.TryAddSingleton<IGrainStorageSerializer, JsonGrainStorageSerializer>();
            services.AddGrainStorage(name, static (provider, key) =>
            {
                var options = Validated(key, provider.GetRequiredService<IOptionsMonitor<AdoNetGrainStorageOptions>>().Get(key));
                return new AdoNetGrainStorage(
                    key,
                    options,
                    provider.GetRequiredService<IOptions<ClusterOptions>>().Value,
                    options.GrainStorageSerializer ?? provider.GetKeyedService<IGrainStorageSerializer>(key)
                        ?? provider.GetRequiredService<IGrainStorageSerializer>());
            });
        });

    static AdoNetGrainStorageOptions Validated(string name, AdoNetGrainStorageOptions options) =>
        string.IsNullOrWhiteSpace(options.ConnectionString) || string.IsNullOrWhiteSpace(options.Invariant)
            ? throw new OrleansConfigurationException(
                $"Invalid {nameof(AdoNetGrainStorageOptions)} values for AdoNetGrainStorage \"{name}\". "
                + $"{nameof(options.Invariant)} and {nameof(options.ConnectionString)} are required.")
            : options;
}
