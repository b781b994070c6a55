namespace Orleans.Engine;

/// <summary>The cluster's knowledge of itself: one silo's.</summary>
[GrainType("sys.management")]
sealed class ManagementGrain(Silo silo) : Grain, IManagementGrain
{
    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false) =>
        Task.FromResult(new Dictionary<SiloAddress, SiloStatus> { [silo.Details.SiloAddress] = SiloStatus.Active });

    public Task<MembershipEntry[]> GetDetailedHosts(bool onlyActive = false) => Task.FromResult<MembershipEntry[]>([new()
    {
        SiloAddress = silo.Details.SiloAddress,
        Status = SiloStatus.Active,
        HostName = silo.Details.DnsHostName,
        SiloName = silo.Details.Name,
        StartTime = silo.Started,
        IAmAliveTime = silo.Time.GetUtcNow().UtcDateTime,
    }]);

    public Task ForceActivationCollection(TimeSpan ageLimit)
    {
        silo.Collect(ageLimit);
        return Task.CompletedTask;
    }

    public async Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds) =>
        hostsIds.Contains(silo.Details.SiloAddress) ? await GetSimpleGrainStatistics() : [];

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics() => Task.FromResult<SimpleGrainStatistic[]>([.. Grains()
        .GroupBy(activation => NameOf(activation.Class.Type))
        .Select(group => new SimpleGrainStatistic
        {
            GrainType = group.Key,
            SiloAddress = silo.Details.SiloAddress,
            ActivationCount = group.Count(),
        })]);

    public Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null, SiloAddress[]? hostsIds = null) =>
        Task.FromResult<DetailedGrainStatistic[]>([.. Grains()
            .Where(activation => types is null || types.Contains(NameOf(activation.Class.Type)))
            .Where(_ => hostsIds is null || hostsIds.Contains(silo.Details.SiloAddress))
            .Select(activation => new DetailedGrainStatistic
            {
                GrainType = NameOf(activation.Class.Type),
                SiloAddress = silo.Details.SiloAddress,
                GrainId = activation.GrainId,
            })]);

    public Task<int> GetTotalActivationCount() => Task.FromResult(Grains().Count());

    IEnumerable<Activation> Grains() => silo.Activations.Where(activation => !Observers.IsObserver(activation.GrainId));

    static string NameOf(Type type) => $"{type.FullName},{type.Assembly.GetName().Name}";
}
