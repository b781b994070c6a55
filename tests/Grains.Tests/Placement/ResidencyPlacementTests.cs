using System.Globalization;
using System.Net;
using OpenLedger.Grains.Placement;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Placement;

/// <summary>An adapter goes where its base model is and memory is left, by a table of at most two seconds' age.</summary>
public sealed class ResidencyPlacementTests
{
    const long Room = 1L << 30;

    readonly ManualTime _time = new();
    readonly ResidencyTable _table;
    readonly SiloAddress[] _silos = [.. Enumerable.Range(1, 4).Select(Silo)];

    public ResidencyPlacementTests() => _table = new ResidencyTable(_time);

    [Fact]
    public void A_silo_that_holds_the_base_model_and_has_memory_free_comes_first()
    {
        _table.Learn("ad_words", "md_base");
        _table.Replace([Entry(1, Room), Entry(2, Room, "md_other"), Entry(3, Room, "md_base", "md_other"), Entry(4, 0, "md_base")]);
        Choose("ad_words").Should().Be(_silos[2]);
    }

    [Fact]
    public void A_base_model_is_its_own_base()
    {
        _table.Replace([Entry(1, Room), Entry(2, Room, "md_base"), Entry(3, Room), Entry(4, Room)]);
        Choose("md_base").Should().Be(_silos[1]);
    }

    [Fact]
    public void Where_no_silo_holds_the_model_one_with_memory_free_comes_first()
    {
        _table.Learn("ad_words", "md_base");
        _table.Replace([Entry(1, 0, "md_base"), Entry(2, ResidencyPlacementDirector.RoomBytesMin - 1), Entry(3, 0), Entry(4, Room)]);
        Choose("ad_words").Should().Be(_silos[3]);
    }

    [Fact]
    public void An_adapters_base_model_is_learned_from_the_table_and_outlives_the_entry()
    {
        var adapter = new AdapterResidency("ad_words", "md_base", 1);
        _table.Replace([Entry(1, Room, "md_base") with { Residency = Residency(1, Room, [adapter], "md_base") }]);
        _table.Replace([Entry(2, Room), Entry(3, Room, "md_base")]);
        Choose("ad_words", _silos[1], _silos[2]).Should().Be(_silos[2], "the silo that told it is gone, but a base never changes");
    }

    [Fact]
    public void A_stale_entry_is_ignored()
    {
        _table.Learn("ad_words", "md_base");
        _table.Replace([Entry(1, Room), Entry(2, Room, "md_base") with { Age = TimeSpan.FromSeconds(1.5) }]);
        Choose("ad_words", _silos[0], _silos[1]).Should().Be(_silos[1]);

        _time.Advance(TimeSpan.FromSeconds(0.6));
        Choose("ad_words", _silos[0], _silos[1]).Should().Be(_silos[0], "together it is older than two seconds");

        _time.Advance(ResidencyTables.AgeMax);
        _table.Entries.Should().BeEmpty();
    }

    [Fact]
    public void Without_a_table_the_key_chooses_and_all_silos_get_some()
    {
        var places = Enumerable.Range(0, 200)
            .Select(number => Choose(string.Create(CultureInfo.InvariantCulture, $"ad_{number}"))).ToList();
        places.Distinct().Should().HaveCount(_silos.Length);
        Choose("ad_7").Should().Be(Choose("ad_7", [.. _silos.Reverse()]), "the order in which the engine names the silos decides nothing");
    }

    [Fact]
    public void The_board_keeps_the_newest_entry_of_a_silo_and_forgets_the_silent()
    {
        var board = new ResidencyBoard(_time);
        board.Put(Residency(1, 5, []));
        board.Put(Residency(2, 5, []));
        _time.Advance(TimeSpan.FromSeconds(1));
        board.Put(Residency(1, 6, [], "md_base"));
        board.Entries().Should().BeEquivalentTo(
        [
            new ResidencyEntry(Residency(1, 6, [], "md_base"), TimeSpan.Zero),
            new ResidencyEntry(Residency(2, 5, []), TimeSpan.FromSeconds(1)),
        ]);

        _time.Advance(TimeSpan.FromSeconds(1.5));
        board.Entries().Should().ContainSingle().Which.Residency.Silo.Should().Be(_silos[0].ToParsableString());
    }

    [Fact]
    public void The_board_is_bounded()
    {
        var board = new ResidencyBoard(_time);
        var adapters = Enumerable.Range(0, ResidencyTables.AdaptersMax + 1)
            .Select(number => new AdapterResidency(string.Create(CultureInfo.InvariantCulture, $"ad_{number}"), "md_base", 1)).ToList();
        for (var number = 1; number <= ResidencyTables.SilosMax + 1; number++)
        {
            board.Put(Residency(number, 5, number == 1 ? adapters : []));
        }

        board.Entries().Should().HaveCount(ResidencyTables.SilosMax);
        board.Entries()[0].Residency.Adapters.Should().HaveCount(ResidencyTables.AdaptersMax);
    }

    SiloAddress Choose(string key, params SiloAddress[] silos) =>
        ResidencyPlacementDirector.Choose(_table, GrainId.Create("adapter", key), silos.Length > 0 ? silos : _silos);

    static SiloAddress Silo(int number) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11_000 + number), 1);

    static ResidencyEntry Entry(int silo, long freeBytes, params string[] models) =>
        new(Residency(silo, freeBytes, [], models), TimeSpan.Zero);

    static SiloResidency Residency(int silo, long freeBytes, IReadOnlyList<AdapterResidency> adapters, params string[] models) =>
        new(Silo(silo).ToParsableString(), Accelerators.Cpu, models, freeBytes, adapters);
}
