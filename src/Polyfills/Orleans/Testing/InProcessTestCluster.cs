using System.Collections.ObjectModel;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Orleans.TestingHost;

/// <summary>What a test cluster is made with.</summary>
public sealed class InProcessTestClusterOptions
{
    public string ClusterId { get; set; } = "";
    public string ServiceId { get; set; } = "";
    public short InitialSilosCount { get; set; }
    public List<Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder>> SiloHostConfigurationDelegates { get; } = [];
}

/// <summary>What differs between silos of a test cluster.</summary>
public sealed class InProcessTestSiloSpecificOptions
{
    public string SiloName { get; set; } = "";
}

/// <summary>Describes a cluster within the test's process.</summary>
public sealed class InProcessTestClusterBuilder
{
    public InProcessTestClusterBuilder(short initialSilosCount) => Options.InitialSilosCount = initialSilosCount;

    public InProcessTestClusterOptions Options { get; } = new()
    {
        ClusterId = $"testcluster-{Engine.Numbers.Next()}",
        ServiceId = Engine.Numbers.NextGuid().ToString("N", null),
    };

    public InProcessTestClusterBuilder ConfigureHost(Action<IHostApplicationBuilder> configureDelegate) =>
        ConfigureSiloHost((_, host) => configureDelegate(host));

    public InProcessTestClusterBuilder ConfigureSilo(Action<InProcessTestSiloSpecificOptions, ISiloBuilder> configureSiloDelegate) =>
        ConfigureSiloHost((options, host) => host.UseOrleans(silo => configureSiloDelegate(options, silo)));

    public InProcessTestClusterBuilder ConfigureSiloHost(
        Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder> configureSiloHostDelegate)
    {
        Options.SiloHostConfigurationDelegates.Add(configureSiloHostDelegate);
        return this;
    }

    public InProcessTestCluster Build() => new(Options);
}

/// <summary>A silo of a test cluster.</summary>
public sealed class InProcessSiloHandle
{
    public required string Name { get; init; }
    public required IHost SiloHost { get; init; }
    public IServiceProvider ServiceProvider => SiloHost.Services;
}

/// <summary>A cluster within the test's process.</summary>
public sealed class InProcessTestCluster : IAsyncDisposable
{
    readonly List<InProcessSiloHandle> silos = [];
    internal InProcessTestCluster(InProcessTestClusterOptions options) => Options = options;
    public InProcessTestClusterOptions Options { get; }
    public ReadOnlyCollection<InProcessSiloHandle> Silos => silos.AsReadOnly();
    public IClusterClient Client => GetSiloServiceProvider().GetRequiredService<IClusterClient>();

    public IServiceProvider GetSiloServiceProvider() => silos.Count > 0
        ? silos[0].ServiceProvider
        : throw new InvalidOperationException("The cluster is not deployed: await DeployAsync first.");

    public async Task DeployAsync()
    {
        var specific = new InProcessTestSiloSpecificOptions { SiloName = "Silo_0" };
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = specific.SiloName });
        foreach (var configure in Options.SiloHostConfigurationDelegates)
        {
            configure(specific, builder);
        }

        builder.UseOrleans(silo => silo.Configure<ClusterOptions>(
            options => (options.ClusterId, options.ServiceId) = (Options.ClusterId, Options.ServiceId)));
        var host = builder.Build();
        await host.StartAsync();
        silos.Add(new() { Name = specific.SiloName, SiloHost = host });
    }

    public async Task StopAllSilosAsync()
    {
        foreach (var silo in silos.ToArray())
        {
            silos.Remove(silo);
            await silo.SiloHost.StopAsync();
            await ((IAsyncDisposable)silo.SiloHost).DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAllSilosAsync();
}
