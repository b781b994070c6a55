using System.Text.Json;
using OpenLedger.Economy;
using OpenLedger.Silo;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Commands;

/// <summary>Supply and governance from the command line, on a folder at rest.</summary>
public sealed class GovernanceTests : IAsyncLifetime
{
    readonly TemporaryFolder _folder = new();

    public async ValueTask InitializeAsync() =>
        await (await EmbeddedSilo.Start(new SiloOptions { DataFolder = _folder.At("data") })).DisposeAsync();

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Parameters_power_and_proposals_are_shown_and_what_is_not_allowed_is_refused_in_words()
    {
        var parameters = await Json("governance", "params", "--json");
        parameters.GetProperty("version").GetInt64().Should().Be(0);
        parameters.GetProperty("parameters").EnumerateObject().Select(each => each.Name)
            .Should().Equal(ParameterTable.All.Select(each => each.Name));

        var power = await Json("governance", "power", "--json");
        power.GetProperty("account").GetString().Should().StartWith("acct_");
        power.GetProperty("votes").GetString().Should().Be(Amount.Zero.ToString());
        (await Json("governance", "list", "--json")).GetProperty("total").GetInt32().Should().Be(0);

        (await Run("governance", "propose", "More for all", "--set", "fee-split=1/2/3/4")).ShouldBeRefused("*sum to 10000 basis points*");
        (await Run("governance", "propose", "More for all", "--set", "fee-split")).ShouldBeRefused("*'fee-split' is not a change*");
        (await Run("governance", "propose", "More for all", "--set", "slash-spam=5")).ShouldBeRefused("*proposing takes 10000*");
        (await Run("governance", "lock", "5", "--delegate", "self")).ShouldBeRefused("*refused to move 5.*");
        (await Run("governance", "execute", "pr_none")).ShouldBeRefused("*no proposal 'pr_none'*");
        (await Run("burn", "1")).ShouldBeRefused("*--yes*");
    }

    [Fact]
    public async Task The_supply_is_shown_by_the_book()
    {
        var supply = await Json("supply", "--json");

        supply.GetProperty("minted").GetString().Should().Be(Amount.Supply.ToString());
        supply.GetProperty("circulating").GetString().Should().Be(Amount.FromOpen(215_500_000).ToString());
        supply.GetProperty("buckets").EnumerateArray().Select(each => each.GetProperty("name").GetString())
            .Should().Equal("community", "ecosystem", "investors", "team", "liquidity");
        (await Run("supply", "--release")).Output.Should().MatchRegex("circulating +215500000[.]0{18}");
    }

    [Fact]
    public async Task The_vesting_table_ends_with_the_whole_supply()
    {
        var result = await CommandLine.Run(_folder.Path, "vesting", "--json");
        using var json = JsonDocument.Parse(result.Output);
        var months = json.RootElement.GetProperty("months").EnumerateArray().ToList();

        months.Should().HaveCount(61);
        months[0].GetProperty("total").GetString().Should().Be(Amount.FromOpen(215_500_000).ToString());
        months[12].GetProperty("released").GetProperty("team").GetString().Should().Be(Amount.Zero.ToString());
        months[60].GetProperty("total").GetString().Should().Be(Amount.Supply.ToString());
        (await CommandLine.Run(_folder.Path, "vesting", "--months", "601")).ShouldBeRefused("*0 to 600*");
    }

    async Task<JsonElement> Json(params string[] arguments)
    {
        var result = await Run(arguments);
        result.ExitCode.Should().Be(0, result.Error);
        using var json = JsonDocument.Parse(result.Output);
        return json.RootElement.Clone();
    }

    Task<CommandResult> Run(params string[] arguments) =>
        CommandLine.Run(_folder.Path, [.. arguments, "--data", _folder.At("data")]);
}
