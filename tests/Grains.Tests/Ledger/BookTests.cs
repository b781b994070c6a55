using OpenLedger.Grains.Ledger;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Ledger;

[Collection(TrainedNetwork.Name)]
public sealed class BookTests(TrainedNetwork fixture)
{
    [Fact]
    public async Task A_transfer_repeated_with_its_id_moves_money_once()
    {
        var payee = SampleNetwork.Account("payee");
        await fixture.Client.Ledger.OpenAccounts([payee]);
        var order = Order("book/once", payee, 1);

        var first = await fixture.Client.Ledger.Transfer([order]);
        var second = await fixture.Client.Ledger.Transfer([order]);

        first[0].Should().Match<TransferOutcome>(outcome => outcome.Accepted && !outcome.Repeated);
        second[0].Should().Match<TransferOutcome>(outcome => outcome.Accepted && outcome.Repeated);
        (await fixture.Network.Balance(payee)).Available.Should().Be(Amount.FromOpen(1));

        var other = await fixture.Client.Ledger.Transfer([Order("book/once", payee, 2)]);
        other[0].Accepted.Should().BeFalse();
        (await fixture.Network.Balance(payee)).Available.Should().Be(Amount.FromOpen(1));
    }

    [Fact]
    public async Task An_address_with_a_wrong_letter_opens_no_account()
    {
        var good = SampleNetwork.Account("typo");
        var wrong = good[..^1] + (good[^1] == 'a' ? 'b' : 'a');
        var count = (await fixture.Client.Ledger.GetSummary()).AccountCount;

        var act = () => fixture.Client.Ledger.OpenAccounts([good, wrong]);

        await act.Should().ThrowAsync<UserErrorException>().WithMessage($"*'{wrong}'*checksum*");
        (await fixture.Client.Ledger.GetSummary()).AccountCount.Should().Be(count);
    }

    [Fact]
    public async Task An_account_that_nobody_opened_holds_nothing()
    {
        var balance = await fixture.Network.Balance(SampleNetwork.Account("stranger"));
        balance.Open.Should().BeFalse();
        balance.Available.Should().Be(Amount.Zero);
    }

    [Fact]
    public async Task An_unknown_receipt_is_refused_by_name()
    {
        var show = () => fixture.Client.Ledger.GetReceipt("rc_nothing");
        await show.Should().ThrowAsync<UserErrorException>().WithMessage("*no receipt 'rc_nothing'*");
        var export = () => fixture.Client.Ledger.ExportReceipt("rc_nothing");
        await export.Should().ThrowAsync<UserErrorException>().WithMessage("*no receipt 'rc_nothing'*");
    }

    static TransferOrder Order(string name, string payee, ulong open) => new(
        TransferId.From(name).ToString(), TransferKind.Posted, SampleNetwork.Caller, payee, Amount.FromOpen(open));
}
