using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

/// <summary>
/// A book that keeps some hundred recent ids in memory answers as one that keeps all of them, whatever is asked of old transfers, and so
/// does one that is made of a snapshot in between.
/// </summary>
public sealed class SmallWindowTests
{
    const int AccountCount = 8;
    const int BatchCount = 300;
    static readonly RecordSizes small = new(SegmentBits: 5, IdsMax: 512);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Old_transfers_are_answered_from_files_as_from_memory(int seed)
    {
        var files = new MemoryLedgerFiles();
        using var large = NewBook();
        var book = NewBook(files);
        try
        {
            var random = new Random(seed);
            for (var batch = 0; batch < BatchCount; batch++)
            {
                var events = Batch(random);
                var timestampNs = large.LastTimestampNs + (ulong)random.Next(1, 400_000_000);
                Apply(book, events, timestampNs).Should().Equal(Apply(large, events, timestampNs));
                if (random.Next(10) == 0)
                {
                    book = Again(book, files);
                }
            }

            book.TransferCount.Should().Be(large.TransferCount).And.BeGreaterThan(4 * small.IdsMax, "the archive is what is tested");
            files.List().Should().Contain(name => name.StartsWith("transfers-ids", StringComparison.Ordinal));
            book.OpenHoldCount.Should().Be(large.OpenHoldCount);
            for (var account = 1; account <= AccountCount; account++)
            {
                book.Account(account).Should().Be(large.Account(account));
                book.History(account).Should().Equal(large.History(account));
            }
            book.Audit().Should().BeEquivalentTo(large.Audit());
            book.Audit().Conserved.Should().BeTrue();
        }
        finally
        {
            book.Dispose();
        }
    }

    static Book NewBook(ILedgerFiles? files = null)
    {
        var book = files is null ? new Book() : new Book(files, new BackgroundWork(atOnce: true), small);
        book.OpenAccount("mint", AccountFlags.Mint).Should().Be(AccountStatus.Ok);
        for (var i = 1; i < AccountCount; i++)
        {
            book.OpenAccount($"acct{i}", AccountFlags.DebitsMustNotExceedCredits).Should().Be(AccountStatus.Ok);
        }
        return book;
    }

    // Through the bytes of a snapshot, whose copy is made while the book goes on.
    static Book Again(Book book, MemoryLedgerFiles files)
    {
        Apply(book, [], book.LastTimestampNs + 1);
        book.IsWritten().Should().BeTrue();
        var copy = book.BeginSnapshot();
        while (!book.StepSnapshot(copy))
        {
        }
        var names = new CanonicalWriter();
        book.WriteNames(names, copy.AccountCount);
        book.Dispose();
        var restored = new Book(files, new BackgroundWork(atOnce: true), small);
        var reader = new CanonicalReader(names.Written);
        restored.Restore(copy, ref reader);
        reader.End();
        return restored;
    }

    static TransferEvent[] Batch(Random random)
    {
        var events = new TransferEvent[random.Next(1, 60)];
        for (var i = 0; i < events.Length; i++)
        {
            var kind = random.Next(10) switch
            {
                < 4 => TransferFlags.None,
                < 7 => TransferFlags.Pending,
                < 9 => TransferFlags.PostPending,
                _ => TransferFlags.VoidPending,
            };
            var resolves = kind is TransferFlags.PostPending or TransferFlags.VoidPending;
            var linked = random.Next(8) == 0 ? TransferFlags.Linked : TransferFlags.None;
            // Few enough ids that old ones come again, many enough that most are new.
            var id = (UInt128)(uint)random.Next(1, 12_000);
            events[i] = new TransferEvent(
                new TransferId(id),
                resolves ? 0 : random.Next(3) == 0 ? 1 : random.Next(1, AccountCount + 1),
                resolves ? 0 : random.Next(1, AccountCount + 1),
                resolves ? UInt128.MaxValue : (UInt128)(uint)random.Next(1, 50),
                new TransferId(resolves ? (UInt128)(uint)random.Next(1, 12_000) : 0),
                kind == TransferFlags.Pending && random.Next(2) == 0 ? (uint)random.Next(1, 4) : 0,
                0,
                kind | linked);
        }
        return events;
    }

    static TransferStatus[] Apply(Book book, TransferEvent[] batch, ulong timestampNs)
    {
        var results = new TransferStatus[batch.Length];
        book.Apply(batch, timestampNs, results);
        book.Seal();
        return results;
    }
}
