using System.Text;
using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

public sealed class LedgerCoreTests : IDisposable
{
    readonly NoteSigner signer = Samples.Signer();
    readonly MemoryJournal journal = new();
    readonly LedgerCore core;

    public LedgerCoreTests()
    {
        core = Samples.Open(journal, signer);
        core.Commit(Samples.Genesis).TransfersStand.Should().BeTrue();
    }

    public void Dispose()
    {
        core.Dispose();
        signer.Dispose();
    }

    [Fact]
    public void A_settlement_moves_money_and_leaves_a_receipt_that_verifies_offline()
    {
        var reply = core.Commit(Samples.Settlement("rc_1", "0.25"));
        reply.Transfers.Should().OnlyContain(status => status == TransferStatus.Ok);
        var result = reply.Receipts.Should().ContainSingle().Subject;
        result.Should().Be(new ReceiptResult("rc_1", ReceiptStatus.Ok, 2));
        core.FindBalance("ada")!.Available.Should().Be(Amount.Parse("999.75"));
        core.FindBalance(SystemAccounts.Platform)!.Posted.Should().Be(Amount.Parse("0.25"));
        var valid = ReceiptVerifier.Verify(core.ExportReceipt("rc_1"), core.LogKey).Should().BeOfType<ValidReceipt>().Subject;
        valid.Should().BeEquivalentTo(new { Origin = "test.example/log", Index = 2UL, core.TreeSize, core.Root });
        valid.Receipt.Should().BeEquivalentTo(Samples.Receipt("rc_1", "0.25") with { Sequence = 2 });
    }

    [Fact]
    public void A_retry_of_a_settlement_exists_even_with_another_salt()
    {
        var first = core.Commit(Samples.Settlement("rc_1"));
        var again = core.Commit(Samples.Settlement("rc_1", salt: 9));
        again.Transfers.Should().OnlyContain(status => status == TransferStatus.Exists);
        again.Receipts[0].Should().Be(first.Receipts[0] with { Status = ReceiptStatus.Exists });
        core.FindReceipt("rc_1")!.Salt[15].Should().Be(1, "the first salt stays");
        core.ReceiptCount.Should().Be(1);
    }

    [Fact]
    public void A_receipt_is_not_appended_when_its_money_does_not_move()
    {
        var overdraft = new Transfer(TransferId.From("x"), "ben", "ada", Amount.One);
        var reply = core.Commit(Samples.Settlement("rc_1", "1") with { Transfers = [overdraft] });
        reply.Transfers.Should().Equal(TransferStatus.ExceedsCredits);
        reply.Receipts[0].Status.Should().Be(ReceiptStatus.TransfersRefused);
        core.FindReceipt("rc_1").Should().BeNull();
        FluentActions.Invoking(() => core.ExportReceipt("rc_1")).Should().Throw<ReceiptNotFoundException>().WithMessage("*'rc_1'*");
    }

    [Fact]
    public void Money_does_not_move_when_the_receipt_conflicts()
    {
        _ = core.Commit(Samples.Settlement("rc_1", "1"));
        var conflicting = Samples.Settlement("rc_2", "1") with
        {
            Receipts = [new ReceiptDraft((Samples.Receipt("rc_1", "1") with { PromptTokens = 77 }).ToBytes(), new byte[16])],
        };
        var reply = core.Commit(conflicting);
        reply.Transfers.Should().OnlyContain(status => status == TransferStatus.LinkedEventFailed);
        reply.Receipts[0].Status.Should().Be(ReceiptStatus.ExistsWithDifferentBody);
        core.FindBalance(SystemAccounts.Platform)!.Posted.Should().Be(Amount.One);
        using var reopened = Samples.Open(journal, signer);
        reopened.Root.Should().Be(core.Root);
    }

    [Fact]
    public void A_part_that_fails_leaves_nothing_of_an_all_or_nothing_request()
    {
        var request = Samples.Settlement("rc_1", "1");
        var reply = core.Commit(request with
        {
            Transfers = [.. request.Transfers, new Transfer(TransferId.From("more"), SystemAccounts.Escrow, "ben", Amount.One)],
        });
        reply.Transfers.Should().Equal(
            TransferStatus.LinkedEventFailed, TransferStatus.LinkedEventFailed, TransferStatus.LinkedEventFailed,
            TransferStatus.ExceedsCredits);
        core.FindBalance("ada")!.Available.Should().Be(Amount.FromOpen(1000));
        core.FindBalance("ada")!.Held.Should().Be(Amount.Zero);
    }

    [Fact]
    public void Several_callers_share_one_record_of_the_journal()
    {
        var before = core.LastSequence;
        string[] ids = ["rc_1", "rc_2", "rc_2", "rc_3"];
        var replies = core.Commit([.. ids.Select(id => Samples.Settlement(id))]);
        core.LastSequence.Should().Be(before + 1);
        replies.Select(reply => reply.Receipts[0].Status)
            .Should().Equal(ReceiptStatus.Ok, ReceiptStatus.Ok, ReceiptStatus.Exists, ReceiptStatus.Ok);
        core.ReceiptCount.Should().Be(3);
        foreach (var id in new[] { "rc_1", "rc_2", "rc_3" })
        {
            ReceiptVerifier.Verify(core.ExportReceipt(id), core.LogKey).IsValid.Should().BeTrue();
        }
    }

    [Fact]
    public void The_latest_receipts_come_newest_first_are_bounded_and_are_the_same_after_opening_again()
    {
        for (var i = 0; i < LedgerCore.LatestReceiptsMax + 20; i++)
        {
            _ = core.Commit(Samples.Settlement($"rc_{i}"));
        }
        core.LatestReceipts(3).Select(receipt => receipt.Id).Should().Equal("rc_119", "rc_118", "rc_117");
        var all = core.LatestReceipts(LedgerCore.LatestReceiptsMax).Select(receipt => receipt.Id).ToList();
        all.Should().HaveCount(100).And.EndWith("rc_20");
        core.LatestReceipts(0).Should().BeEmpty();
        FluentActions.Invoking(() => core.LatestReceipts(101)).Should().Throw<ArgumentOutOfRangeException>();

        using var reopened = Samples.Open(journal, signer);
        reopened.LatestReceipts(LedgerCore.LatestReceiptsMax).Select(receipt => receipt.Id).Should().Equal(all);
    }

    [Fact]
    public void Opening_again_gives_the_same_book_log_and_checkpoint()
    {
        for (var i = 0; i < 20; i++)
        {
            _ = core.Commit([Samples.Settlement($"rc_{i}"), Samples.Settlement($"rc_{i}"), new LedgerRequest()]);
        }
        using var reopened = Samples.Open(journal, signer);
        reopened.Root.Should().Be(core.Root);
        reopened.TreeSize.Should().Be(core.TreeSize);
        reopened.SignedCheckpoint().Should().Be(core.SignedCheckpoint());
        reopened.Balances().Should().Equal(core.Balances());
        reopened.History("ada").Should().Equal(core.History("ada"));
        reopened.ExportReceipt("rc_7").Should().Equal(core.ExportReceipt("rc_7"));
        reopened.Audit().Should().BeEquivalentTo(core.Audit());
        reopened.Audit().Conserved.Should().BeTrue();
    }

    [Fact]
    public void The_log_only_grows()
    {
        var oldSize = core.TreeSize;
        var oldRoot = core.Root;
        _ = core.Commit(Samples.Settlement("rc_1"));
        _ = core.Commit(Samples.Settlement("rc_2"));
        Merkle.VerifyConsistency(oldSize, core.TreeSize, core.ConsistencyProof(oldSize, core.TreeSize), oldRoot, core.Root)
            .Should().BeTrue();
        core.RootAt(oldSize).Should().Be(oldRoot);
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(core.SignedCheckpoint()));
        note.Verify(NoteVerifier.Parse(core.LogKey)).Should().BeTrue();
        Checkpoint.Parse(note.Text).Should().BeEquivalentTo(new Checkpoint(core.Origin, core.TreeSize, core.Root));
    }

    [Fact]
    public void History_names_accounts_and_is_bounded()
    {
        _ = core.Commit(Samples.Settlement("rc_1"));
        var history = core.History("ada", 2);
        history.Should().HaveCount(2);
        history[0].Should().BeEquivalentTo(new
        {
            Debit = "ada",
            Credit = SystemAccounts.Escrow,
            Amount = Amount.One,
            Flags = TransferFlags.PostPending | TransferFlags.Linked,
        });
        core.History("ada")[1].State.Should().Be(PendingState.Posted);
        core.History("nobody").Should().BeEmpty();
        core.FindBalance("nobody").Should().BeNull();
        core.FindTransfer(TransferId.From("genesis"))!.Code.Should().Be(TransferCodes.Genesis);
        FluentActions.Invoking(() => core.History("ada", LedgerCore.HistoryMax + 1)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Holds_expire_with_the_ledgers_clock_and_a_clock_that_goes_back_does_no_harm()
    {
        var clock = new StillClock();
        using var timed = Samples.Open(new MemoryJournal(), signer, clock);
        _ = timed.Commit(Samples.Genesis);
        var hold = Transfer.Hold(TransferId.From("hold"), "ada", "ben", Amount.FromOpen(5), timeoutSeconds: 60);
        _ = timed.Commit(new LedgerRequest { Transfers = [hold] });
        clock.Now -= TimeSpan.FromDays(1);
        _ = timed.Commit(new LedgerRequest());
        timed.FindBalance("ada")!.Held.Should().Be(Amount.FromOpen(5));
        clock.Now += TimeSpan.FromDays(1) + TimeSpan.FromSeconds(61);
        _ = timed.Commit(new LedgerRequest());
        timed.FindBalance("ada")!.Held.Should().Be(Amount.Zero);
    }

    [Fact]
    public void A_request_that_breaks_a_rule_changes_nothing_and_poisons_nothing()
    {
        LedgerRequest[] broken =
        [
            new() { Accounts = [new OpenAccount("Not A Name")] },
            new() { Transfers = new Transfer[Book.BatchMax + 1] },
            new() { Receipts = [new ReceiptDraft([1, 2, 3], new byte[16])] },
            new() { Receipts = [new ReceiptDraft(Samples.Receipt("rc_1").ToBytes(), new byte[15])] },
            new() { Receipts = [new ReceiptDraft((Samples.Receipt("rc_1") with { Sequence = 3 }).ToBytes(), new byte[16])] },
        ];
        foreach (var request in broken)
        {
            FluentActions.Invoking(() => core.Commit([Samples.Settlement("rc_9"), request])).Should().Throw<LedgerRequestException>();
        }
        core.IsPoisoned.Should().BeFalse();
        core.LastSequence.Should().Be(1);
        core.FindReceipt("rc_9").Should().BeNull();
    }

    [Fact]
    public void Unknown_accounts_are_results_not_faults()
    {
        core.Commit(new LedgerRequest
        {
            Transfers =
            [
                new Transfer(TransferId.From("a"), "nobody", "ada", Amount.One),
                new Transfer(TransferId.From("b"), "ada", "nobody", Amount.One),
                new Transfer(TransferId.From("c"), "", "ada", Amount.One),
            ],
        }).Transfers.Should().Equal(
            TransferStatus.DebitAccountNotFound, TransferStatus.CreditAccountNotFound, TransferStatus.DebitAccountNotFound);
    }
}
