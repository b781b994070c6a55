using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

/// <summary>What a start does with snapshots, and what it makes of damaged ones.</summary>
public sealed class LedgerSnapshotTests : IDisposable
{
    const int SnapshotRecords = 20;

    readonly NoteSigner signer = Samples.Signer();
    readonly MemoryJournal memory = new();
    readonly MemoryTileStore tiles = new();
    readonly MemoryLedgerFiles files = new();

    public void Dispose() => signer.Dispose();

    [Fact]
    public void A_start_replays_only_what_stands_behind_the_newest_snapshot()
    {
        var (balances, checkpoint) = Fill(103);
        var journal = new CountingJournal(memory);
        using var core = Open(journal);

        journal.FirstRead.Should().BeGreaterThan(103 - (2 * SnapshotRecords));
        core.Balances().Should().Equal(balances);
        core.SignedCheckpoint().Should().Be(checkpoint);
        core.Audit().Conserved.Should().BeTrue();
        core.ReceiptCount.Should().Be(102);
        core.LatestReceipts(3).Select(receipt => receipt.Id).Should().Equal("r102", "r101", "r100");
        ReceiptVerifier.Verify(core.ExportReceipt("r1"), signer.Verifier).IsValid
            .Should().BeTrue("what stands before the snapshot still proves");
        core.Commit(Samples.Settlement("r5")).Receipts[0].Status.Should().Be(ReceiptStatus.Exists);
        core.Commit(Samples.Settlement("r103")).Receipts[0].Status.Should().Be(ReceiptStatus.Ok);
        core.FindTransfer(TransferId.From("r7/hold"))!.State.Should().Be(PendingState.Posted);
    }

    [Fact]
    public void Without_snapshots_the_whole_journal_says_the_same()
    {
        var (balances, checkpoint) = Fill(64);
        foreach (var name in files.List())
        {
            files.Delete(name);
        }
        var journal = new CountingJournal(memory);
        using var core = Open(journal);

        journal.FirstRead.Should().Be(1);
        core.Balances().Should().Equal(balances);
        core.SignedCheckpoint().Should().Be(checkpoint);
    }

    [Fact]
    public void Two_snapshots_are_kept()
    {
        Fill(200);
        files.List().Count(name => name.StartsWith("snapshot-", StringComparison.Ordinal)).Should().Be(2);
    }

    [Fact]
    public void A_damaged_snapshot_is_passed_over_wherever_it_is_damaged()
    {
        var (balances, checkpoint) = Fill(90);
        var name = files.List().Last(file => file.StartsWith("snapshot-", StringComparison.Ordinal));
        byte[] original;
        using (var file = files.Open(name)!)
        {
            original = file.Bytes.ToArray();
        }
        for (var at = 0; at < original.Length; at += 97)
        {
            byte[] damaged = [.. original];
            damaged[at] ^= 4;
            files.Write(name, [damaged]);
            using var core = Open(memory);
            core.Balances().Should().Equal(balances, "byte {0} of the newest snapshot was flipped", at);
            core.SignedCheckpoint().Should().Be(checkpoint);
        }
    }

    [Fact]
    public void A_journal_that_ends_before_a_snapshot_has_lost_records_and_is_refused()
    {
        Fill(60);
        var shorter = new MemoryJournal();
        shorter.Append([.. memory.Read(1).Take(30)], 0);

        FluentActions.Invoking(() => Open(shorter)).Should().Throw<JournalCorruptException>().Which.Sequence.Should().Be(31);
    }

    [Fact]
    public void A_snapshot_of_another_journal_is_refused()
    {
        Fill(60);
        using var other = LedgerCore.Open(new MemoryJournal(), signer, new StillClock(), IdSource.FromSeed(99));
        var journal = new MemoryJournal();
        using (var core = LedgerCore.Open(journal, signer, new StillClock(), IdSource.FromSeed(99)))
        {
            Fill(core, 0, 60);
        }

        FluentActions.Invoking(() => Open(journal)).Should().Throw<JournalCorruptException>()
            .WithMessage("*not the one that a snapshot was made of*");
    }

    [Fact]
    public void A_crash_at_any_commit_restores_what_was_acknowledged()
    {
        for (var commits = 1; commits < 50; commits++)
        {
            var (journal, ownTiles, ownFiles) = (new MemoryJournal(), new MemoryTileStore(), new MemoryLedgerFiles());
            // Not disposed: the process is gone.
            var core = LedgerCore.Open(journal, signer, new StillClock(), IdSource.FromSeed(3), ownTiles, Settings(ownFiles));
            Fill(core, 0, commits);
            using var again = LedgerCore.Open(journal, signer, new StillClock(), IdSource.FromSeed(3), ownTiles, Settings(ownFiles));
            again.Balances().Should().Equal(core.Balances());
            again.Root.Should().Be(core.Root);
        }
    }

    (IReadOnlyList<AccountBalance> Balances, string Checkpoint) Fill(int commits)
    {
        using var core = Open(memory);
        Fill(core, 0, commits);
        return (core.Balances(), core.SignedCheckpoint());
    }

    static void Fill(LedgerCore core, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            core.Commit(i == 0 ? Samples.Genesis : Samples.Settlement($"r{i}")).TransfersStand.Should().BeTrue();
        }
    }

    LedgerCore Open(IJournal journal) =>
        LedgerCore.Open(journal, signer, new StillClock(), IdSource.FromSeed(3), tiles, Settings(files));

    static LedgerFileSettings Settings(ILedgerFiles files) =>
        new(files, new RecordSizes(SegmentBits: 4, IdsMax: 64), AtOnce: true, SnapshotRecords, long.MaxValue, long.MaxValue);

    sealed class CountingJournal(IJournal inner) : IJournal
    {
        public ulong FirstRead { get; private set; }

        public ulong LastSequence => inner.LastSequence;

        public IEnumerable<JournalRecord> Read(ulong fromSequence)
        {
            FirstRead = fromSequence;
            return inner.Read(fromSequence);
        }

        public JournalRecord? Find(ulong sequence) => inner.Find(sequence);

        public void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence) => inner.Append(records, expectedLastSequence);

        public void Dispose()
        {
        }
    }
}
