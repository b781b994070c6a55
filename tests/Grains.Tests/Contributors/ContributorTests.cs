using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Contributors;

[Collection(TrainedNetwork.Name)]
public sealed class ContributorTests(TrainedNetwork fixture)
{
    [Fact]
    public async Task A_contributor_is_registered_once_under_the_address_of_its_key()
    {
        var account = SampleNetwork.Account("dora");
        var summary = await fixture.Client.Accounts.Register(account, "Dora", SampleNetwork.PublicKey("dora"));
        summary.Registered.Should().BeTrue();

        (await fixture.Client.Accounts.Register(account, "Dora", SampleNetwork.PublicKey("dora"))).Should().Be(summary);
        var renamed = () => fixture.Client.Accounts.Register(account, "Dorothy", SampleNetwork.PublicKey("dora"));
        await renamed.Should().ThrowAsync<UserErrorException>().WithMessage("*registered as 'Dora' already*");
    }

    [Fact]
    public async Task Another_accounts_key_is_refused()
    {
        var account = SampleNetwork.Account("eve");
        var act = () => fixture.Client.Accounts.Register(account, "Eve", SampleNetwork.PublicKey("mallory"));
        await act.Should().ThrowAsync<UserErrorException>().WithMessage($"*does not belong to account {account}*");
        (await fixture.Client.Accounts.Get(account)).Registered.Should().BeFalse();
    }

    [Fact]
    public async Task The_summary_counts_contributions_and_rows()
    {
        var summary = await fixture.Client.Accounts.Get(SampleNetwork.Account("Bela"));
        summary.Name.Should().Be("Bela");
        summary.ContributionCount.Should().Be(1);
        summary.RowCount.Should().Be(SampleWords.RowsEach);
    }
}
