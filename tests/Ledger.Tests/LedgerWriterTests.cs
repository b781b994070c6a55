using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

public sealed class LedgerWriterTests : IDisposable
{
    readonly NoteSigner signer = Samples.Signer();

    public void Dispose() => signer.Dispose();

    /// <summary>A journal whose writes wait at a gate.</summary>
    sealed class GatedJournal : IJournal
    {
        readonly MemoryJournal inner = new();

        public SemaphoreSlim Gate { get; } = new(0);

        public SemaphoreSlim Arrived { get; } = new(0);

        public bool Fails { get; set; }

        public ulong LastSequence => inner.LastSequence;

        public IEnumerable<JournalRecord> Read(ulong fromSequence) => inner.Read(fromSequence);

        public JournalRecord? Find(ulong sequence) => inner.Find(sequence);

        public void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
        {
            _ = Arrived.Release();
            Gate.Wait();
            if (Fails)
            {
                throw new IOException("the disk failed");
            }
            inner.Append(records, expectedLastSequence);
        }

        public void Dispose()
        {
        }
    }

    [Fact]
    public async Task Callers_that_arrive_while_a_write_is_in_flight_ride_the_next_one()
    {
        var journal = new GatedJournal();
        await using var writer = new LedgerWriter(Samples.Open(journal, signer));
        var genesis = writer.CommitAsync(Samples.Genesis);
        await journal.Arrived.WaitAsync();
        var waiting = Enumerable.Range(0, 50).Select(i => writer.CommitAsync(Samples.Settlement($"rc_{i}"))).ToList();
        genesis.IsCompleted.Should().BeFalse("nothing is acknowledged before it is written");
        journal.Gate.Release(2);
        (await genesis).TransfersStand.Should().BeTrue();
        (await Task.WhenAll(waiting)).Should().OnlyContain(reply => reply.Receipts[0].Status == ReceiptStatus.Ok);
        journal.LastSequence.Should().Be(2, "fifty callers shared one record");
    }

    [Fact]
    public async Task Questions_are_answered_after_the_commits_before_them()
    {
        var journal = new GatedJournal();
        journal.Gate.Release(100);
        await using var writer = new LedgerWriter(Samples.Open(journal, signer));
        var genesis = writer.CommitAsync(Samples.Genesis);
        var balance = writer.ReadAsync(core => core.FindBalance("ada")!.Available);
        var settled = writer.CommitAsync(Samples.Settlement("rc_1"));
        var file = writer.ReadAsync(core => core.ExportReceipt("rc_1"));
        (await balance).Should().Be(Amount.FromOpen(1000));
        ReceiptVerifier.Verify(await file, writer.LogKey).IsValid.Should().BeTrue();
        await genesis;
        await settled;
        await FluentActions.Awaiting(() => writer.ReadAsync(core => core.ExportReceipt("rc_2")))
            .Should().ThrowAsync<ReceiptNotFoundException>();
    }

    [Fact]
    public async Task A_failed_write_fails_every_caller_that_rode_it()
    {
        var journal = new GatedJournal();
        await using var writer = new LedgerWriter(Samples.Open(journal, signer));
        journal.Gate.Release(1);
        await writer.CommitAsync(Samples.Genesis);
        journal.Fails = true;
        journal.Gate.Release(100);
        await FluentActions.Awaiting(() => writer.CommitAsync(Samples.Settlement("rc_1"))).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(() => writer.CommitAsync(Samples.Settlement("rc_1"))).Should().ThrowAsync<LedgerPoisonedException>();
    }

    [Fact]
    public async Task A_malformed_request_is_refused_at_the_door()
    {
        var journal = new GatedJournal();
        journal.Gate.Release(100);
        await using var writer = new LedgerWriter(Samples.Open(journal, signer));
        await FluentActions.Awaiting(() => writer.CommitAsync(new LedgerRequest { Accounts = [new OpenAccount("?")] }))
            .Should().ThrowAsync<LedgerRequestException>();
        (await writer.CommitAsync(Samples.Genesis)).TransfersStand.Should().BeTrue();
    }

    [Fact]
    public async Task Closing_finishes_what_waits_and_refuses_what_comes_after()
    {
        var journal = new GatedJournal();
        var writer = new LedgerWriter(Samples.Open(journal, signer));
        var genesis = writer.CommitAsync(Samples.Genesis);
        var closing = writer.DisposeAsync();
        journal.Gate.Release(100);
        await closing;
        (await genesis).TransfersStand.Should().BeTrue();
        await FluentActions.Awaiting(() => writer.CommitAsync(Samples.Genesis)).Should().ThrowAsync<ObjectDisposedException>();
    }
}
