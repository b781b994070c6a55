using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Ledger;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Identity;

/// <summary>Money moves by the signature of whose it is, or by the network's word where no key opens the account.</summary>
[Collection(TrainedNetwork.Name)]
public sealed class TransferAuthorityTests(TrainedNetwork fixture)
{
    ILedgerGrain Book => fixture.Silo.Grains.GetGrain<ILedgerGrain>(Books.Main);

    [Fact]
    public async Task An_account_pays_by_its_own_signature_and_the_same_order_again_moves_nothing()
    {
        var order = Order("authority/own", SampleNetwork.Caller, SampleNetwork.Trainer, Amount.FromAtto(5));
        var signed = await Sign(SampleNetwork.Keys.Of(SampleNetwork.Caller), [order]);
        var before = await fixture.Network.Balance(SampleNetwork.Caller);

        (await Book.Transfer([order], [signed]))[0].Accepted.Should().BeTrue();
        (await Book.Transfer([order], [signed]))[0].Repeated.Should().BeTrue();

        (before.Available - (await fixture.Network.Balance(SampleNetwork.Caller)).Available).Should().Be(Amount.FromAtto(5));
    }

    [Fact]
    public async Task Nobody_pays_by_anothers_signature_and_no_key_opens_the_networks_accounts()
    {
        using var mallory = SampleNetwork.NewKey("mallory");
        await fixture.Client.Ledger.OpenAccounts([mallory.Address]);
        foreach (var (debit, reason) in new[]
        {
            (SampleNetwork.Caller, "*pays and has not signed*"),
            (SystemAccounts.Treasury, "*no key opens it*"),
            (SystemAccounts.Escrow, "*no key opens it*"),
            (SystemAccounts.Mint, "*no key opens it*"),
        })
        {
            TransferOrder[] orders = [Order($"authority/{debit}", debit, mallory.Address, Amount.FromAtto(1))];
            await Refused(orders, [await Sign(mallory, orders)], reason);
        }

        (await fixture.Network.Balance(mallory.Address)).Available.Should().Be(Amount.Zero);
    }

    [Fact]
    public async Task A_signature_is_over_these_orders_and_no_others()
    {
        var payer = SampleNetwork.Keys.Of(SampleNetwork.Caller);
        TransferOrder[] orders = [Order("authority/exact", payer.Address, SampleNetwork.Trainer, Amount.FromAtto(1))];
        var signed = await Sign(payer, orders);

        await Refused([orders[0] with { Amount = Amount.FromAtto(2) }], [signed], "*not those that were signed*");
        await Refused([orders[0] with { Credit = SystemAccounts.Burn }], [signed], "*not those that were signed*");
        await Refused([orders[0], orders[0] with { Id = TransferId.From("authority/more").ToString() }], [signed], "*were signed*");
        await Refused(orders, [], "*1 to 16 authorisations*");
        await Refused(orders, [.. Enumerable.Repeat(signed, 17)], "*1 to 16 authorisations*");
    }

    [Fact]
    public async Task Holds_are_made_posted_and_voided_by_the_network_alone()
    {
        var payer = SampleNetwork.Keys.Of(SampleNetwork.Caller);
        foreach (var kind in new[] { TransferKind.Pending, TransferKind.PostPending, TransferKind.VoidPending })
        {
            var order = Order($"authority/{kind}", payer.Address, SampleNetwork.Trainer, Amount.FromAtto(1));
            TransferOrder[] orders = [order with { Kind = kind, PendingId = TransferId.From("authority/pending").ToString() }];
            await Refused(orders, [await Sign(payer, orders)], "*holds are made, posted and voided by the network*");
        }
    }

    [Fact]
    public async Task What_an_account_allowed_a_grain_to_take_is_taken_by_the_network_alone_and_up_to_that_amount()
    {
        var payer = SampleNetwork.Keys.Of(SampleNetwork.Caller);
        var request = SampleNetwork.Request("rq_allowed");
        var allowed = payer.Authorize<IInferenceGrain>(
            await fixture.Client.Ledger.GetOrigin(),
            GrainKeys.OfRequest(request.RequestId),
            nameof(IInferenceGrain.Complete),
            RequestBody.Of(request),
            Amount.FromAtto(10));
        var ledger = fixture.Service<NetworkLedger>();
        TransferOrder[] orders =
        [
            Order("authority/six", payer.Address, SystemAccounts.Platform, Amount.FromAtto(6)),
            Order("authority/four", payer.Address, SystemAccounts.Platform, Amount.FromAtto(4)),
        ];

        await Refused(orders, [allowed], "*by that grain alone*");
        using var mallory = SampleNetwork.NewKey("mallory");
        await Refused(orders, [await Sign(mallory, orders), allowed], "*by that grain alone*");
        var forged = () => ledger.Transfer(orders, allowed with { SpendMax = Amount.FromOpen(1) });
        await forged.Should().ThrowAsync<RefusedException>().WithMessage("*signature is not that of*");
        var more = () => ledger.Transfer([orders[0], orders[1] with { Amount = Amount.FromAtto(5) }], allowed);
        await more.Should().ThrowAsync<RefusedException>().WithMessage("*has not allowed*only*");
        var silent = () => ledger.Transfer(orders);
        await silent.Should().ThrowAsync<RefusedException>().WithMessage("*pays and has not signed*");

        (await ledger.Transfer(orders, allowed)).Should().OnlyContain(outcome => outcome.Accepted && !outcome.Repeated);
    }

    [Fact]
    public async Task An_answer_that_can_cost_more_than_the_payer_allows_is_refused_before_anything_is_held()
    {
        var before = await fixture.Network.Balance(SampleNetwork.Caller);
        var act = () => fixture.Client.Complete(SampleNetwork.Request("rq_dear"), spendMax: Amount.FromAtto(1));
        await act.Should().ThrowAsync<RefusedException>().WithMessage("*can cost*allowed 0.000000000000000001*");
        (await fixture.Network.Balance(SampleNetwork.Caller)).Should().Be(before);
    }

    [Fact]
    public async Task Nobody_asks_at_anothers_expense()
    {
        using var mallory = SampleNetwork.NewKey("mallory");
        var request = SampleNetwork.Request("rq_at_callers_expense");
        var key = GrainKeys.OfRequest(request.RequestId);
        var network = await fixture.Client.Ledger.GetOrigin();
        var before = await fixture.Network.Balance(SampleNetwork.Caller);
        var signed = mallory.Authorize<IInferenceGrain>(
            network, key, nameof(IInferenceGrain.Complete), RequestBody.Of(request), Amount.FromOpen(1));

        foreach (var authorization in new[] { signed, signed with { Account = SampleNetwork.Caller } })
        {
            var act = async () =>
            {
                await foreach (var _ in fixture.Silo.Grains.GetGrain<IInferenceGrain>(key).Complete(request, authorization))
                {
                }
            };
            (await act.Should().ThrowAsync<RefusedException>()).Which.Message.Should().StartWith(RequestVerifier.Refusal);
        }

        (await fixture.Network.Balance(SampleNetwork.Caller)).Should().Be(before);
    }

    [Fact]
    public async Task A_client_without_the_key_says_which_one_is_missing()
    {
        var client = new OpenLedger.Client.OpenLedgerClient(fixture.Silo.Grains);
        var without = () => client.Ledger.OpenAccounts([SampleNetwork.Caller]);
        await without.Should().ThrowAsync<UserErrorException>().WithMessage("*has to be signed*--key*");
        using var mallory = SampleNetwork.NewKey("mallory");
        var other = new OpenLedger.Client.OpenLedgerClient(fixture.Silo.Grains, mallory);
        var act = () => other.Complete(SampleNetwork.Request("rq_no_key"));
        await act.Should().ThrowAsync<UserErrorException>().WithMessage($"*signed by {SampleNetwork.Caller}*");
    }

    static TransferOrder Order(string name, string debit, string credit, Amount amount) =>
        new(TransferId.From(name).ToString(), TransferKind.Posted, debit, credit, amount);

    async Task<Authorization> Sign(AccountKey key, IReadOnlyList<TransferOrder> orders) => key.Authorize<ILedgerGrain>(
        await fixture.Client.Ledger.GetOrigin(), Books.Main, nameof(ILedgerGrain.Transfer), RequestBody.Of(orders));

    async Task Refused(IReadOnlyList<TransferOrder> orders, IReadOnlyList<Authorization> authorizations, string reason)
    {
        var act = () => Book.Transfer(orders, authorizations);
        (await act.Should().ThrowAsync<RefusedException>().WithMessage(reason)).Which.Message.Should().StartWith(RequestVerifier.Refusal);
    }
}
