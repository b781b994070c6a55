namespace Orleans.Runtime;

/// <summary>What the cluster knows of itself; the key is 0.</summary>
public interface IManagementGrain : IGrainWithIntegerKey
{
    Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false);
    Task<MembershipEntry[]> GetDetailedHosts(bool onlyActive = false);
    Task ForceActivationCollection(TimeSpan ageLimit);
    Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds);
    Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics();
    Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null, SiloAddress[]? hostsIds = null);
    Task<int> GetTotalActivationCount();
}

/// <summary>A silo as the cluster's members see it.</summary>
public sealed class MembershipEntry
{
    public required SiloAddress SiloAddress { get; set; }
    public SiloStatus Status { get; set; }
    public string? HostName { get; set; }
    public required string SiloName { get; set; }
    public DateTime StartTime { get; set; }
    public DateTime IAmAliveTime { get; set; }
}

/// <summary>How many activations of a class a silo has.</summary>
public sealed class SimpleGrainStatistic
{
    public string GrainType { get; init; } = "";
    public required SiloAddress SiloAddress { get; init; }
    public int ActivationCount { get; init; }
}

/// <summary>One activation.</summary>
public sealed class DetailedGrainStatistic
{
    public string GrainType { get; init; } = "";
    public required SiloAddress SiloAddress { get; init; }
    public GrainId GrainId { get; init; }
}
