using System.Text.Json;
using OpenLedger.Silo;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Commands;

public sealed class StakingCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_stake_is_bonded_shown_and_taken_out_in_the_name_of_a_key()
    {
        await File.WriteAllTextAsync(_folder.At("words"), "several plain words\n");
        (await Run("keys", "new", "--out", "my.key", "--passphrase-file", "words")).ExitCode.Should().Be(0);
        var staker = AccountKeyFile.Parse(await File.ReadAllBytesAsync(_folder.At("my.key"))).Address.ToString();
        await using (var silo = await EmbeddedSilo.Start(new SiloOptions { DataFolder = _folder.At("data") }))
        {
            var network = new SampleNetwork(silo.Services);
            await network.Client.Ledger.OpenAccounts([staker]);
            await network.Fund(staker, Amount.FromOpen(5), "funds/staker");
        }

        string[] own = ["--key", "my.key", "--passphrase-file", "words", "--data", "data", "--json"];
        var staked = Json(await Run(["stake", "network", "3", .. own]));
        staked.GetProperty("bonded").GetString().Should().Be("3.000000000000000000");
        var left = Json(await Run(["unstake", "network", "1", .. own]));
        left.GetProperty("bonded").GetString().Should().Be("2.000000000000000000");
        left.GetProperty("unbonding").GetArrayLength().Should().Be(1);
        var pool = Json(await Run(["pool", "network", .. own]));
        pool.GetProperty("held").GetString().Should().Be("3.000000000000000000");
        (await Run(["withdraw", "network", .. own])).ShouldBeRefused("*nothing can be withdrawn*");
        (await Run(["claim", "network", .. own])).ShouldBeRefused("*no reward*");
        (await Run(["stake", "network", "9", .. own])).ShouldBeRefused("*could not be staked*funds are too low*");
    }

    [Theory]
    [InlineData("*'elsewhere' is no pool*network*ad_*dn_*", "stake", "elsewhere", "5")]
    [InlineData("*'much' is not an amount*", "stake", "network", "much")]
    [InlineData("*no data folder 'nowhere'*", "unstake", "network", "5", "--data", "nowhere")]
    [InlineData("*no data folder 'nowhere'*", "withdraw", "network", "--data", "nowhere")]
    [InlineData("*no data folder 'nowhere'*", "claim", "ad_words", "--data", "nowhere")]
    [InlineData("*no data folder 'nowhere'*", "pool", "dn_words", "--data", "nowhere")]
    [InlineData("*no key file 'missing'*", "stake", "network", "5", "--key", "missing")]
    [InlineData("*no data folder 'nowhere'*", "estimate", "--datanet", "dn_words", "--data", "nowhere")]
    [InlineData("*no data folder 'nowhere'*", "epoch", "ad_words", "--settle", "--data", "nowhere")]
    [InlineData("*no file 'missing.txt'*", "dispute", "open", "ds_a", "acct_b", "spam", "--evidence", "missing.txt")]
    [InlineData("*no data folder 'nowhere'*", "dispute", "show", "ds_a", "--data", "nowhere")]
    public async Task A_mistake_is_refused_in_plain_words(string message, params string[] arguments) =>
        (await CommandLine.Run(_folder.Path, arguments)).ShouldBeRefused(message);

    Task<CommandResult> Run(params string[] arguments) => CommandLine.Run(_folder.Path, arguments);

    static JsonElement Json(CommandResult result)
    {
        result.ExitCode.Should().Be(0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement;
    }
}
