using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

/// <summary>What every journal must do.</summary>
public abstract class JournalKit : IDisposable
{
    const int RivalCount = 6;

    internal NoteSigner Signer { get; } = Samples.Signer();

    /// <summary>Opens the same journal once more; it is not there before the first time.</summary>
    protected abstract IJournal OpenJournal();

    [Fact]
    public void A_new_journal_is_empty()
    {
        using var journal = OpenJournal();
        journal.LastSequence.Should().Be(0);
        journal.Read(0).Should().BeEmpty();
        journal.Read(1).Should().BeEmpty();
        journal.Find(1).Should().BeNull();
    }

    [Fact]
    public void Records_come_back_as_they_were_written()
    {
        var large = new byte[3_000_000];
        new Random(7).NextBytes(large);
        var records = Chain(default, 1, [], [0], large, [1, 2, 3]);
        using (var journal = OpenJournal())
        {
            journal.Append(records[..1], 0);
            journal.Append(records[1..], 1);
            journal.LastSequence.Should().Be(4);
        }
        using var again = OpenJournal();
        again.LastSequence.Should().Be(4);
        ShouldEqual(again.Read(1), records);
        ShouldEqual(again.Read(3), records[2..]);
        again.Read(5).Should().BeEmpty();
        again.Read(50).Should().BeEmpty();
        ShouldEqual([again.Find(3)!], records[2..3]);
        again.Find(0).Should().BeNull();
        again.Find(5).Should().BeNull();
    }

    [Fact]
    public void Whoever_expects_another_sequence_is_fenced_off_and_writes_nothing()
    {
        var records = Chain(default, 1, [1], [2]);
        using var journal = OpenJournal();
        using var rival = OpenJournal();
        journal.Append(records, 0);
        var late = Chain(default, 1, [9]);
        FluentActions.Invoking(() => rival.Append(late, 0)).Should().Throw<JournalFencedException>();
        FluentActions.Invoking(() => rival.Append(Chain(records[1].Hash, 5, [9]), 4)).Should().Throw<JournalFencedException>();
        rival.Append([], 77);
        ShouldEqual(rival.Read(1), records);
        var next = Chain(records[1].Hash, 3, [3]);
        rival.Append(next, 2);
        FluentActions.Invoking(() => journal.Append(next, 2)).Should().Throw<JournalFencedException>();
        journal.LastSequence.Should().Be(3);
    }

    [Fact]
    public void Records_with_a_gap_are_refused_and_nothing_of_them_stays()
    {
        var records = Chain(default, 1, [1], [2], [3]);
        using var journal = OpenJournal();
        FluentActions.Invoking(() => journal.Append([records[0], records[2]], 0)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => journal.Append(records[1..], 0)).Should().Throw<ArgumentException>();
        using var again = OpenJournal();
        again.LastSequence.Should().Be(0);
        again.Read(1).Should().BeEmpty();
    }

    [Fact]
    public async Task Of_rivals_for_the_same_place_exactly_one_wins_every_time()
    {
        const int rounds = 10;
        OpenJournal().Dispose();
        var wins = new int[rounds];
        using var barrier = new Barrier(RivalCount);
        await Task.WhenAll(Enumerable.Range(0, RivalCount).Select(number => Task.Factory.StartNew(
            () =>
            {
                try
                {
                    using var journal = OpenJournal();
                    for (var round = 0; round < rounds; round++)
                    {
                        Compete(journal, number, round, barrier, wins);
                    }
                }
                finally
                {
                    // Whoever fails does not keep the others waiting.
                    barrier.RemoveParticipant();
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        wins.Should().OnlyContain(count => count == 1);
        using var written = OpenJournal();
        written.Read(1).Should().HaveCount(rounds).And.OnlyContain(record => record.IsIntact());
    }

    static void Compete(IJournal journal, int number, int round, Barrier barrier, int[] wins)
    {
        var last = journal.Find((ulong)round);
        barrier.SignalAndWait();
        try
        {
            journal.Append(Chain(last?.Hash ?? default, (ulong)round + 1, [(byte)number]), (ulong)round);
            _ = Interlocked.Increment(ref wins[round]);
        }
        catch (JournalFencedException)
        {
            // Another one has the place.
        }
        barrier.SignalAndWait();
    }

    [Fact]
    public void Looking_at_one_record_while_reading_all_disturbs_nothing()
    {
        var records = Chain(default, 1, [1], [2], [3]);
        using var journal = OpenJournal();
        journal.Append(records, 0);
        var seen = new List<JournalRecord>();
        foreach (var record in journal.Read(1))
        {
            ShouldEqual([journal.Find(record.Sequence)!], [record]);
            journal.LastSequence.Should().Be(3);
            seen.Add(record);
        }
        ShouldEqual(seen, records);
    }

    [Fact]
    public void What_a_ledger_committed_is_there_after_opening_again()
    {
        ContentHash root;
        string checkpoint;
        using (var core = OpenCore())
        {
            Fill(core, 10);
            root = core.Root;
            checkpoint = core.SignedCheckpoint();
        }
        using var again = OpenCore();
        again.Root.Should().Be(root);
        again.SignedCheckpoint().Should().Be(checkpoint);
        again.FindBalance(SystemAccounts.Platform)!.Posted.Should().Be(Amount.FromOpen(10));
        ReceiptVerifier.Verify(again.ExportReceipt("rc_3"), again.LogKey).IsValid.Should().BeTrue();
        again.Audit().Conserved.Should().BeTrue();
    }

    [Fact]
    public void A_ledger_that_another_has_overtaken_is_fenced_off()
    {
        using var stale = OpenCore();
        using var current = OpenCore();
        Fill(current, 1);
        FluentActions.Invoking(() => stale.Commit(Samples.Genesis)).Should().Throw<JournalFencedException>();
        stale.IsPoisoned.Should().BeTrue();
        using var journal = OpenJournal();
        journal.LastSequence.Should().Be(2);
        journal.Read(1).Should().HaveCount(2);
    }

    public virtual void Dispose()
    {
        Signer.Dispose();
        GC.SuppressFinalize(this);
    }

    internal LedgerCore OpenCore() => Samples.Open(OpenJournal(), Signer);

    internal static void Fill(LedgerCore core, int settlements)
    {
        _ = core.Commit(Samples.Genesis);
        for (var i = 0; i < settlements; i++)
        {
            core.Commit(Samples.Settlement(i)).Receipts[0].Status.Should().Be(ReceiptStatus.Ok);
        }
    }

    internal static JournalRecord[] Chain(ContentHash previous, ulong firstSequence, params byte[][] payloads)
    {
        var records = new JournalRecord[payloads.Length];
        for (var i = 0; i < records.Length; i++)
        {
            var sequence = firstSequence + (ulong)i;
            records[i] = JournalRecord.Create(sequence, 1_800_000_000_000_000_000 + sequence, previous, payloads[i]);
            previous = records[i].Hash;
        }
        return records;
    }

    internal static void ShouldEqual(IEnumerable<JournalRecord> actual, IEnumerable<JournalRecord> expected)
    {
        var found = actual.ToList();
        found.Should().OnlyContain(record => record.IsIntact());
        found.Select(Text).Should().Equal(expected.Select(Text));

        static string Text(JournalRecord record) =>
            $"{record.Sequence} {record.TimestampNs} {record.Previous} {Convert.ToHexString(record.Payload)} {record.Hash}";
    }
}
