using Microsoft.Extensions.DependencyInjection;
using OpenLedger.Client;
using OpenLedger.Grains.Ledger;
using OpenLedger.Silo;
using OpenLedger.Silo.Gateway;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Commands;

/// <summary>Commands that spend an account's money, signed with a key file.</summary>
public sealed class SignedCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public SignedCommandTests() => File.WriteAllText(_folder.At("words"), "several plain words\n");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_payment_moves_money_once_and_from_the_keys_account_alone()
    {
        var payer = await NewKey("my.key");
        var payee = SampleNetwork.Account("payee");
        var options = new SiloOptions { DataFolder = _folder.At("data") };
        await using (var silo = await EmbeddedSilo.Start(options))
        {
            await Fund(silo.Services, payer);
        }

        string[] pay = ["pay", payee, "0.25", "--key", "my.key", "--passphrase-file", "words", "--data", "data", "--id", "rent"];
        (await CommandLine.Run(_folder.Path, pay)).Should().Match<CommandResult>(result => result.ExitCode == 0
            && result.Output.StartsWith("paid  0.25"));
        (await CommandLine.Run(_folder.Path, pay)).Output.Should().StartWith("paid before");
        pay[2] = "5";
        pay[^1] = "more";
        (await CommandLine.Run(_folder.Path, pay)).ShouldBeRefused("*could not be paid*funds are too low*");

        await using (var silo = await EmbeddedSilo.Start(options))
        {
            var balances = await new OpenLedgerClient(silo.Grains).Ledger.GetBalances([payer, payee]);
            balances.Select(balance => balance.Available).Should().Equal(Amount.Parse("0.75"), Amount.Parse("0.25"));
        }
    }

    [Fact]
    public async Task A_question_over_HTTP_is_paid_by_the_keys_account()
    {
        var payer = await NewKey("my.key");
        var options = new SiloOptions
        {
            DataFolder = _folder.At("data"),
            Models = new Dictionary<string, string>(StringComparer.Ordinal) { [TinyModel.Id] = TinyModel.Write(_folder.Path) },
        };
        await using var server = await GatewayServer.Start(options, "http://127.0.0.1:0");
        using var log = NoteSigner.Parse((await File.ReadAllTextAsync(_folder.At("data", "keys", "log.key"))).Trim());
        var client = SampleNetwork.Connect(server.Grains);
        await client.Ledger.OpenAccounts([payer]);
        var authority = new OpenLedger.Grains.Identity.NetworkAuthority(NetworkKey.Of(log), TimeProvider.System, IdSource.Secure());
        await new SampleNetwork(server.Grains, new NetworkLedger(server.Grains, authority)).Fund(payer, Amount.FromOpen(1), "funds/ask");

        string[] ask =
        [
            "ask", "Q: What does tarn mean?\nA:", "--model", TinyModel.Id, "--key", "my.key", "--passphrase-file", "words",
            "--max-tokens", "8", "--url", server.Url,
        ];
        var answer = await CommandLine.Run(_folder.Path, ask);

        answer.ExitCode.Should().Be(0, answer.Error);
        answer.Error.Should().Match("paid 0.*OPEN, receipt rc_*");
        (await client.Ledger.GetBalances([payer]))[0].Available.Should().BeLessThan(Amount.FromOpen(1));
        (await CommandLine.Run(_folder.Path, [.. ask, "--network", "another.example/log"])).ShouldBeRefused("*Not authorised*signature*");
        (await CommandLine.Run(_folder.Path, [.. ask, "--spend", "0.000001"])).ShouldBeRefused("*can cost*allowed 0.000001*");
    }

    static async Task Fund(IServiceProvider silo, string account)
    {
        var ledger = silo.GetRequiredService<NetworkLedger>();
        await ledger.OpenAccounts([account]);
        await new SampleNetwork(silo).Fund(account, Amount.FromOpen(1), "funds/pay");
    }

    async Task<string> NewKey(string file)
    {
        var made = await CommandLine.Run(_folder.Path, "keys", "new", "--out", file, "--passphrase-file", "words");
        made.ExitCode.Should().Be(0, made.Error);
        return made.Output.Split('\n')[0]["account".Length..].Trim();
    }
}
