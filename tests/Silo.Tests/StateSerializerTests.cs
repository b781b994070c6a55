using System.Text.Json;
using Orleans;

namespace OpenLedger.Silo.Tests;

/// <summary>Stored states have the same bytes on every engine: what is written here once is read for ever.</summary>
public sealed class StateSerializerTests
{
    const string Stored =
        """{"Name":"Ada \u0026 \u00E9","Price":"1.500000000000000000","Atto":340282366920938463463374607431768211455"""
        + ""","Hash":"AQID","Rows":"BAU=","Totals":{"acct_one":{"Count":7,"Note":null}},"Loss":"NaN","Stage":2,"At":null,"secret":42}""";

    static readonly StateSerializer serializer = new();

    [Fact]
    public void A_state_has_these_bytes()
    {
        var state = new SampleState
        {
            Name = "Ada & é",
            Price = Amount.FromAtto(Amount.One.Atto * 3 / 2),
            Atto = UInt128.MaxValue,
            Hash = [1, 2, 3],
            Rows = new byte[] { 4, 5 },
            Totals = new(StringComparer.Ordinal) { ["acct_one"] = new SampleTotal(7, null) },
            Loss = double.NaN,
            Stage = SampleStage.Done,
        };
        state.Keep(42);
        serializer.Serialize(state).ToString().Should().Be(Stored);
    }

    [Fact]
    public void These_bytes_are_a_state()
    {
        var state = serializer.Deserialize<SampleState>(new BinaryData(Stored))!;
        state.Kept.Should().Be(42);
        state.Price.Should().Be(Amount.FromAtto(Amount.One.Atto * 3 / 2));
        state.Atto.Should().Be(UInt128.MaxValue);
        state.Rows.ToArray().Should().Equal(4, 5);
        state.Totals["acct_one"].Should().Be(new SampleTotal(7, null));
        state.Loss.Should().Be(double.NaN);
        serializer.Serialize(state).ToString().Should().Be(Stored, "and written again it is the same");
    }

    [Fact]
    public void Members_of_earlier_and_of_later_programs_do_no_harm()
    {
        var state = serializer.Deserialize<SampleState>(new BinaryData("""{"Name":"Ada","Unknown":[1,{"a":2}]}"""))!;
        state.Name.Should().Be("Ada");
        state.Hash.Should().BeEmpty();
        state.Totals.Should().BeEmpty();
    }

    [Fact]
    public void What_is_no_state_is_refused()
    {
        FluentActions.Invoking(() => serializer.Deserialize<SampleState>(new BinaryData("[1]"))).Should().Throw<JsonException>();
        FluentActions.Invoking(() => serializer.Deserialize<SampleState>(new BinaryData(""))).Should().Throw<JsonException>();
        serializer.Deserialize<SampleState>(serializer.Serialize<SampleState>(null)).Should().BeNull();
    }

    enum SampleStage
    {
        New,
        Running,
        Done,
    }

    sealed record SampleTotal([property: Id(0)] long Count, [property: Id(1)] string? Note);

    sealed class SampleState
    {
        [Id(9)] int secret;

        [Id(0)] public string Name { get; set; } = "";

        [Id(1)] public Amount Price { get; init; }

        [Id(2)] public UInt128 Atto { get; set; }

        [Id(3)] public byte[] Hash { get; set; } = [];

        [Id(4)] public ReadOnlyMemory<byte> Rows { get; set; }

        [Id(5)] public Dictionary<string, SampleTotal> Totals { get; set; } = [];

        [Id(6)] public double Loss { get; set; }

        [Id(7)] public SampleStage Stage { get; set; }

        [Id(8)] public DateTimeOffset? At { get; private set; }

        internal int Kept => secret;

        internal void Keep(int value) => secret = value;
    }
}
