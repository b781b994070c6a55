using Orleans.Configuration;

namespace OpenLedger.Client;

/// <summary>Connects a client to a cluster of silos.</summary>
public static class ClusterClientBuilder
{
    /// <summary>
    /// How often the client reads anew which silos there are: a silo that hangs, but whose connections stay open, is left that soon after
    /// the others have declared it dead.
    /// </summary>
    static readonly TimeSpan gatewayListPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Finds silos in the PostgreSQL database that they share, as <c>openledger up --cluster</c> names it.</summary>
    /// <param name="connectionString">Npgsql's, <c>Host=…;Database=…;Username=…</c>.</param>
    /// <param name="clusterId">The silos' cluster id and service id.</param>
    public static IClientBuilder UseOpenLedgerCluster(
        this IClientBuilder builder, string connectionString, string clusterId = "openledger", string serviceId = "openledger")
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        return builder
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, serviceId))
            .Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = gatewayListPeriod)
            .UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = ("Npgsql", connectionString));
    }
}
