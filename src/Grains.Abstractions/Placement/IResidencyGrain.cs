using OpenLedger.Grains.Identity;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Placement;

/// <summary>
/// What every silo holds in its device's memory, collected in one place; the key is <see cref="ResidencyTables.Main"/>. Each silo
/// publishes about every second and takes the whole table back; nothing is stored, as the next second says it all again.
/// </summary>
[Alias("openledger.residency"), KeyPrefix(GrainKeys.ResidencyTable)]
public interface IResidencyGrain : IGrainWithStringKey
{
    /// <summary>Replaces this silo's entry and answers with every entry, ages included.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("publish")]
    Task<IReadOnlyList<ResidencyEntry>> Publish(SiloResidency residency, Authorization authorization);

    /// <summary>Every entry, without publishing one.</summary>
    [ReadOnly]
    [Alias("table")]
    Task<IReadOnlyList<ResidencyEntry>> GetTable();
}

/// <summary>Keys and bounds of residency tables.</summary>
public static class ResidencyTables
{
    /// <summary>The table of a network.</summary>
    public const string Main = GrainKeys.ResidencyTable + "main";

    /// <summary>Silos in a table; one more is not taken in.</summary>
    public const int SilosMax = 256;

    /// <summary>Base models that a silo names; the others are left out.</summary>
    public const int ModelsMax = 16;

    /// <summary>Adapters that a silo names; the others are left out.</summary>
    public const int AdaptersMax = 4_096;

    /// <summary>How old an entry may be and still count.</summary>
    public static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(2);
}

/// <param name="Silo">Its address, in the engine's parsable form.</param>
/// <param name="Accelerator"><c>cuda</c> or <c>cpu</c>.</param>
/// <param name="ModelIds">Base models in memory, at most <see cref="ResidencyTables.ModelsMax"/>.</param>
/// <param name="DeviceFreeBytes">Device memory that is free, as far as the silo knows.</param>
/// <param name="Adapters">Adapters in memory, at most <see cref="ResidencyTables.AdaptersMax"/>.</param>
[GenerateSerializer, Immutable, Alias("openledger.residency.silo")]
public sealed record SiloResidency(
    [property: Id(0)] string Silo,
    [property: Id(1)] string Accelerator,
    [property: Id(2)] IReadOnlyList<string> ModelIds,
    [property: Id(3)] long DeviceFreeBytes,
    [property: Id(4)] IReadOnlyList<AdapterResidency> Adapters);

/// <param name="Age">Since it was published, by the clock of the silo that collects.</param>
[GenerateSerializer, Immutable, Alias("openledger.residency.entry")]
public sealed record ResidencyEntry(
    [property: Id(0)] SiloResidency Residency,
    [property: Id(1)] TimeSpan Age);
