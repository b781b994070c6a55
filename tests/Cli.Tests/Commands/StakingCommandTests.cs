using OpenLedger.Testing;

namespace OpenLedger.Cli.Tests.Commands;

public sealed class StakingCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
}
