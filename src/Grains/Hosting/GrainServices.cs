using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Training;

namespace OpenLedger.Grains.Hosting;

/// <summary>What the grains need of their host beyond storage.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds the threads that serve, train and attribute on this silo, and who authorises and verifies requests. The host adds blobs, the
    /// clock, ids, the network's key and the opener of books.
    /// </summary>
    /// <param name="cacheFolder">Where base models are laid out as files.</param>
    public static IServiceCollection AddOpenLedgerGrains(this IServiceCollection services, string cacheFolder) => services
        .AddSingleton(provider => new ModelStore(provider.GetRequiredService<IBlobStore>(), cacheFolder))
        .AddSingleton<ServingHost>()
        .AddSingleton<TrainingHost>()
        .AddSingleton<AttributionHost>()
        .AddSingleton<NetworkAuthority>()
        .AddSingleton<RequestVerifier>()
        .AddSingleton<NetworkLedger>()
        .AddSingleton<StakersShare>()
        .AddSingleton<LineageReader>()
        .AddSingleton<ParameterCache>()
        .AddSingleton<SettlementDesk>();
}
