using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

public sealed class BookTests
{
    const int Mint = 1;
    const int Ada = 2;
    const int Ben = 3;
    const int Burn = 4;
    readonly Book book = new();
    ulong clockNs = 1_000_000_000;

    public BookTests()
    {
        book.OpenAccount("sys_mint", AccountFlags.Mint).Should().Be(AccountStatus.Ok);
        book.OpenAccount("ada", AccountFlags.DebitsMustNotExceedCredits).Should().Be(AccountStatus.Ok);
        book.OpenAccount("ben", AccountFlags.DebitsMustNotExceedCredits).Should().Be(AccountStatus.Ok);
        book.OpenAccount("sys_burn", AccountFlags.Burn).Should().Be(AccountStatus.Ok);
        Apply(Move(1, Mint, Ada, 100)).Should().Equal(TransferStatus.Ok);
    }

    [Fact]
    public void A_transfer_moves_money_and_an_overdraft_does_not()
    {
        Apply(Move(2, Ada, Ben, 60), Move(3, Ada, Ben, 41)).Should().Equal(TransferStatus.Ok, TransferStatus.ExceedsCredits);
        Balance(Ada).Should().Be(40);
        Balance(Ben).Should().Be(60);
    }

    [Fact]
    public void A_retry_exists_and_another_body_under_the_same_id_is_refused_by_name_of_the_field()
    {
        var hold = Move(2, Ada, Ben, 10) with { Flags = TransferFlags.Pending, TimeoutSeconds = 60, Code = 7 };
        Apply(hold).Should().Equal(TransferStatus.Ok);
        Apply(hold).Should().Equal(TransferStatus.Exists);
        Apply(hold with { Flags = TransferFlags.Pending | TransferFlags.Linked }, Move(3, Ada, Ben, 1))
            .Should().Equal(TransferStatus.Exists, TransferStatus.Ok);
        Apply(hold with { Amount = 11 }).Should().Equal(TransferStatus.ExistsWithDifferentAmount);
        Apply(hold with { Debit = Ben }).Should().Equal(TransferStatus.ExistsWithDifferentDebitAccount);
        Apply(hold with { Credit = Burn }).Should().Equal(TransferStatus.ExistsWithDifferentCreditAccount);
        Apply(hold with { TimeoutSeconds = 61 }).Should().Equal(TransferStatus.ExistsWithDifferentTimeout);
        Apply(hold with { Code = 8 }).Should().Equal(TransferStatus.ExistsWithDifferentCode);
        Apply(hold with { PendingId = Id(9) }).Should().Equal(TransferStatus.ExistsWithDifferentPendingId);
        Apply(hold with { Flags = TransferFlags.None, TimeoutSeconds = 0 }).Should().Equal(TransferStatus.ExistsWithDifferentFlags);
    }

    [Fact]
    public void A_hold_reserves_and_posting_a_part_releases_the_rest()
    {
        Apply(Hold(2, Ada, Ben, 80)).Should().Equal(TransferStatus.Ok);
        Apply(Move(3, Ada, Ben, 21)).Should().Equal(TransferStatus.ExceedsCredits);
        Apply(Post(4, 2, 81)).Should().Equal(TransferStatus.ExceedsPendingTransferAmount);
        Apply(Post(5, 2, 30)).Should().Equal(TransferStatus.Ok);
        Apply(Post(5, 2, 30)).Should().Equal(TransferStatus.Exists);
        Apply(Post(6, 2, 30)).Should().Equal(TransferStatus.PendingTransferAlreadyPosted);
        Apply(Void(7, 2)).Should().Equal(TransferStatus.PendingTransferAlreadyPosted);
        book.Account(Ada).DebitsPending.Should().Be(UInt128.Zero);
        Balance(Ada).Should().Be(70);
        Balance(Ben).Should().Be(30);
    }

    [Fact]
    public void A_voided_hold_gives_everything_back_once()
    {
        Apply(Hold(2, Ada, Ben, 80), Void(3, 2), Void(3, 2), Void(4, 2), Post(5, 2, 1)).Should().Equal(
            TransferStatus.Ok, TransferStatus.Ok, TransferStatus.Exists, TransferStatus.PendingTransferAlreadyVoided,
            TransferStatus.PendingTransferAlreadyVoided);
        Balance(Ada).Should().Be(100);
        book.Account(Ben).CreditsPending.Should().Be(UInt128.Zero);
    }

    [Fact]
    public void A_hold_expires_by_the_ledgers_own_time()
    {
        Apply(Hold(2, Ada, Ben, 80) with { TimeoutSeconds = 10 }).Should().Equal(TransferStatus.Ok);
        clockNs += 9_000_000_000;
        Apply(Move(3, Ada, Ben, 80)).Should().Equal(TransferStatus.ExceedsCredits);
        clockNs += 1_000_000_000;
        Apply(Post(4, 2, 80), Move(5, Ada, Ben, 80)).Should().Equal(TransferStatus.PendingTransferExpired, TransferStatus.Ok);
        Balance(Ben).Should().Be(80);
    }

    [Fact]
    public void More_holds_than_a_batch_releases_expire_all_the_same()
    {
        const int count = Book.ExpiriesPerBatchMax + 10;
        book.OpenAccount("free", AccountFlags.None);
        for (var first = 0; first < count; first += Book.BatchMax)
        {
            Apply([.. Enumerable.Range(first, Math.Min(Book.BatchMax, count - first))
                .Select(i => Hold(1000 + i, 5, Ben, 1) with { TimeoutSeconds = 1 })])
                    .Should().OnlyContain(status => status == TransferStatus.Ok);
        }
        clockNs += 5_000_000_000;
        Apply(Post(2, 1000 + count - 1, 1)).Should().Equal(TransferStatus.PendingTransferExpired);
        book.Account(Ben).CreditsPending.Should().Be((UInt128)10, "one batch releases no more than its bound");
        Apply().Should().BeEmpty();
        book.Account(Ben).CreditsPending.Should().Be(UInt128.Zero);
    }

    [Fact]
    public void A_chain_stands_or_falls_as_a_whole()
    {
        Apply(Linked(Hold(2, Ada, Ben, 10)), Linked(Post(3, 2, 5)), Move(4, Ada, Ben, 1000), Move(5, Ada, Ben, 1)).Should().Equal(
            TransferStatus.LinkedEventFailed, TransferStatus.LinkedEventFailed, TransferStatus.ExceedsCredits, TransferStatus.Ok);
        Balance(Ada).Should().Be(99);
        book.TryFindTransfer(Id(2), out _).Should().BeFalse();
        Apply(Linked(Hold(2, Ada, Ben, 10)), Linked(Post(3, 2, 5)), Move(4, Ben, Ada, 6))
            .Should().OnlyContain(status => status == TransferStatus.Ok);
        Apply(Linked(Move(6, Ada, Ben, 1)), Linked(Move(7, Ada, Ben, 1)))
            .Should().Equal(TransferStatus.LinkedEventFailed, TransferStatus.LinkedEventChainOpen);
        Balance(Ada).Should().Be(100);
    }

    [Fact]
    public void A_failed_chain_leaves_a_hold_as_it_was()
    {
        Apply(Hold(2, Ada, Ben, 10) with { TimeoutSeconds = 100 }).Should().Equal(TransferStatus.Ok);
        Apply(Linked(Void(3, 2)), Move(4, Ada, Ada, 1))
            .Should().Equal(TransferStatus.LinkedEventFailed, TransferStatus.AccountsMustBeDifferent);
        Apply(Post(5, 2, 10)).Should().Equal(TransferStatus.Ok);
    }

    [Fact]
    public void The_mint_stops_at_the_supply_and_what_is_burned_stays_so()
    {
        Apply(Move(2, Mint, Ada, Amount.Supply.Atto)).Should().Equal(TransferStatus.ExceedsSupply);
        Apply(Move(3, Mint, Ada, Amount.Supply.Atto - 100), Move(4, Mint, Ada, 1), Move(5, Ada, Burn, 10), Move(6, Burn, Ada, 1))
            .Should().Equal(
            TransferStatus.Ok, TransferStatus.ExceedsSupply, TransferStatus.Ok, TransferStatus.DebitAccountTakesNoDebits);
        var audit = book.Audit();
        audit.Conserved.Should().BeTrue();
        audit.Minted.Should().Be(Amount.Supply);
        audit.Burned.Should().Be(Amount.FromAtto(10));
        audit.Circulating.Should().Be(Amount.Supply - Amount.FromAtto(10));
    }

    [Fact]
    public void Malformed_transfers_are_refused()
    {
        Apply(Move(0, Ada, Ben, 1), Move(2, Ada, Ada, 1), Move(2, Ada, Ben, 0), Move(2, 99, Ben, 1), Move(2, Ada, Book.UnknownAccount, 1),
            Move(2, Ada, Ben, 1) with { TimeoutSeconds = 1 }, Move(2, Ada, Ben, 1) with { PendingId = Id(1) },
            Move(2, Ada, Ben, 1) with { Flags = TransferFlags.Pending | TransferFlags.VoidPending },
            Move(2, Ada, Ben, 1) with { Flags = (TransferFlags)64 },
            Post(2, 0, 1), Post(2, 2, 1), Post(2, 77, 1), Post(2, 1, 1))
            .Should().Equal(
                TransferStatus.IdInvalid, TransferStatus.AccountsMustBeDifferent, TransferStatus.AmountMustNotBeZero,
                TransferStatus.DebitAccountNotFound, TransferStatus.CreditAccountNotFound, TransferStatus.TimeoutReservedForPending,
                TransferStatus.PendingIdMustBeZero, TransferStatus.FlagsInvalid, TransferStatus.FlagsInvalid,
                TransferStatus.PendingIdMustNotBeZero, TransferStatus.PendingIdMustBeDifferent, TransferStatus.PendingTransferNotFound,
                TransferStatus.PendingTransferNotPending);
    }

    [Fact]
    public void Sums_that_would_not_fit_are_refused()
    {
        book.OpenAccount("free", AccountFlags.None);
        book.OpenAccount("other", AccountFlags.None);
        Apply(Move(2, 5, 6, Book.AmountMax + 1)).Should().Equal(TransferStatus.Overflows);
        // 2¹⁶ of the largest amounts leave less than one more.
        for (var i = 0; i < 1 << 16; i += 4096)
        {
            Apply([.. Enumerable.Range(i, 4096).Select(n => Move(10 + n, 5, 6, Book.AmountMax))])
                .Should().OnlyContain(status => status == TransferStatus.Ok);
        }
        Apply(Move(3, 5, 6, Book.AmountMax), Move(4, 6, 5, 1)).Should().Equal(TransferStatus.Overflows, TransferStatus.Ok);
        book.Audit().Conserved.Should().BeTrue();
    }

    [Fact]
    public void Accounts_are_opened_once_with_their_flags()
    {
        book.OpenAccount("ada", AccountFlags.DebitsMustNotExceedCredits).Should().Be(AccountStatus.Exists);
        book.OpenAccount("ada", AccountFlags.None).Should().Be(AccountStatus.ExistsWithDifferentFlags);
        book.OpenAccount("Ada", AccountFlags.None).Should().Be(AccountStatus.NameInvalid);
        book.OpenAccount("", AccountFlags.None).Should().Be(AccountStatus.NameInvalid);
        book.OpenAccount("x", AccountFlags.Mint | AccountFlags.Burn).Should().Be(AccountStatus.FlagsInvalid);
        book.OpenAccount("x", (AccountFlags)512).Should().Be(AccountStatus.FlagsInvalid);
    }

    [Fact]
    public void History_is_latest_first_and_only_of_the_account()
    {
        Apply(Move(2, Ada, Ben, 1), Move(3, Mint, Ben, 2), Move(4, Ben, Ada, 3));
        book.History(Ada).Select(transfer => transfer.Id).Should().Equal(Id(4), Id(2), Id(1));
        book.History(Ben).Select(transfer => transfer.Id).Should().Equal(Id(4), Id(3), Id(2));
    }

    [Fact]
    public void Time_does_not_go_back_and_batches_have_a_bound()
    {
        FluentActions.Invoking(() => book.Apply([], book.LastTimestampNs, [])).Should().Throw<ArgumentException>();
        var tooMany = new TransferEvent[Book.BatchMax + 1];
        FluentActions.Invoking(() => book.Apply(tooMany, clockNs * 2, new TransferStatus[tooMany.Length]))
            .Should().Throw<ArgumentException>();
    }

    UInt128 Balance(int account) => book.Account(account).CreditsPosted - book.Account(account).DebitsPosted;

    TransferStatus[] Apply(params TransferEvent[] batch)
    {
        var results = new TransferStatus[batch.Length];
        clockNs = Math.Max(clockNs, book.LastTimestampNs + 1);
        book.Apply(batch, clockNs, results);
        return results;
    }

    static TransferId Id(int id) => new((UInt128)id);

    static TransferEvent Move(int id, int debit, int credit, UInt128 amount) =>
        new(Id(id), debit, credit, amount, default, 0, 0, TransferFlags.None);

    static TransferEvent Hold(int id, int debit, int credit, UInt128 amount) =>
        Move(id, debit, credit, amount) with { Flags = TransferFlags.Pending };

    static TransferEvent Post(int id, int pending, UInt128 amount) =>
        new(Id(id), 0, 0, amount, Id(pending), 0, 0, TransferFlags.PostPending);

    static TransferEvent Void(int id, int pending) => new(Id(id), 0, 0, 0, Id(pending), 0, 0, TransferFlags.VoidPending);

    static TransferEvent Linked(TransferEvent transfer) => transfer with { Flags = transfer.Flags | TransferFlags.Linked };
}
