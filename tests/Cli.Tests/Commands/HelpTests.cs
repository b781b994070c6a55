using System.CommandLine;

namespace OpenLedger.Cli.Tests.Commands;

public sealed class HelpTests
{
    [Theory]
    [InlineData("", "demo", "up", "verify", "log", "receipt", "migrate", "pretrain")]
    [InlineData("demo", "--data", "--json", "--seed", "--model", "--sample", "--questions", "--epochs")]
    [InlineData("up", "--data", "--model", "--url", "/v1/completions")]
    [InlineData("keys", "new", "show", "address", "passphrase")]
    [InlineData("keys new", "--out", "--name", "--force", "--passphrase-file")]
    [InlineData("ask", "prompt", "--key", "--model", "--spend", "--url")]
    [InlineData("pay", "to", "amount", "--key", "--id", "--data")]
    [InlineData("governance", "params", "propose", "vote", "delegate", "queue", "execute", "cancel", "list", "show", "lock", "unlock")]
    [InlineData("governance propose", "title", "--set", "--description", "--key", "--data", "--json")]
    [InlineData("supply", "--release", "--data", "--json")]
    [InlineData("burn", "amount", "--yes", "--key", "--data")]
    [InlineData("verify", "file", "--key", "--witness", "--witness-threshold", "--json", "Exit code")]
    [InlineData("monitor", "--log", "--key", "--state", "--once", "--peer", "--receipt", "--witness", "--json", "Exit code")]
    [InlineData("witness", "new-key", "run")]
    [InlineData("statement", "account", "--from", "--to", "--data", "--url", "--out", "--json", "verify")]
    [InlineData("log", "key")]
    [InlineData("log key", "--data")]
    [InlineData("receipt", "show", "export")]
    [InlineData("receipt show", "id", "--data", "--leaf", "--json")]
    [InlineData("receipt export", "id", "--data", "--out")]
    [InlineData("migrate", "--to", "--from", "--json", "PGPASSWORD")]
    [InlineData("pretrain", "--wordnet", "--text", "--out", "--checkpoint", "--seed", "--json", "--vocabulary", "--hidden", "--layers")]
    public async Task Help_names_what_a_command_takes(string command, params string[] words)
    {
        using var output = new StringWriter();
        var arguments = command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("--help").ToArray();
        var code = await CommandTree.Build().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output });
        code.Should().Be(0);
        output.ToString().Should().ContainAll(words);
    }

    [Fact]
    public void Every_command_and_option_says_what_it_does()
    {
        var silent = new List<string>();
        Visit(CommandTree.Build());
        silent.Should().BeEmpty();

        void Visit(Command command)
        {
            silent.AddRange(command.Options.Where(option => string.IsNullOrWhiteSpace(option.Description)).Select(option => option.Name));
            silent.AddRange(command.Arguments.Where(each => string.IsNullOrWhiteSpace(each.Description)).Select(each => each.Name));
            if (string.IsNullOrWhiteSpace(command.Description))
            {
                silent.Add(command.Name);
            }

            foreach (var subcommand in command.Subcommands)
            {
                Visit(subcommand);
            }
        }
    }

    [Fact]
    public async Task The_program_itself_prints_help_and_exits_with_0()
    {
        var result = await CommandLine.Run(AppContext.BaseDirectory, "--help");
        result.ExitCode.Should().Be(0);
        result.Output.Should().ContainAll("demo", "verify");
    }

    [Theory]
    [InlineData("demo", "--nonsense")]
    [InlineData("verify")]
    [InlineData("demo", "--seed", "many")]
    public async Task Arguments_that_are_not_understood_exit_with_2(params string[] arguments)
    {
        var result = await CommandLine.Run(AppContext.BaseDirectory, arguments);
        result.ExitCode.Should().Be(2);
        (result.Output + result.Error).Should().NotContain("   at ");
    }
}
