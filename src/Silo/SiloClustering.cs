using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Grains.Placement;
using OpenLedger.Silo.Configuration;
using OpenLedger.Silo.Placement;
using OpenLedger.Storage;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace OpenLedger.Silo;

/// <summary>Membership, addresses and placement of a silo, from its options.</summary>
static class SiloClustering
{
    public static void UseOpenLedgerCluster(this ISiloBuilder silo, SiloOptions options)
    {
        var cluster = options.Cluster;
        if (cluster.Clustering == ClusteringKind.Localhost)
        {
            silo.UseLocalhostClustering(
                cluster.SiloPort ?? FreePort(), cluster.GatewayPort ?? FreePort(), null, cluster.ServiceId, cluster.ClusterId);
            return;
        }

        silo.Configure<ClusterOptions>(each => (each.ClusterId, each.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
        silo.ConfigureEndpoints(
            IPAddress.Parse(cluster.AdvertisedAddress),
            cluster.SiloPort ?? ClusteringOptions.SiloPortDefault,
            cluster.GatewayPort ?? ClusteringOptions.GatewayPortDefault,
            cluster.ListenOnAnyAddress);
        silo.UseAdoNetClustering(clustering =>
        {
            clustering.Invariant = PostgresDatabase.Invariant;
            clustering.ConnectionString = PostgresConnection.Bounded(options.Storage.ConnectionString);
        });
        silo.Configure<ClusterMembershipOptions>(membership => Configure(membership, options.Liveness));
    }

    public static void UseOpenLedgerPlacement(this ISiloBuilder silo, Device device)
    {
        silo.UseSiloMetadata(new Dictionary<string, string> { [Accelerators.MetadataKey] = device.Accelerator });
        silo.ConfigureServices(services => services.AddOpenLedgerPlacement());
    }

    /// <summary>The engine's membership by our options; docs/cluster.md derives the numbers.</summary>
    static void Configure(ClusterMembershipOptions membership, LivenessOptions liveness)
    {
        membership.ProbeTimeout = TimeSpan.FromMilliseconds(liveness.ProbeTimeoutMs);
        membership.MaxProbeTimeout = TimeSpan.FromMilliseconds(liveness.ProbeTimeoutMaxMs);
        membership.NumMissedProbesLimit = liveness.ProbesMissedMax;
        membership.NumVotesForDeathDeclaration = liveness.Votes;
        membership.TableRefreshTimeout = TimeSpan.FromMilliseconds(liveness.TableRefreshMs);
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromMilliseconds(liveness.AliveWriteMs);
    }

    /// <summary>A port that was free a moment ago: silos for one process each need not agree on one.</summary>
    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
