using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Training;

namespace OpenLedger.Grains.Hosting;

/// <summary>What the grains need of their host beyond storage.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds the threads that serve, train and attribute on this silo. The host adds blobs, the clock and the opener of books.
    /// </summary>
    /// <param name="cacheFolder">Where base models are laid out as files.</param>
    public static IServiceCollection AddOpenLedgerGrains(this IServiceCollection services, string cacheFolder) => services
        .AddSingleton(provider => new ModelStore(provider.GetRequiredService<IBlobStore>(), cacheFolder))
        .AddSingleton<ServingHost>()
        .AddSingleton<TrainingHost>()
        .AddSingleton<AttributionHost>()
        .AddSingleton<NetworkLedger>()
        .AddSingleton<SettlementDesk>();
}
