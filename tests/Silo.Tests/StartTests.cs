using OpenLedger.Client;
using OpenLedger.Silo.Gateway;
using OpenLedger.Storage;
using OpenLedger.Testing;

namespace OpenLedger.Silo.Tests;

public sealed class StartTests
{
    static readonly string[] systemAccounts = [SystemAccounts.Treasury, SystemAccounts.Platform, SystemAccounts.Escrow];

    // What genesis leaves in the treasury; the rest of the supply is locked, or the other allocations'.
    static readonly Amount circulatingOfCommunity = Amount.FromOpen(145_500_000);

    [Fact]
    public async Task A_data_folder_in_use_is_refused_by_name_and_the_first_silo_goes_on()
    {
        using var folder = new TemporaryFolder();
        var options = new SiloOptions { DataFolder = folder.At("data") };
        await using var first = await EmbeddedSilo.Start(options);

        var act = () => EmbeddedSilo.Start(options);

        await act.Should().ThrowAsync<DataFolderException>().WithMessage($"*{options.DataFolder} is in use by another process*");
        (await new OpenLedgerClient(first.Grains).Ledger.GetSummary()).Conserved.Should().BeTrue();
    }

    [Fact]
    public async Task A_folder_of_something_else_is_refused_and_left_as_it_was()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("letter.txt"), "Dear Sir");

        var act = () => EmbeddedSilo.Start(new SiloOptions { DataFolder = folder.Path });

        await act.Should().ThrowAsync<DataFolderException>().WithMessage("*letter.txt*");
        Directory.EnumerateFileSystemEntries(folder.Path).Should().Equal(folder.At("letter.txt"));
    }

    [Fact]
    public async Task The_supply_is_minted_once_and_a_restart_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        var options = new SiloOptions { DataFolder = folder.At("data") };
        (long Size, string Root) first;
        await using (var silo = await EmbeddedSilo.Start(options))
        {
            var ledger = new OpenLedgerClient(silo.Grains).Ledger;
            var summary = await ledger.GetSummary();
            first = (summary.LogSize, summary.LogRoot);
            var balances = await ledger.GetBalances(systemAccounts);
            balances.Should().OnlyContain(balance => balance.Open);
            balances[0].Available.Should().Be(circulatingOfCommunity);
            balances[1].Available.Should().Be(Amount.Zero);
        }

        await using (var silo = await EmbeddedSilo.Start(options))
        {
            var ledger = new OpenLedgerClient(silo.Grains).Ledger;
            var summary = await ledger.GetSummary();
            (summary.LogSize, summary.LogRoot).Should().Be(first);
            (await ledger.GetBalances(systemAccounts))[0].Available.Should().Be(circulatingOfCommunity);
        }
    }

    [Fact]
    public async Task A_missing_model_folder_is_refused_by_name_and_the_data_folder_is_free_again()
    {
        using var folder = new TemporaryFolder();
        var options = new SiloOptions { DataFolder = folder.At("data") };
        var missing = folder.At("nothing");
        var models = new Dictionary<string, string>(StringComparer.Ordinal) { ["md_nothing"] = missing };

        var act = () => EmbeddedSilo.Start(options with { Models = models });

        await act.Should().ThrowAsync<UserErrorException>().WithMessage($"*no model folder '{missing}'*");
        await (await EmbeddedSilo.Start(options)).DisposeAsync();
    }

    [Fact]
    public async Task A_folder_that_is_no_model_is_refused_with_the_file_that_is_missing()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("hollow"));
        var models = new Dictionary<string, string>(StringComparer.Ordinal) { ["md_hollow"] = folder.At("hollow") };
        var act = () => EmbeddedSilo.Start(new SiloOptions { DataFolder = folder.At("data"), Models = models });
        await act.Should().ThrowAsync<UserErrorException>().WithMessage("*model*");
    }

    [Theory]
    [InlineData("127.0.0.1:7070")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("")]
    public async Task An_address_that_is_none_is_refused(string url)
    {
        using var folder = new TemporaryFolder();
        var act = () => GatewayServer.Start(new SiloOptions { DataFolder = folder.At("data") }, url);
        await act.Should().ThrowAsync<UserErrorException>().WithMessage("*not an address to listen on*");
    }

    [Fact]
    public async Task A_port_in_use_is_refused_and_the_data_folder_is_free_again()
    {
        using var folder = new TemporaryFolder();
        await using var first = await GatewayServer.Start(new SiloOptions { DataFolder = folder.At("first") }, "http://127.0.0.1:0");
        var options = new SiloOptions { DataFolder = folder.At("second") };

        var act = () => GatewayServer.Start(options, first.Url);

        await act.Should().ThrowAsync<UserErrorException>().WithMessage($"*{first.Url} cannot be listened on*");
        await (await EmbeddedSilo.Start(options)).DisposeAsync();
    }

    [Fact]
    public async Task The_local_account_is_funded_once()
    {
        using var folder = new TemporaryFolder();
        var options = new SiloOptions { DataFolder = folder.At("data") };
        var balances = new List<Amount>();
        for (var start = 0; start < 2; start++)
        {
            await using var server = await GatewayServer.Start(options, "http://127.0.0.1:0");
            balances.Add((await new OpenLedgerClient(server.Grains).Ledger.GetBalances([server.LocalAccount]))[0].Available);
        }

        balances.Should().Equal(Amount.FromOpen(100), Amount.FromOpen(100));
    }
}
