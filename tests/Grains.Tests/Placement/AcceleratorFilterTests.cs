using System.Net;
using OpenLedger.Grains.Placement;
using OpenLedger.Testing;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace OpenLedger.Grains.Tests.Placement;

/// <summary>Which silos are left for a grain that needs, or would rather have, a device.</summary>
public sealed class AcceleratorFilterTests
{
    readonly ManualTime _time = new();
    readonly ResidencyTable _table;
    readonly SiloAddress[] _silos = [.. Enumerable.Range(1, 3).Select(number => SiloAddress.New(IPAddress.Loopback, number, 1))];

    public AcceleratorFilterTests() => _table = new ResidencyTable(_time);

    [Fact]
    public void Who_needs_a_device_gets_the_silos_that_have_one()
    {
        Publish(Accelerators.Cpu, Accelerators.Cuda, Accelerators.Cuda);
        Filter(Requires).Should().Equal(_silos[1], _silos[2]);
    }

    [Fact]
    public void Who_needs_a_device_gets_no_silo_where_none_has_one()
    {
        Publish(Accelerators.Cpu, Accelerators.Cpu, Accelerators.Cpu);
        Filter(Requires).Should().BeEmpty();
    }

    [Fact]
    public void Who_prefers_a_device_gets_the_silos_that_have_one()
    {
        Publish(Accelerators.Cpu, Accelerators.Cuda, Accelerators.Cpu);
        Filter(Prefers).Should().Equal(_silos[1]);
    }

    [Fact]
    public void Who_prefers_a_device_gets_every_silo_where_none_has_one()
    {
        Publish(Accelerators.Cpu, Accelerators.Cpu, Accelerators.Cpu);
        Filter(Prefers).Should().Equal(_silos);
    }

    [Fact]
    public void What_was_said_more_than_two_seconds_ago_does_not_count()
    {
        Publish(Accelerators.Cpu, Accelerators.Cuda, Accelerators.Cpu);
        _time.Advance(ResidencyTables.AgeMax + TimeSpan.FromMilliseconds(1));
        Filter(Requires).Should().BeEmpty();
        Filter(Prefers).Should().Equal(_silos);
    }

    IPlacementFilterDirector Requires => new RequiresAcceleratorDirector(new NoMetadata(), _table);

    IPlacementFilterDirector Prefers => new PrefersAcceleratorDirector(new NoMetadata(), _table);

    SiloAddress[] Filter(IPlacementFilterDirector director) => [.. director.Filter(new PrefersAcceleratorStrategy(), default, _silos)];

    void Publish(params string[] accelerators) => _table.Replace(
    [
        .. accelerators.Select((accelerator, index) =>
            new ResidencyEntry(new SiloResidency(_silos[index].ToParsableString(), accelerator, [], 1, []), TimeSpan.Zero)),
    ]);

    /// <summary>Silos whose metadata nobody has been told yet.</summary>
    sealed class NoMetadata : ISiloMetadataCache
    {
        public SiloMetadata GetSiloMetadata(SiloAddress siloAddress) => SiloMetadata.Empty;
    }
}
