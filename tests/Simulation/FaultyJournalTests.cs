using Microsoft.Data.Sqlite;
using OpenLedger;
using OpenLedger.Ledger;
using OpenLedger.Storage;
using Simulation.Tests.Disk;
using Simulation.Tests.Sqlite;

namespace Simulation.Tests;

/// <summary>What the simulation found in the journal, one by one.</summary>
public sealed class FaultyJournalTests : IDisposable
{
    readonly FaultyDisk disk = new(new Dice(1));
    readonly string mount;

    public FaultyJournalTests() => mount = FaultyVfs.Mount(disk);

    string Uri => FaultyVfs.UriOf(mount, "journal.db");

    public void Dispose() => FaultyVfs.Unmount(mount);

    static JournalRecord Record(ulong sequence) => JournalRecord.Create(sequence, sequence, ContentHash.OfText("before"), new byte[500]);

    [Fact]
    public void A_failed_write_shows_its_own_error_and_the_journal_still_closes()
    {
        foreach (var fault in new[] { Fault.Full, Fault.ErrorBefore, Fault.ErrorAfter, Fault.ErrorPartly })
        {
            using var journal = SqliteJournal.Open(Uri);
            var last = journal.LastSequence;
            disk.Arm(fault, 1);
            FluentActions.Invoking(() => journal.Append([Record(last + 1)], last))
                .Should().Throw<SqliteException>().Which.SqliteErrorCode.Should().BeOneOf([SqliteCode.Full, SqliteCode.IoError]);
            disk.Relieve();
            FluentActions.Invoking(journal.Dispose).Should().NotThrow();
        }
    }

    [Fact]
    public void A_disk_that_fails_while_write_ahead_logging_is_turned_on_never_leaves_a_journal_without_it()
    {
        for (var after = 0; after < 12; after++)
        {
            var fresh = new FaultyDisk(new Dice((ulong)after));
            var own = FaultyVfs.Mount(fresh);
            fresh.Arm(Fault.ErrorPartly, after);
            try
            {
                using var journal = SqliteJournal.Open(FaultyVfs.UriOf(own, "journal.db"));
                journal.Append([Record(1)], 0);
                fresh.Names.Should().NotContain("journal.db-journal", "fault after {0}", after).And.Contain("journal.db-wal");
            }
            catch (Exception exception) when (exception is JournalFileException or SqliteException)
            {
                fresh.FaultCount.Should().BePositive("fault after {0}: {1}", after, exception.Message);
            }
            FaultyVfs.Unmount(own);
        }
    }

    [Fact]
    public void A_commit_that_is_found_though_its_sync_was_dropped_is_there_for_good()
    {
        FailSync(Fault.ErrorPartly);
        Crash(null);
        using (var journal = SqliteJournal.Open(Uri))
        {
            journal.LastSequence.Should().Be(2, "the cache still shows it");
            Crash(PowerLoss.Nothing);
        }
        disk.Restart(PowerLoss.Nothing);
        using var again = SqliteJournal.Open(Uri);
        again.LastSequence.Should().Be(2);
        again.Read(1).Should().HaveCount(2);
    }

    [Fact]
    public void A_commit_that_is_not_found_does_not_come_back()
    {
        FailSync(Fault.ErrorBefore);
        using (var journal = SqliteJournal.Open(Uri))
        {
            journal.LastSequence.Should().Be(1, "closing after the failure left it out");
            disk.CutPower();
        }
        disk.Restart(PowerLoss.Prefix);
        for (var seed = 0UL; seed < 20; seed++)
        {
            var copy = disk.Copy();
            var own = FaultyVfs.Mount(copy);
            copy.CutPower();
            copy.Restart(PowerLoss.Everything);
            using var again = SqliteJournal.Open(FaultyVfs.UriOf(own, "journal.db"));
            again.LastSequence.Should().Be(1);
            FaultyVfs.Unmount(own);
        }
    }

    // Seed 7865: some of these commits begin a page, which the root of the table names then and the log on the disk does not know.
    [Fact]
    public void An_opening_that_failed_copies_nothing_that_the_disk_may_have_dropped()
    {
        for (var records = 1UL; records <= 20; records++)
        {
            for (var after = 3; after <= 8; after++)
            {
                DieCommitting(records, after);
            }
        }
    }

    // Seed 7904: SQLite had rolled back by itself, the rollback after it failed, and the connection stayed open with its locks.
    [Theory]
    [InlineData(Fault.Full)]
    [InlineData(Fault.ErrorBefore)]
    [InlineData(Fault.ErrorAfter)]
    [InlineData(Fault.ErrorPartly)]
    internal void An_opening_that_fails_at_any_change_says_why_and_leaves_nothing_open(Fault fault)
    {
        var failures = 0;
        for (var after = 0; after < 40; after++)
        {
            var own = new FaultyDisk(new Dice((ulong)after));
            var mounted = FaultyVfs.Mount(own);
            var uri = FaultyVfs.UriOf(mounted, "journal.db");
            own.Arm(fault, after);
            try
            {
                SqliteJournal.Open(uri).Dispose();
            }
            catch (JournalFileException exception)
            {
                failures++;
                exception.Message.Should().NotContain("rollback", "fault after {0}", after);
            }
            FaultyVfs.OpenFileCount(mounted).Should().Be(0, "fault after {0}", after);
            own.Relieve();
            FluentActions.Invoking(() => SqliteJournal.Open(uri).Dispose()).Should().NotThrow("fault after {0}", after);
            FaultyVfs.Unmount(mounted);
        }
        failures.Should().BeGreaterThan(3);
    }

    // The process dies while it commits one more record, the next one's sync of the log is dropped, and then the power goes.
    static void DieCommitting(ulong records, int after)
    {
        var own = new FaultyDisk(new Dice(records));
        var mounted = FaultyVfs.Mount(own);
        var uri = FaultyVfs.UriOf(mounted, "journal.db");
        for (var sequence = 1UL; sequence < records; sequence++)
        {
            using var earlier = SqliteJournal.Open(uri);
            earlier.Append([Record(sequence)], sequence - 1);
        }
        using (var journal = SqliteJournal.Open(uri))
        {
            journal.Append([Record(records)], records - 1);
            own.Arm(Fault.PowerAfter, after);
            try
            {
                journal.Append([Record(records + 1)], records);
            }
            catch (SqliteException)
            {
            }
            own.CutPower();
        }
        own.Restart(null);

        own.Arm(Fault.ErrorPartly, 0);
        FluentActions.Invoking(() => SqliteJournal.Open(uri)).Should().Throw<JournalFileException>("the log cannot be synced");
        own.CutPower();
        own.Restart(PowerLoss.Nothing);

        using (var again = SqliteJournal.Open(uri))
        {
            again.LastSequence.Should().BeOneOf([records, records + 1], "{0} records, power after {1}", records, after);
            again.Read(1).Should().HaveCount((int)again.LastSequence);
        }
        FaultyVfs.Unmount(mounted);
    }

    // One record that is durable, and a second whose sync fails.
    void FailSync(Fault fault)
    {
        var journal = SqliteJournal.Open(Uri);
        journal.Append([Record(1)], 0);
        var before = disk.OperationCount;
        journal.Append([Record(2)], 1);
        var changes = disk.OperationCount - before;
        journal.Dispose();
        Rewind();
        journal = SqliteJournal.Open(Uri);
        journal.Append([Record(1)], 0);
        disk.Arm(fault, changes - 1);
        FluentActions.Invoking(() => journal.Append([Record(2)], 1)).Should().Throw<SqliteException>();
        if (fault == Fault.ErrorPartly)
        {
            disk.CutPower();
        }
        journal.Dispose();
    }

    void Rewind()
    {
        foreach (var name in disk.Names)
        {
            disk.Delete(name, syncDirectory: true);
        }
    }

    void Crash(PowerLoss? loss)
    {
        disk.CutPower();
        if (loss is null)
        {
            disk.Restart(null);
        }
    }
}
