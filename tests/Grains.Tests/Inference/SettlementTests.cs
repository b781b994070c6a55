using OpenLedger.Client;
using OpenLedger.Economy;
using OpenLedger.Grains.Inference;
using OpenLedger.Grains.Ledger;
using OpenLedger.Testing;

namespace OpenLedger.Grains.Tests.Inference;

[Collection(TrainedNetwork.Name)]
public sealed class SettlementTests(TrainedNetwork fixture)
{
    OpenLedgerClient Client => fixture.Client;

    [Fact]
    public async Task An_answer_costs_what_the_prices_say_and_the_payer_pays_exactly_that()
    {
        var before = await fixture.Network.Balance(SampleNetwork.Caller);
        var settlement = (await Client.Complete(SampleNetwork.Request("rq_fee"))).Settlement;
        var after = await fixture.Network.Balance(SampleNetwork.Caller);

        settlement.CompletionTokenCount.Should().BePositive();
        settlement.Fee.Should().Be(Pricing.Default.Fee(settlement.PromptTokenCount, settlement.CompletionTokenCount));
        (before.Available - after.Available).Should().Be(settlement.Fee);
        after.Held.Should().Be(Amount.Zero);
    }

    [Fact]
    public async Task The_lines_of_a_split_sum_to_the_fee_and_reach_their_accounts_those_of_contributors_the_adapters_pool()
    {
        var pool = PoolAccounts.OfAdapter(SampleNetwork.AdapterId);
        string[] accounts = [SystemAccounts.Platform, SystemAccounts.Stakers, SystemAccounts.Reserve, SampleNetwork.Trainer, pool];
        var before = await Client.Ledger.GetBalances(accounts);
        var settlement = (await Client.Complete(SampleNetwork.Request("rq_split"))).Settlement;
        var after = await Client.Ledger.GetBalances(accounts);

        Amount.Sum(settlement.Lines.Select(line => line.Amount)).Should().Be(settlement.Fee);
        settlement.Lines.Where(line => line.Role != "contributor").Select(line => line.Account).Should().BeSubsetOf(accounts);
        for (var index = 0; index < accounts.Length; index++)
        {
            var paid = Amount.Sum(settlement.Lines.Where(line => To(line) == accounts[index]).Select(line => line.Amount));
            (after[index].Available - before[index].Available).Should().Be(paid, "{0} is paid its lines", accounts[index]);
        }

        string To(SettlementLine line) => line.Role == "contributor" ? pool : line.Account;
    }

    [Fact]
    public async Task Contributors_are_paid_what_accrued_when_the_epoch_is_settled_and_nothing_twice()
    {
        var pool = PoolAccounts.OfAdapter(SampleNetwork.AdapterId);
        await Client.Complete(SampleNetwork.Request("rq_epoch"));
        var before = await Client.GetContributorTotals(SampleNetwork.AdapterId);
        var balances = await Balances();
        var owed = (await Client.GetCredits(SampleNetwork.AdapterId)).Owed;
        owed.Should().BeGreaterThan(Amount.Zero);
        (await fixture.Network.Balance(pool)).Available.Should().Be(owed);

        var epoch = (await Client.SettleEpoch(SampleNetwork.AdapterId))!;

        var dust = before.Where(total => total.Unpaid < NetworkParameters.Default.DustThreshold).ToList();
        epoch.Paid.Should().Be(Amount.Sum(before.Except(dust).Select(total => total.Unpaid)));
        var after = await Balances();
        foreach (var total in before.Except(dust))
        {
            (after[total.Contributor] - balances[total.Contributor]).Should().Be(total.Unpaid);
        }

        (await fixture.Network.Balance(pool)).Available.Should().Be(Amount.Sum(dust.Select(total => total.Unpaid)));
        (await Client.SettleEpoch(SampleNetwork.AdapterId)).Should().BeNull("no answer came since");
        (await Balances()).Should().Equal(after);

        async Task<Dictionary<string, Amount>> Balances() =>
            (await Client.Ledger.GetBalances([.. SampleWords.Contributors.Select(SampleNetwork.Account)]))
            .ToDictionary(balance => balance.Account, balance => balance.Available);
    }

    [Fact]
    public async Task The_parts_of_platform_owner_and_stakers_are_a_tenth_and_two_fifths_of_the_fee()
    {
        var settlement = (await Client.Complete(SampleNetwork.Request("rq_parts"))).Settlement;
        Part("platform").Should().Be(Percent(10));
        Part("owner").Should().Be(Percent(20));
        Part("stakers").Should().Be(Percent(20));
        (Part("contributor") + Part("reserve")).Should().Be(Percent(50));

        Amount Part(string role) => Amount.Sum(settlement.Lines.Where(line => line.Role == role).Select(line => line.Amount));
        Amount Percent(uint percent) => Amount.FromAtto(settlement.Fee.Atto * percent / 100);
    }

    [Fact]
    public async Task The_latest_receipts_say_what_each_part_of_the_split_got_and_the_parts_sum_to_the_fee()
    {
        var settlement = (await Client.Complete(SampleNetwork.Request("rq_latest"))).Settlement;

        var latest = await Client.Ledger.GetLatestReceipts(2);

        latest.ReceiptCount.Should().BeGreaterThanOrEqualTo(latest.Receipts.Count);
        var receipt = latest.Receipts[0];
        receipt.ReceiptId.Should().Be(settlement.ReceiptId);
        receipt.Fee.Should().Be(settlement.Fee);
        (receipt.PromptTokenCount, receipt.CompletionTokenCount)
            .Should().Be((settlement.PromptTokenCount, settlement.CompletionTokenCount));
        (receipt.Payer, receipt.AdapterId).Should().Be((SampleNetwork.Caller, SampleNetwork.AdapterId));
        Amount.Sum(receipt.Shares.Select(share => share.Amount)).Should().Be(settlement.Fee);
        foreach (var share in receipt.Shares)
        {
            var lines = settlement.Lines.Where(line => line.Role == share.Role).ToList();
            share.AccountCount.Should().Be(lines.Count);
            share.Amount.Should().Be(Amount.Sum(lines.Select(line => line.Amount)));
            lines.Should().Contain(line => line.Account == share.LargestAccount && line.Amount == lines.Max(each => each.Amount));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(101)]
    public async Task More_of_the_latest_receipts_than_the_bound_are_refused(int count)
    {
        var act = () => Client.Ledger.GetLatestReceipts(count);
        await act.Should().ThrowAsync<UserErrorException>().WithMessage("*0 to 100*");
    }

    [Fact]
    public async Task The_receipt_verifies_offline_and_says_what_was_settled()
    {
        var request = SampleNetwork.Request("rq_receipt");
        var answer = await Client.Complete(request);
        var file = await Client.Ledger.ExportReceipt(answer.Settlement.ReceiptId);
        var summary = await Client.Ledger.GetSummary();

        var valid = ReceiptVerifier.Verify(file, summary.LogKey).Should().BeOfType<ValidReceipt>().Subject;
        var receipt = valid.Receipt;
        valid.Origin.Should().Be(summary.LogOrigin);
        receipt.Id.Should().Be(answer.Settlement.ReceiptId);
        receipt.Payer.Should().Be(SampleNetwork.Caller);
        receipt.Price.Should().Be(answer.Settlement.Fee);
        receipt.AdapterId.Should().Be(SampleNetwork.AdapterId);
        receipt.ModelId.Should().Be(TinyModel.Id);
        receipt.Split.Select(line => (line.Account, line.Role, line.Amount)).Should()
            .Equal(answer.Settlement.Lines.Select(line => (line.Account, line.Role, line.Amount)));

        var stored = await Client.Ledger.GetReceipt(receipt.Id);
        receipt.RequestHash.Should().Be(Salted(request.Prompt));
        receipt.ResponseHash.Should().Be(Salted(answer.Text));

        ContentHash Salted(string text) => ContentHash.OfSalted(stored.Salt.Span, System.Text.Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public async Task The_rows_credited_on_a_receipt_share_exactly_the_contributors_lines()
    {
        var settlement = (await Client.Complete(SampleNetwork.Request("rq_rows"))).Settlement;
        var receipt = Receipt.FromBytes((await Client.Ledger.GetReceipt(settlement.ReceiptId)).Receipt.Span);
        var lines = settlement.Lines.Where(line => line.Role == "contributor").ToList();

        lines.Should().NotBeEmpty("an adapter that learned its rows by heart earns against the base");
        foreach (var line in lines)
        {
            Amount.Sum(receipt.Credits.Where(credit => credit.Contributor == line.Account).Select(credit => credit.Share))
                .Should().Be(line.Amount);
        }
    }

    [Fact]
    public async Task A_base_model_alone_owes_its_contributors_part_to_the_reserve()
    {
        var settlement = (await Client.Complete(SampleNetwork.Request("rq_base", TinyModel.Id))).Settlement;
        settlement.Attribution.Should().BeNull();
        settlement.Lines.Select(line => line.Role).Should().BeEquivalentTo("platform", "owner", "stakers", "reserve");
        settlement.Lines.Single(line => line.Role == "reserve").Amount.Should().Be(Amount.FromAtto(settlement.Fee.Atto / 2));
    }

    [Fact]
    public async Task A_request_id_is_served_once_and_a_repetition_charges_nothing()
    {
        var first = await Client.Complete(SampleNetwork.Request("rq_once"));
        var before = await fixture.Network.Balance(SampleNetwork.Caller);
        var size = (await Client.Ledger.GetSummary()).LogSize;

        var again = () => Client.Complete(SampleNetwork.Request("rq_once"));

        (await again.Should().ThrowAsync<RefusedException>()).Which.Message.Should().Contain(first.Settlement.ReceiptId);
        (await fixture.Network.Balance(SampleNetwork.Caller)).Should().Be(before);
        (await Client.Ledger.GetReceipt(first.Settlement.ReceiptId)).LogIndex.Should().BeLessThan(size);
    }

    [Fact]
    public async Task A_request_id_belongs_to_its_payer()
    {
        var other = SampleNetwork.Account("other payer");
        await Client.Ledger.OpenAccounts([other]);
        await fixture.Network.Fund(other, Amount.FromOpen(1), "funds/other");
        var first = await Client.Complete(SampleNetwork.Request("rq_shared"));
        var second = await Client.Complete(SampleNetwork.Request("rq_shared", payer: other));
        second.Settlement.ReceiptId.Should().NotBe(first.Settlement.ReceiptId);
        second.Settlement.Fee.Should().Be(first.Settlement.Fee);
    }

    [Fact]
    public async Task Funds_below_the_most_an_answer_can_cost_are_refused_and_nothing_is_held()
    {
        var poor = SampleNetwork.Account("poor");
        await Client.Ledger.OpenAccounts([poor]);
        await fixture.Network.Fund(poor, Amount.FromAtto(1), "funds/poor");

        var act = () => Client.Complete(SampleNetwork.Request("rq_poor", payer: poor));

        (await act.Should().ThrowAsync<RefusedException>()).WithMessage("*could not be reserved*funds are too low*");
        var balance = await fixture.Network.Balance(poor);
        balance.Available.Should().Be(Amount.FromAtto(1));
        balance.Held.Should().Be(Amount.Zero);
    }

    [Fact]
    public async Task A_payer_without_an_account_is_refused()
    {
        var act = () => Client.Complete(SampleNetwork.Request("rq_nobody", payer: SampleNetwork.Account("nobody")));
        (await act.Should().ThrowAsync<RefusedException>()).WithMessage("*the paying account is not open*");
    }

    [Fact]
    public async Task Two_requests_at_once_on_one_adapter_both_settle()
    {
        var before = await fixture.Network.Balance(SampleNetwork.Caller);
        var answers = await Task.WhenAll(
            Client.Complete(SampleNetwork.Request("rq_both_1")),
            Client.Complete(SampleNetwork.Request("rq_both_2", prompt: SampleWords.All[3].Question)));
        var after = await fixture.Network.Balance(SampleNetwork.Caller);

        answers[0].Settlement.ReceiptId.Should().NotBe(answers[1].Settlement.ReceiptId);
        (before.Available - after.Available).Should().Be(answers[0].Settlement.Fee + answers[1].Settlement.Fee);
        after.Held.Should().Be(Amount.Zero);
    }

    [Fact]
    public async Task Who_leaves_a_stream_midway_pays_for_what_was_served_and_the_rest_of_the_hold_comes_back()
    {
        var request = SampleNetwork.Request("rq_left", TinyModel.Id, maxTokens: 400) with { Stop = [] };
        var whole = (await Client.Complete(request with { RequestId = "rq_whole" })).Settlement;
        whole.CompletionTokenCount.Should().BeGreaterThan(200, "there has to be a midway to leave at");
        var before = await fixture.Network.Balance(SampleNetwork.Caller);

        await Leave(request, after: chunk => chunk.Text.Length > 0);

        var after = await Polling.Until(() => fixture.Network.Balance(SampleNetwork.Caller), balance => balance.Held == Amount.Zero);
        after.Held.Should().Be(Amount.Zero);
        var receipt = Receipt.FromBytes((await Client.Ledger.GetReceipt(await ReceiptIdOf(request))).Receipt.Span);
        receipt.CompletionTokens.Should().BeInRange(1, whole.CompletionTokenCount - 1);
        receipt.Price.Should().Be(Pricing.Default.Fee(receipt.PromptTokens, receipt.CompletionTokens));
        (before.Available - after.Available).Should().Be(receipt.Price);
    }

    [Fact]
    public async Task Who_leaves_before_the_first_token_pays_nothing()
    {
        var request = SampleNetwork.Request("rq_early", TinyModel.Id, maxTokens: 400) with { Stop = [] };
        var before = await fixture.Network.Balance(SampleNetwork.Caller);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        var act = async () =>
        {
            await foreach (var chunk in Client.Stream(request, gone.Token))
            {
                chunk.Text.Should().BeEmpty();
            }
        };

        await act.Should().ThrowAsync<OperationCanceledException>();
        var after = await Polling.Until(() => fixture.Network.Balance(SampleNetwork.Caller), balance => balance.Held == Amount.Zero);
        after.Available.Should().Be(before.Available);
        after.Held.Should().Be(Amount.Zero);
    }

    [Fact]
    public async Task Money_is_conserved_and_nothing_stays_between_accounts()
    {
        var settlement = (await Client.Complete(SampleNetwork.Request("rq_conserved"))).Settlement;
        settlement.Lines.Should().NotBeEmpty();
        (await Client.Ledger.GetSummary()).Conserved.Should().BeTrue();
        (await fixture.Network.Balance(SystemAccounts.Escrow)).Available.Should().Be(Amount.Zero);
        var mint = await fixture.Network.Balance(SystemAccounts.Mint);
        mint.DebitsPosted.Should().Be(Amount.Supply);
    }

    /// <summary>Who left learns the receipt by sending the request again: it is refused, and named.</summary>
    async Task<string> ReceiptIdOf(InferenceRequest request)
    {
        var again = () => Client.Complete(request);
        var refusal = (await again.Should().ThrowAsync<RefusedException>()).Which.Message;
        return refusal[refusal.IndexOf("rc_", StringComparison.Ordinal)..].TrimEnd('.');
    }

    /// <summary>Takes chunks until one is as wanted, sees that funds are held meanwhile, and goes.</summary>
    async Task Leave(InferenceRequest request, Func<InferenceChunk, bool> after)
    {
        await using var chunks = Client.Stream(request).GetAsyncEnumerator();
        do
        {
            (await chunks.MoveNextAsync()).Should().BeTrue();
        }
        while (!after(chunks.Current));
        (await fixture.Network.Balance(SampleNetwork.Caller)).Held.Should().BeGreaterThan(Amount.Zero);
    }
}
