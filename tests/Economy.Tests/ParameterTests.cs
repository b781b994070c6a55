using System.Globalization;
using System.Reflection;

namespace OpenLedger.Economy.Tests;

/// <summary>Every governed parameter has a typed change, and no change leaves the network with values that cannot be.</summary>
public sealed class ParameterTests
{
    static readonly PropertyInfo[] members =
        [.. typeof(NetworkParameters).GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(each => each.CanWrite)];

    /// <summary>Another value for each parameter, within its bounds.</summary>
    static readonly Dictionary<string, string> others = new(StringComparer.Ordinal)
    {
        ["fee-split"] = "500/2000/2000/5500",
        ["pricing"] = "0.000200000000000000/0.000500000000000000",
        ["dust-threshold"] = "0.010000000000000000",
        ["stake-minimum"] = "2.000000000000000000",
        ["dispute-bond"] = "11.000000000000000000",
        ["emission-per-epoch"] = "7.000000000000000000",
        ["emission-total-max"] = "9000000.000000000000000000",
        ["treasury-burn-total"] = "3.000000000000000000",
        ["proposal-threshold"] = "20000.000000000000000000",
        ["guardian"] = AccountAddress.FromPublicKey(new byte[32]).ToString(),
    };

    public static TheoryData<string> Names { get; } = [.. ParameterTable.All.Select(each => each.Name)];

    [Fact]
    public void Every_member_has_a_typed_change_and_every_change_a_member()
    {
        ParameterTable.All.Select(each => each.Member).Should().BeEquivalentTo(
            members.Select(each => each.Name), "a parameter without a line in ParameterTable is one that no proposal can change");
        ParameterTable.All.Select(each => each.Name).Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_change_changes_its_member_and_no_other(string name)
    {
        var definition = ParameterTable.Find(name);
        var old = definition.Read(NetworkParameters.Default);
        var value = Other(name, old);
        value.Should().NotBe(old);

        var changed = definition.Write(NetworkParameters.Default, value);

        definition.Read(changed).Should().Be(value);
        members.Where(member => !Equals(member.GetValue(changed), member.GetValue(NetworkParameters.Default)))
            .Select(member => member.Name).Should().Equal(definition.Member);
        definition.Write(changed, old).Should().Be(NetworkParameters.Default, "the text of a value is the value");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_no_value_of_its_type_is_refused(string name)
    {
        foreach (var text in new[] { "", "-1", "1e3", "much", "1.0000000000000000001", "99999999999999999999999999999999999999999" })
        {
            var act = () => ParameterChange.Apply(NetworkParameters.Default, [ParameterChange.Parse(name, text)]);
            act.Should().Throw<UserErrorException>($"'{text}' is no {name}");
        }
    }

    [Theory]
    [InlineData("epoch-seconds", "0", "epoch-seconds takes 1 to 2678400, and not 0")]
    [InlineData("slash-fraud", "10001", "slash-fraud takes 0 to 10000, and not 10001")]
    [InlineData("attribution-span", "400000", "sum to 1000000 millionths, but these sum to 900000")]
    [InlineData("fee-split", "1000/2000/2000/4999", "sum to 10000 basis points, but these sum to 9999")]
    [InlineData("fee-split", "1000/2000/7000", "four numbers")]
    [InlineData("emission-per-epoch", "10000001", "emission-per-epoch takes 0.000000000000000000 to 10000000.000000000000000000")]
    [InlineData("guardian", "acct_nobody", "an account's address or none")]
    [InlineData("quorum-share", "0", "quorum-share takes 1 to 10000")]
    [InlineData("voting-period-ms", "0", "voting-period-ms takes 1 to")]
    [InlineData("speed", "1", "there is no governed parameter 'speed'; there are fee-split")]
    public void What_cannot_stand_is_refused_with_what_can(string name, string value, string why)
    {
        var act = () => ParameterChange.Apply(NetworkParameters.Default, [ParameterChange.Parse(name, value)]);
        act.Should().Throw<UserErrorException>().WithMessage($"*{why}*");
    }

    [Fact]
    public void Changes_are_checked_together()
    {
        ParameterChange[] weights =
            [ParameterChange.Parse("attribution-span", "300000"), ParameterChange.Parse("attribution-influence", "700000")];

        var changed = ParameterChange.Apply(NetworkParameters.Default, weights);

        changed.Should().Be(NetworkParameters.Default with { AttributionSpan = 300_000, AttributionInfluence = 700_000 });
        FluentActions.Invoking(() => ParameterChange.Apply(NetworkParameters.Default, [weights[0]])).Should().Throw<ParameterException>();
        FluentActions.Invoking(() => ParameterChange.Apply(NetworkParameters.Default, [weights[0], weights[0], weights[1]]))
            .Should().Throw<ParameterException>().WithMessage("*changed twice*");
    }

    [Fact]
    public void What_was_burned_does_not_come_back()
    {
        var burned = ParameterChange.Apply(NetworkParameters.Default, [ParameterChange.Parse("treasury-burn-total", "5")]);

        FluentActions.Invoking(() => ParameterChange.Apply(burned, [ParameterChange.Parse("treasury-burn-total", "4")]))
            .Should().Throw<ParameterException>().WithMessage("*only rises*");
    }

    [Fact]
    public void What_a_network_starts_with_can_stand() => NetworkParameters.Default.Validate().Should().Be(NetworkParameters.Default);

    static string Other(string name, string old) => others.TryGetValue(name, out var other)
        ? other
        : (long.Parse(old, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
}
