using System.Text.Json;
using OpenLedger.Silo;
using OpenLedger.Silo.Gateway;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Commands;

[Collection(SettledFolder.Name)]
public sealed class StatementTests(SettledFolder settled)
{
    static readonly string[] longAgoToFarAway = ["--from", "2020-01-01", "--to", "2199-12-31"];

    Receipt Settled => ((ValidReceipt)ReceiptVerifier.Verify(settled.Receipt, settled.Key)).Receipt;

    string Account => Settled.Split.First(line => line.Role == "contributor").Account;

    [Fact]
    public async Task A_contributors_statement_sums_what_the_receipts_pay_and_verifies_offline()
    {
        var path = Path.Combine(settled.Folder, "one.statement");
        var result = await Run(["statement", Account, .. longAgoToFarAway, "--data", settled.Data, "--out", path, "--json"]);
        result.ExitCode.Should().Be(0, result.Error);
        var view = JsonDocument.Parse(result.Output).RootElement;
        view.GetProperty("valid").GetBoolean().Should().BeTrue();
        Amount.Parse(view.GetProperty("total").GetString()!).Should().Be(Statement.CreditOf(Settled, Account));
        view.GetProperty("credits").EnumerateArray().Select(credit => credit.GetProperty("receipt").GetString())
            .Should().Contain(settled.ReceiptId);

        var verified = await Run(["statement", "verify", path, "--key", settled.Key]);
        verified.ExitCode.Should().Be(0, verified.Error);
        verified.Output.Should().StartWith("VALID").And.Contain(settled.ReceiptId);

        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        var damaged = await Run(["statement", "verify", path, "--key", settled.Key]);
        damaged.ExitCode.Should().Be(1);
        damaged.Output.Should().StartWith("INVALID");
    }

    [Fact]
    public async Task A_time_without_credits_has_a_statement_that_says_so()
    {
        var path = Path.Combine(settled.Folder, "none.statement");
        var result = await Run(
            ["statement", Account, "--from", "2020-01-01", "--to", "2020-12-31", "--data", settled.Data, "--out", path]);
        result.ExitCode.Should().Be(0, result.Error);
        result.Output.Should().Contain("in 0 receipts");
    }

    [Fact]
    public async Task A_running_silo_gives_the_same_to_whoever_is_on_its_machine()
    {
        // A start with a gateway funds its local account.
        var options = new SiloOptions { DataFolder = settled.CopyTo(Path.Combine(settled.Folder, "served")) };
        await using var server = await GatewayServer.Start(options, "http://127.0.0.1:0");
        var path = Path.Combine(settled.Folder, "served.statement");
        var result = await Run(["statement", Account, .. longAgoToFarAway, "--url", server.Url, "--out", path]);
        result.ExitCode.Should().Be(0, result.Error);
        StatementVerifier.Verify(await File.ReadAllBytesAsync(path), NoteVerifier.Parse(settled.Key)).Total
            .Should().Be(Statement.CreditOf(Settled, Account));
    }

    [Fact]
    public async Task Dates_that_are_none_and_files_that_are_not_there_are_the_users_mistake()
    {
        (await Run(["statement", Account, "--from", "yesterday", "--to", "2030-01-01", "--data", settled.Data]))
            .ShouldBeRefused("*'yesterday' is not a date*");
        (await Run(["statement", Account, "--from", "2030-01-02", "--to", "2030-01-01", "--data", settled.Data]))
            .ShouldBeRefused("*before --from*");
        (await Run(["statement", "verify", "nowhere", "--key", settled.Key])).ShouldBeRefused("*no statement 'nowhere'*");
    }

    Task<CommandResult> Run(string[] arguments) => CommandLine.Run(settled.Folder, arguments);
}
