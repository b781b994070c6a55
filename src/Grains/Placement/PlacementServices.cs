using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Placement;

namespace OpenLedger.Grains.Placement;

/// <summary>What the engine needs to place adapters.</summary>
public static class PlacementServices
{
    /// <summary>Adds the filters by accelerator and the director by residency. The host adds silo metadata and the publisher.</summary>
    public static IServiceCollection AddOpenLedgerPlacement(this IServiceCollection services)
    {
        services.AddSingleton<ResidencyTable>();
        services.AddPlacementFilter<RequiresAcceleratorStrategy, RequiresAcceleratorDirector>(ServiceLifetime.Transient);
        services.AddPlacementFilter<PrefersAcceleratorStrategy, PrefersAcceleratorDirector>(ServiceLifetime.Transient);
        services.AddPlacementDirector<ResidencyPlacement, ResidencyPlacementDirector>();
        return services;
    }
}
