using System.Collections.ObjectModel;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Orleans.TestingHost;

/// <summary>What a test cluster is made with.</summary>
public sealed class InProcessTestClusterOptions
{
    /// <summary>The cluster's name.</summary>
    public string ClusterId { get; set; } = "";

    /// <summary>The service's name.</summary>
    public string ServiceId { get; set; } = "";

    /// <summary>How many silos; the engine in use has one.</summary>
    public short InitialSilosCount { get; set; }

    /// <summary>What sets the silos' hosts up.</summary>
    public List<Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder>> SiloHostConfigurationDelegates { get; } = [];
}

/// <summary>What differs between silos of a test cluster.</summary>
public sealed class InProcessTestSiloSpecificOptions
{
    /// <summary>The silo's name.</summary>
    public string SiloName { get; set; } = "";
}

/// <summary>Describes a cluster within the test's process.</summary>
public sealed class InProcessTestClusterBuilder
{
    /// <summary>Two silos.</summary>
    public InProcessTestClusterBuilder()
        : this(2)
    {
    }

    /// <summary>So many silos; one process is always one silo.</summary>
    public InProcessTestClusterBuilder(short initialSilosCount) => Options = new()
    {
        InitialSilosCount = initialSilosCount,
        ClusterId = CreateClusterId(),
        ServiceId = Engine.Numbers.NextGuid().ToString("N", null),
    };

    /// <summary>What the cluster is made with.</summary>
    public InProcessTestClusterOptions Options { get; }

    /// <summary>Sets hosts of silos and clients up.</summary>
    public InProcessTestClusterBuilder ConfigureHost(Action<IHostApplicationBuilder> configureDelegate) =>
        ConfigureSiloHost((_, host) => configureDelegate(host));

    /// <summary>Sets silos up.</summary>
    public InProcessTestClusterBuilder ConfigureSilo(Action<InProcessTestSiloSpecificOptions, ISiloBuilder> configureSiloDelegate) =>
        ConfigureSiloHost((options, host) => host.UseOrleans(silo => configureSiloDelegate(options, silo)));

    /// <summary>Sets hosts of silos up.</summary>
    public InProcessTestClusterBuilder ConfigureSiloHost(
        Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder> configureSiloHostDelegate)
    {
        Options.SiloHostConfigurationDelegates.Add(configureSiloHostDelegate);
        return this;
    }

    /// <summary>Makes the cluster; it starts with <see cref="InProcessTestCluster.DeployAsync"/>.</summary>
    public InProcessTestCluster Build() => new(Options);

    /// <summary>A name that no other cluster of the process has.</summary>
    public static string CreateClusterId() => $"testcluster-{Engine.Numbers.Next()}";
}

/// <summary>A silo of a test cluster.</summary>
public sealed class InProcessSiloHandle
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its host.</summary>
    public required IHost SiloHost { get; init; }

    /// <summary>Its services.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;
}

/// <summary>A cluster within the test's process.</summary>
public sealed class InProcessTestCluster : IAsyncDisposable, IDisposable
{
    readonly List<InProcessSiloHandle> silos = [];

    internal InProcessTestCluster(InProcessTestClusterOptions options) => Options = options;

    /// <summary>What the cluster was made with.</summary>
    public InProcessTestClusterOptions Options { get; }

    /// <summary>The silos that run.</summary>
    public ReadOnlyCollection<InProcessSiloHandle> Silos => silos.AsReadOnly();

    /// <summary>The way into the cluster.</summary>
    public IClusterClient Client => GetSiloServiceProvider().GetRequiredService<IClusterClient>();

    /// <summary>The services of the silo.</summary>
    public IServiceProvider GetSiloServiceProvider() => silos.Count > 0
        ? silos[0].ServiceProvider
        : throw new InvalidOperationException("The cluster is not deployed: await DeployAsync first.");

    /// <summary>Starts the cluster.</summary>
    public async Task DeployAsync()
    {
        var specific = new InProcessTestSiloSpecificOptions { SiloName = "Silo_0" };
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = specific.SiloName });
        foreach (var configure in Options.SiloHostConfigurationDelegates)
        {
            configure(specific, builder);
        }

        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (Options.ClusterId, Options.ServiceId));
            silo.Configure<SiloOptions>(options => options.SiloName = specific.SiloName);
        });
        var host = builder.Build();
        await host.StartAsync();
        silos.Add(new() { Name = specific.SiloName, SiloHost = host });
    }

    /// <summary>Stops every silo gracefully.</summary>
    public async Task StopAllSilosAsync()
    {
        foreach (var silo in silos.ToArray())
        {
            silos.Remove(silo);
            await silo.SiloHost.StopAsync();
            await DisposeHost(silo.SiloHost);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAllSilosAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var silo in silos)
        {
            silo.SiloHost.Dispose();
        }

        silos.Clear();
    }

    static async ValueTask DisposeHost(IHost host)
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
            return;
        }

        host.Dispose();
    }
}
