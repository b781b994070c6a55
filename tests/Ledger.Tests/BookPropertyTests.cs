using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

/// <summary>Random batches against <see cref="ModelBook"/>.</summary>
public sealed class BookPropertyTests
{
    static readonly AccountFlags[] flags =
    [
        AccountFlags.Mint, AccountFlags.DebitsMustNotExceedCredits, AccountFlags.DebitsMustNotExceedCredits,
        AccountFlags.DebitsMustNotExceedCredits, AccountFlags.None, AccountFlags.CreditsMustNotExceedDebits, AccountFlags.Burn,
    ];

    static readonly Gen<UInt128> amounts = Gen.Frequency(
        (20, Gen.Choose(1, 20).Select(n => (UInt128)n)),
        (1, Gen.Constant(UInt128.Zero)),
        (2, Gen.Constant(UInt128.MaxValue)),
        (1, Gen.Constant(UInt128.MaxValue / 2)),
        (1, Gen.Constant(Amount.Supply.Atto)));

    static readonly Gen<TransferFlags> kinds = Gen.Frequency(
        (8, Gen.Constant(TransferFlags.None)),
        (5, Gen.Constant(TransferFlags.Pending)),
        (4, Gen.Constant(TransferFlags.PostPending)),
        (3, Gen.Constant(TransferFlags.VoidPending)),
        (1, Gen.Choose(0, 31).Select(n => (TransferFlags)n)));

    static readonly Gen<TransferEvent> events =
        from id in Gen.Choose(0, 60)
        from kind in kinds
        from linked in Gen.Choose(0, 3)
        from debit in Gen.Frequency((3, Gen.Constant(1)), (6, Gen.Choose(-1, 8)))
        from credit in Gen.Choose(-1, 8)
        from amount in amounts
        from pending in Gen.Choose(0, 60)
        from inherits in Gen.Choose(0, 3)
        from timeout in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
        from code in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 2)))
        let resolves = (kind & (TransferFlags.PostPending | TransferFlags.VoidPending)) != 0
        select new TransferEvent(
            new TransferId((UInt128)id),
            resolves && inherits != 0 ? 0 : debit,
            resolves && inherits != 0 ? 0 : credit,
            resolves && inherits > 1 ? UInt128.MaxValue : amount,
            new TransferId(resolves ? (UInt128)pending : 0),
            resolves || kind == TransferFlags.None ? (timeout == 3 ? 1u : 0) : (uint)timeout,
            (ushort)code,
            kind | (linked == 0 ? TransferFlags.Linked : TransferFlags.None));

    static readonly Gen<Step[]> histories =
        (from batch in events.ArrayOf(6) from elapsedMs in Gen.Choose(1, 1500) select new Step(batch, (ulong)elapsedMs)).ArrayOf(40);

    sealed record Step(TransferEvent[] Batch, ulong ElapsedMs);

    [Fact]
    public void The_book_does_what_the_model_says_and_conserves_money() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(histories.ToArbitrary(), Agrees));

    [Fact]
    public void A_batch_applied_again_changes_nothing() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(histories.ToArbitrary(), steps =>
        {
            var book = NewBook();
            foreach (var step in steps)
            {
                var first = Apply(book, step.Batch, book.LastTimestampNs + 1);
                var before = Snapshot(book);
                var second = Apply(book, step.Batch, book.LastTimestampNs + 1);
                for (var i = 0; i < first.Length; i++)
                {
                    if (first[i] is TransferStatus.Ok or TransferStatus.Exists && second[i] != TransferStatus.Exists)
                    {
                        return false;
                    }
                }
                // Refused the first time, a transfer may stand the second; but where all stood, nothing may move.
                if (first.All(status => status is TransferStatus.Ok or TransferStatus.Exists) && !before.SequenceEqual(Snapshot(book)))
                {
                    return false;
                }
            }
            return book.Audit().Conserved;
        }));

    [Fact]
    public void The_same_history_gives_the_same_results() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(50), Prop.ForAll(histories.ToArbitrary(), steps =>
            Run(steps).SequenceEqual(Run(steps))));

    [Fact]
    public void Histories_exercise_what_they_should()
    {
        // A property over batches that are all refused would say nothing: most results are to be seen in a few histories.
        var seen = new HashSet<TransferStatus>();
        foreach (var steps in histories.Sample(1000, new Rnd(20, 77), 50))
        {
            seen.UnionWith(Run(steps));
        }
        TransferStatus[] neverMade = [TransferStatus.BookFull, TransferStatus.PendingIdMustBeZero];
        Enum.GetValues<TransferStatus>().Except(neverMade).Except(seen).Should().BeEmpty();
    }

    static bool Agrees(Step[] steps)
    {
        var book = NewBook();
        var model = new ModelBook();
        for (var i = 0; i < flags.Length; i++)
        {
            model.Accounts[i + 1] = new ModelBook.ModelAccount(flags[i]);
        }
        foreach (var step in steps)
        {
            var timestampNs = book.LastTimestampNs + (step.ElapsedMs * 1_000_000);
            var predicted = model.Apply(step.Batch, timestampNs);
            var results = Apply(book, step.Batch, timestampNs);
            for (var i = 0; i < results.Length; i++)
            {
                if (predicted[i] != results[i] is TransferStatus.Ok or TransferStatus.Exists)
                {
                    return false;
                }
            }
            foreach (var (number, expected) in model.Accounts)
            {
                var account = book.Account(number);
                if (account.DebitsPending != expected.DebitsPending || account.DebitsPosted != expected.DebitsPosted
                    || account.CreditsPending != expected.CreditsPending || account.CreditsPosted != expected.CreditsPosted)
                {
                    return false;
                }
            }
            if (book.TransferCount != model.Transfers.Count || !book.Audit().Conserved)
            {
                return false;
            }
        }
        return model.Transfers.All(pair => book.TryFindTransfer(pair.Key, out var transfer) && transfer.State == pair.Value.State);
    }

    static List<TransferStatus> Run(Step[] steps)
    {
        var book = NewBook();
        var results = new List<TransferStatus>();
        foreach (var step in steps)
        {
            results.AddRange(Apply(book, step.Batch, book.LastTimestampNs + (step.ElapsedMs * 1_000_000)));
        }
        return results;
    }

    static List<(BigInteger, BigInteger, BigInteger, BigInteger)> Snapshot(Book book) =>
        [.. Enumerable.Range(1, book.AccountCount).Select(number => book.Account(number)).Select(account => (
            (BigInteger)account.DebitsPending, (BigInteger)account.DebitsPosted,
            (BigInteger)account.CreditsPending, (BigInteger)account.CreditsPosted))];

    static Book NewBook()
    {
        var book = new Book();
        for (var i = 0; i < flags.Length; i++)
        {
            book.OpenAccount($"a{i}", flags[i]).Should().Be(AccountStatus.Ok);
        }
        return book;
    }

    static TransferStatus[] Apply(Book book, TransferEvent[] batch, ulong timestampNs)
    {
        var results = new TransferStatus[batch.Length];
        book.Apply(batch, timestampNs, results);
        return results;
    }
}
