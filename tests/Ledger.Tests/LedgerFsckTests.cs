using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

/// <summary>Each kind of byte of a journal, of its tiles and checkpoints: changed, it is named.</summary>
public sealed class LedgerFsckTests : IDisposable
{
    const int Settlements = 300;

    readonly NoteSigner signer = Samples.Signer();
    readonly MemoryTileStore tiles = new();
    readonly List<CheckpointClaim> heads;
    readonly List<JournalRecord> records;
    readonly ContentHash root;

    public LedgerFsckTests()
    {
        records = History(i => Samples.Settlement($"rc_{i}"), tiles, out heads);
        root = heads[^1].Root;
        heads.RemoveAt(heads.Count - 1);
    }

    // Genesis, settlements, two holds; with the head of the log after each settlement, and at the end.
    List<JournalRecord> History(Func<int, LedgerRequest> settlement, ITileStore store, out List<CheckpointClaim> shown)
    {
        shown = [];
        var memory = new MemoryJournal();
        using var core = LedgerCore.Open(memory, signer, new StillClock(), IdSource.FromSeed(3), store);
        _ = core.Commit(Samples.Genesis);
        for (var i = 0; i < Settlements; i++)
        {
            _ = core.Commit(settlement(i));
            shown.Add(new CheckpointClaim($"head {i}", core.TreeSize, core.Root));
        }
        _ = core.Commit(new LedgerRequest
        {
            Transfers =
            [
                Transfer.Hold(TransferId.From("open"), "ada", "ben", Amount.One),
                Transfer.Hold(TransferId.From("short"), "ada", "ben", Amount.One, timeoutSeconds: 1),
            ],
        });
        shown.Add(new CheckpointClaim("the last head", core.TreeSize, core.Root));
        return [.. memory.Read(1)];
    }

    public void Dispose() => signer.Dispose();

    sealed class StoredJournal(IReadOnlyList<JournalRecord> records) : IJournal
    {
        public ulong LastSequence => (ulong)records.Count;

        public IEnumerable<JournalRecord> Read(ulong fromSequence) => records.Skip((int)Math.Max(1, fromSequence) - 1);

        public JournalRecord? Find(ulong sequence) => records.FirstOrDefault(record => record.Sequence == sequence);

        public void Append(IReadOnlyList<JournalRecord> added, ulong expectedLastSequence) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    FsckReport Check(Action<List<JournalRecord>>? damage = null, FsckClaims? claims = null)
    {
        var copy = records.ConvertAll(record => record with { Payload = [.. record.Payload] });
        damage?.Invoke(copy);
        return LedgerFsck.Check(new StoredJournal(copy), claims ?? FsckClaims.None);
    }

    [Fact]
    public void A_sound_journal_leads_to_the_same_log_and_to_every_head_and_tile_that_was_seen()
    {
        var report = Check(claims: new FsckClaims(heads, tiles));
        report.Problems.Should().BeEmpty();
        report.Should().BeEquivalentTo(new
        {
            Records = (ulong)records.Count,
            Root = root,
            Receipts = Settlements,
            Transfers = 1L + (3 * Settlements) + 2,
            CheckpointsAgreed = Settlements,
            Circulating = Amount.FromOpen(1000),
        });
        report.TilesAgreed.Should().BeGreaterThan(3, "full tiles of hashes and of entries were written");
    }

    [Fact]
    public void Every_byte_of_a_record_counts()
    {
        var victim = records[7];
        for (var at = 0; at < victim.Payload.Length; at++)
        {
            First(list => list[7].Payload[at] ^= 0x10).Sequence.Should().Be(8UL, "byte {0} of the payload", at);
        }
        First(list => list[7] = victim with { TimestampNs = victim.TimestampNs ^ 1 }).Sequence.Should().Be(8UL);
        First(list => list[7] = victim with { Sequence = 9 }).Problem.Should().Contain("missing");
        for (var at = 0; at < ContentHash.SizeBytes; at++)
        {
            First(list => list[7] = victim with { Hash = Flip(victim.Hash, at) }).Sequence.Should().Be(8UL);
            First(list => list[7] = victim with { Previous = Flip(victim.Previous, at) }).Sequence.Should().Be(8UL);
        }
    }

    [Fact]
    public void What_was_rewritten_with_hashes_that_fit_is_told_by_a_head_that_was_seen()
    {
        // A second history, every hash in it made anew, with another fee in record 40: what a dishonest operator would do.
        var other = History(i => Samples.Settlement($"rc_{i}", i == 38 ? "0.5" : "1"), new MemoryTileStore(), out _);
        void Rewrite(List<JournalRecord> list)
        {
            list.Clear();
            list.AddRange(other);
        }

        Check(Rewrite).IsSound.Should().BeTrue("a journal alone cannot tell");
        Check(Rewrite, new FsckClaims([heads[60]])).Problems[0].Should().Match<FsckProblem>(
            problem => problem.Problem.Contains("head 60") && problem.Sequence != null);
        var byTiles = Check(Rewrite, new FsckClaims([], tiles)).Problems[0];
        byTiles.Sequence.Should().Be(40UL, "a tile names the very entry");
        byTiles.Problem.Should().Contain("log/tile/");
    }

    [Fact]
    public void A_journal_that_lost_its_end_is_told_by_heads_and_tiles()
    {
        void Cut(List<JournalRecord> list) => list.RemoveRange(100, list.Count - 100);

        Check(Cut).IsSound.Should().BeTrue("a journal alone cannot tell");
        Check(Cut, new FsckClaims([heads[^1]])).Problems.Should().ContainSingle()
            .Which.Should().Match<FsckProblem>(problem => problem.Sequence == 101 && problem.Problem.Contains("lost"));
        Check(Cut, new FsckClaims([], tiles)).Problems[0].Should()
            .Match<FsckProblem>(problem => problem.Sequence == 101 && problem.Problem.Contains("lost"));
        Check(Cut, new FsckClaims([], tiles, MayGrow: true)).IsSound.Should().BeTrue("a log that goes on is ahead of what was read");
    }

    [Fact]
    public void A_ledger_does_not_open_on_a_journal_that_ends_before_what_was_published_or_leads_elsewhere()
    {
        var memory = new MemoryJournal();
        memory.Append(records[..100], 0);
        using (var core = LedgerCore.Open(memory, signer, new StillClock(), IdSource.FromSeed(3), new MemoryTileStore()))
        {
            var store = new MemoryTileStore();
            store.WriteCheckpoint(core.TreeSize, core.SignedCheckpoint());
            LedgerCore Open(IJournal journal) => LedgerCore.Open(journal, signer, new StillClock(), IdSource.FromSeed(3), store);
            FluentActions.Invoking(() => Open(new StoredJournal(records[..100])).Dispose()).Should().NotThrow();
            FluentActions.Invoking(() => Open(new StoredJournal(records[..90]))).Should().Throw<JournalCorruptException>()
                .WithMessage("*published*").Which.Sequence.Should().Be(91);
            var other = new MemoryTileStore();
            other.WriteCheckpoint(5, new Checkpoint(signer.Name, 5, ContentHash.OfText("other")).Sign(signer));
            FluentActions.Invoking(() => LedgerCore.Open(
                    new StoredJournal(records[..100]), signer, new StillClock(), IdSource.FromSeed(3), other))
                .Should().Throw<JournalCorruptException>().WithMessage("*another root*");
        }
    }

    [Fact]
    public void Every_bit_of_a_tile_counts()
    {
        foreach (var tile in new[] { new LogTile(0, 0, 256), new LogTile(LogTile.Entries, 1, 256) })
        {
            for (var at = 0; at < tile.SizeBytes; at += 41)
            {
                var damaged = new MemoryTileStore();
                var bytes = tiles.Read(tile)!;
                bytes[at] ^= 4;
                damaged.Write([new TileContent(tile, bytes)]);
                Check(claims: new FsckClaims([], damaged)).Problems.Should().ContainSingle().Which.Problem.Should().Contain(tile.Path);
            }
        }
    }

    [Fact]
    public void A_payload_that_is_not_canonical_is_named_though_its_hash_fits()
    {
        var problem = First(list =>
            list[^1] = JournalRecord.Create(list[^1].Sequence, list[^1].TimestampNs, list[^1].Previous, list[^1].Payload[..^3]));
        problem.Sequence.Should().Be((ulong)records.Count);
        problem.Problem.Should().Contain("payload");
    }

    FsckProblem First(Action<List<JournalRecord>> damage)
    {
        var report = Check(damage);
        report.IsSound.Should().BeFalse();
        return report.Problems[0];
    }

    static ContentHash Flip(ContentHash hash, int at)
    {
        var bytes = hash.ToArray();
        bytes[at] ^= 1;
        return new ContentHash(bytes);
    }
}
