namespace Orleans.Configuration;

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
