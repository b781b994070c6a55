using System.Text.Json;
using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Commands;

/// <summary>Keys made, shown and re-encrypted by the program itself.</summary>
public sealed class KeysTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public KeysTests()
    {
        File.WriteAllText(_folder.At("words"), "several plain words\nand a second line\n");
        File.WriteAllText(_folder.At("others"), "quite different words\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_key_is_the_owners_alone_and_opens_with_its_passphrase()
    {
        var address = await New("my.key");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(_folder.At("my.key")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Directory.EnumerateFiles(_folder.Path).Should().HaveCount(3, "nothing is left beside it");
        using var key = AccountKeyFile.Parse(await File.ReadAllBytesAsync(_folder.At("my.key"))).Open("several plain words");
        key.Address.ToString().Should().Be(address);

        using var shown = JsonDocument.Parse((await Keys("show", "my.key", "--json")).Output);
        shown.RootElement.GetProperty("address").GetString().Should().Be(address);
        var publicKey = shown.RootElement.GetProperty("publicKey").GetString()!;
        shown.RootElement.GetProperty("iterations").GetInt32().Should().Be(AccountKeyFile.IterationsDefault);
        foreach (var text in new[] { address, publicKey, "my.key" })
        {
            (await Keys("address", text)).Output.Trim().Should().Be(address);
        }
    }

    [Fact]
    public async Task A_key_is_never_overwritten_unless_that_is_said()
    {
        var first = await New("my.key");
        (await Keys("new", "--out", "my.key", "--passphrase-file", "words")).ShouldBeRefused("*'my.key' is there already*--force*");
        (await Keys("address", "my.key")).Output.Trim().Should().Be(first);
        (await Keys("new", "--out", "my.key", "--passphrase-file", "words", "--force")).ExitCode.Should().Be(0);
        (await Keys("address", "my.key")).Output.Trim().Should().NotBe(first);
    }

    [Fact]
    public async Task A_passphrase_is_changed_and_the_old_one_is_of_no_use_then()
    {
        await New("my.key");
        (await Keys("passphrase", "my.key", "--passphrase-file", "others", "--new-passphrase-file", "words"))
            .ShouldBeRefused("*passphrase of acct_*is wrong*");
        (await Keys("passphrase", "my.key", "--passphrase-file", "words", "--new-passphrase-file", "others")).ExitCode.Should().Be(0);
        var file = AccountKeyFile.Parse(await File.ReadAllBytesAsync(_folder.At("my.key")));
        using var key = file.Open("quite different words");
        var old = () => file.Open("several plain words");
        old.Should().Throw<UserErrorException>();
    }

    [Fact]
    public async Task A_mistake_is_one_sentence_that_says_what_to_do()
    {
        await File.WriteAllTextAsync(_folder.At("letter.txt"), "Dear Sir");
        (await Keys("show", "nothing.key")).ShouldBeRefused("*no key file 'nothing.key'*openledger keys new*");
        (await Keys("show", "letter.txt")).ShouldBeRefused("*'letter.txt'*not an account's key file*");
        (await Keys("new", "--out", "a.key", "--passphrase-file", "missing"))
            .ShouldBeRefused("*'missing' is not a file with a passphrase*");
        (await Keys("new", "--out", "a.key")).ShouldBeRefused("*passphrase is needed*--passphrase-file*OPENLEDGER_PASSPHRASE*");
        File.Exists(_folder.At("a.key")).Should().BeFalse();
        var address = await New("my.key");
        (await Keys("address", address[..^1] + (address[^1] == 'a' ? 'b' : 'a'))).ShouldBeRefused("*not an account address*checksum*");
    }

    async Task<string> New(string file)
    {
        var made = await Keys("new", "--out", file, "--name", "mine", "--passphrase-file", "words");
        made.ExitCode.Should().Be(0, made.Error);
        var address = made.Output.Split('\n')[0]["account".Length..].Trim();
        AccountAddress.TryParse(address, out _).Should().BeTrue();
        return address;
    }

    Task<CommandResult> Keys(params string[] arguments) => CommandLine.Run(_folder.Path, ["keys", .. arguments]);
}
