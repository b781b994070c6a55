using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

public sealed class JournalFaultTests : IDisposable
{
    readonly NoteSigner signer = Samples.Signer();

    public void Dispose() => signer.Dispose();

    /// <summary>Fails a write, before or after it has happened, as a coin that is tossed from a seed says.</summary>
    sealed class FaultyJournal(IJournal inner, Random coins, int oneIn) : IJournal
    {
        public int Faults { get; private set; }

        public ulong LastSequence => inner.LastSequence;

        public IEnumerable<JournalRecord> Read(ulong fromSequence) => inner.Read(fromSequence);

        public JournalRecord? Find(ulong sequence) => inner.Find(sequence);

        public void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
        {
            var fails = coins.Next(oneIn) == 0;
            if (fails && coins.Next(2) == 0)
            {
                Faults++;
                throw new IOException("the disk failed before the write");
            }
            inner.Append(records, expectedLastSequence);
            if (fails)
            {
                Faults++;
                throw new IOException("the disk failed after the write");
            }
        }

        public void Dispose()
        {
        }
    }

    /// <summary>A journal whose stored records can be tampered with.</summary>
    sealed class TamperedJournal(IEnumerable<JournalRecord> records) : IJournal
    {
        readonly List<JournalRecord> stored = [.. records];

        public ulong LastSequence => (ulong)stored.Count;

        public IEnumerable<JournalRecord> Read(ulong fromSequence) => stored;

        public JournalRecord? Find(ulong sequence) => stored.Find(record => record.Sequence == sequence);

        public void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence) => stored.AddRange(records);

        public void Dispose()
        {
        }
    }

    [Fact]
    public void A_core_whose_write_failed_refuses_everything_until_it_is_opened_again()
    {
        var memory = new MemoryJournal();
        using (var first = Samples.Open(memory, signer))
        {
            _ = first.Commit(Samples.Genesis);
        }
        using var core = Samples.Open(new FaultyJournal(memory, new Random(1), oneIn: 1), signer);
        FluentActions.Invoking(() => core.Commit(Samples.Settlement("rc_1"))).Should().Throw<IOException>();
        core.IsPoisoned.Should().BeTrue();
        FluentActions.Invoking(() => core.Commit(Samples.Settlement("rc_1"))).Should().Throw<LedgerPoisonedException>();
        FluentActions.Invoking(() => core.FindBalance("ada")).Should().Throw<LedgerPoisonedException>();
        FluentActions.Invoking(() => core.SignedCheckpoint()).Should().Throw<LedgerPoisonedException>();
    }

    [Fact]
    public void Retried_until_it_is_acknowledged_everything_happens_exactly_once()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var memory = new MemoryJournal();
            var faulty = new FaultyJournal(memory, new Random(seed), oneIn: 3);
            var core = Samples.Open(faulty, signer);
            const int settlements = 25;
            for (var i = -1; i < settlements; i++)
            {
                var request = i < 0 ? Samples.Genesis : Samples.Settlement($"rc_{i}");
                var reply = CommitUntilAcknowledged(ref core, faulty, request);
                reply.TransfersStand.Should().BeTrue("seed {0}", seed);
            }
            core = Samples.Open(memory, signer);
            core.Audit().Conserved.Should().BeTrue("seed {0}", seed);
            core.ReceiptCount.Should().Be(settlements);
            core.FindBalance("ada")!.Available.Should().Be(Amount.FromOpen(1000 - settlements), "seed {0}", seed);
            faulty.Faults.Should().BePositive();
        }
    }

    LedgerReply CommitUntilAcknowledged(ref LedgerCore core, FaultyJournal faulty, LedgerRequest request)
    {
        while (true)
        {
            try
            {
                return core.Commit(request);
            }
            catch (IOException)
            {
                core = Samples.Open(faulty, signer);
            }
        }
    }

    [Fact]
    public void A_second_writer_is_fenced_off()
    {
        var memory = new MemoryJournal();
        using var stale = Samples.Open(memory, signer);
        using var current = Samples.Open(memory, signer);
        _ = current.Commit(Samples.Genesis);
        FluentActions.Invoking(() => stale.Commit(Samples.Genesis)).Should().Throw<JournalFencedException>();
        memory.LastSequence.Should().Be(1);
        stale.IsPoisoned.Should().BeTrue();
    }

    [Fact]
    public async Task A_writer_that_was_replaced_while_its_process_stood_still_answers_nothing_afterwards()
    {
        var memory = new MemoryJournal();
        var clock = new StillClock();
        await using var stale = new LedgerWriter(Samples.Open(memory, signer, clock));
        await stale.CommitAsync(Samples.Genesis);
        using (var current = Samples.Open(memory, signer, clock))
        {
            _ = current.Commit(Samples.Settlement("rc_1"));
        }

        (await stale.ReadAsync(core => core.ReceiptCount)).Should().Be(0, "an answer may be as old as the head's age");
        clock.Now += LedgerCore.HeadAgeMax + TimeSpan.FromTicks(1);
        await FluentActions.Awaiting(() => stale.ReadAsync(core => core.ReceiptCount)).Should().ThrowAsync<JournalFencedException>();
        await FluentActions.Awaiting(() => stale.ReadAsync(core => core.ReceiptCount)).Should().ThrowAsync<LedgerPoisonedException>();
        await FluentActions.Awaiting(() => stale.CommitAsync(Samples.Genesis)).Should().ThrowAsync<LedgerPoisonedException>();
        memory.LastSequence.Should().Be(2);
    }

    [Fact]
    public void Every_kind_of_damage_is_noticed_and_the_record_named()
    {
        var records = Records(6);
        Damage(records, list => list[3].Payload[40] ^= 1).Sequence.Should().Be(4);
        Damage(records, list => list[3] = list[3] with { TimestampNs = list[3].TimestampNs + 1 }).Sequence.Should().Be(4);
        Damage(records, list => list[3] = list[3] with { Payload = list[3].Payload[..^1] }).Sequence.Should().Be(4, "a torn record");
        Damage(records, list => list[5] = list[5] with { Payload = [] }).Sequence.Should().Be(6, "a torn last record");
        Damage(records, list => list.RemoveAt(2)).Sequence.Should().Be(3, "a missing record");
        Damage(records, list => (list[2], list[3]) = (list[3], list[2])).Sequence.Should().Be(3, "swapped records");
        Damage(records, list => list[4] = JournalRecord.Create(5, list[4].TimestampNs, list[4].Previous, list[4].Payload[..^1]))
            .Sequence.Should().Be(5, "a record rewritten with a hash that fits");
        Damage(records, list => list[2] = JournalRecord.Create(3, list[2].TimestampNs, list[2].Previous, list[1].Payload))
            .Sequence.Should().Be(3, "a rewritten record follows another log than the one before it left");
    }

    JournalCorruptException Damage(List<JournalRecord> records, Action<List<JournalRecord>> damage)
    {
        var copy = records.ConvertAll(record => record with { Payload = [.. record.Payload] });
        damage(copy);
        return FluentActions.Invoking(() => Samples.Open(new TamperedJournal(copy), signer))
            .Should().Throw<JournalCorruptException>().Which;
    }

    [Fact]
    public void A_receipt_that_changed_in_the_journal_after_opening_is_noticed()
    {
        var records = Records(3);
        var journal = new TamperedJournal(records);
        using var core = Samples.Open(journal, signer);
        records[1].Payload[^10] ^= 1;
        FluentActions.Invoking(() => core.FindReceipt("rc_0")).Should().Throw<JournalCorruptException>().Which.Sequence.Should().Be(2);
    }

    List<JournalRecord> Records(int count)
    {
        var memory = new MemoryJournal();
        using var core = Samples.Open(memory, signer);
        _ = core.Commit(Samples.Genesis);
        for (var i = 0; i < count - 1; i++)
        {
            _ = core.Commit(Samples.Settlement($"rc_{i}"));
        }
        return [.. memory.Read(1)];
    }
}
