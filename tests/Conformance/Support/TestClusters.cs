using Orleans.Configuration;
using Orleans.TestingHost;

namespace OpenLedger.Conformance;

/// <summary>Clusters of one silo, within the test's process.</summary>
static class TestClusters
{
    public static async Task<InProcessTestCluster> Start(Action<ISiloBuilder>? configure = null)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorageAsDefault();
            silo.AddMemoryGrainStorage("memory");
            configure?.Invoke(silo);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    public static ISiloBuilder RespondWithin(this ISiloBuilder silo, TimeSpan timeout) =>
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = timeout);
}
