using Microsoft.Data.Sqlite;
using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

public sealed class SqliteJournalTests : JournalKit
{
    readonly TemporaryFolder folder = new();

    string JournalPath => folder.File("journal.db");

    public override void Dispose()
    {
        base.Dispose();
        folder.Dispose();
    }

    protected override IJournal OpenJournal() => SqliteJournal.Open(JournalPath);

    [Fact]
    public void The_journal_is_durable_by_its_settings()
    {
        using var journal = SqliteJournal.Open(JournalPath);
        Sql("PRAGMA journal_mode").Should().Be("wal");
        journal.Synchronous.Should().Be(2, "2 is FULL: a commit is on the disk before it is acknowledged");
    }

    [Fact]
    public void A_write_that_does_not_fit_on_the_disk_leaves_nothing_half_written()
    {
        using (var journal = SqliteJournal.Open(JournalPath))
        {
            using var core = Samples.Open(journal, Signer);
            Fill(core, 3);
            journal.LimitPages(1);
            FluentActions.Invoking(() =>
            {
                for (var i = 3; i < 100; i++)
                {
                    _ = core.Commit(Samples.Settlement(i));
                }
            }).Should().Throw<SqliteException>().WithMessage("*full*");
            core.IsPoisoned.Should().BeTrue();
        }
        using var again = OpenCore();
        var settled = (int)again.ReceiptCount;
        again.FindBalance(SystemAccounts.Platform)!.Posted.Should().Be(Amount.FromOpen((ulong)settled));
        again.LastSequence.Should().Be((ulong)settled + 1);
        again.Commit(Samples.Settlement(settled)).Receipts[0].Status.Should().Be(ReceiptStatus.Ok);
    }

    [Theory]
    [InlineData("UPDATE journal SET payload = substr(payload, 1, length(payload) - 1) WHERE sequence = 4", 4)]
    [InlineData("UPDATE journal SET payload = zeroblob(length(payload)) WHERE sequence = 2", 2)]
    [InlineData("UPDATE journal SET hash = zeroblob(32) WHERE sequence = 3", 3)]
    [InlineData("UPDATE journal SET hash = zeroblob(31) WHERE sequence = 3", 3)]
    [InlineData("UPDATE journal SET previous = 'text' WHERE sequence = 3", 3)]
    [InlineData("UPDATE journal SET timestamp_ns = timestamp_ns + 1 WHERE sequence = 5", 5)]
    [InlineData("DELETE FROM journal WHERE sequence = 3", 3)]
    [InlineData("DELETE FROM journal WHERE sequence = 6", 6)]
    [InlineData("DELETE FROM journal", 1)]
    public void Damage_is_noticed_and_the_record_named(string damage, ulong sequence)
    {
        using (var core = OpenCore())
        {
            Fill(core, 5);
        }
        _ = Sql(damage);
        FluentActions.Invoking(OpenCore).Should().Throw<JournalCorruptException>()
            .WithMessage($"record {sequence} of the journal*").Which.Sequence.Should().Be(sequence);
    }

    [Fact]
    public void A_torn_tail_of_the_write_ahead_log_leaves_a_whole_prefix()
    {
        // The files as a crash would leave them: copied while open, then cut at any place.
        var wal = JournalPath + "-wal";
        byte[] walBytes;
        byte[] fileBytes;
        using (var core = OpenCore())
        {
            Fill(core, 8);
            fileBytes = ReadShared(JournalPath);
            walBytes = ReadShared(wal);
        }
        var seen = new HashSet<int>();
        for (var cut = 0; cut <= walBytes.Length; cut += walBytes.Length / 25)
        {
            File.Delete(JournalPath + "-shm");
            File.WriteAllBytes(JournalPath, fileBytes);
            File.WriteAllBytes(wal, walBytes[..(walBytes.Length - cut)]);
            using var core = OpenCore();
            core.Audit().Conserved.Should().BeTrue();
            if (core.LastSequence > 0)
            {
                core.FindBalance(SystemAccounts.Platform)!.Posted.Should().Be(Amount.FromOpen((ulong)(int)core.ReceiptCount));
                ((int)core.LastSequence).Should().Be((int)core.ReceiptCount + 1);
            }
            _ = seen.Add((int)core.ReceiptCount);
        }
        seen.Should().Contain(8, "an uncut log holds everything").And.HaveCountGreaterThan(3, "the cuts reach into it");
    }

    [Fact]
    public void What_is_not_a_journal_is_refused_and_left_alone()
    {
        File.WriteAllText(JournalPath, new string('x', 5000));
        FluentActions.Invoking(() => SqliteJournal.Open(JournalPath))
            .Should().Throw<JournalFileException>().WithMessage($"*{JournalPath}*");
        File.ReadAllText(JournalPath).Should().Be(new string('x', 5000));
        FluentActions.Invoking(() => SqliteJournal.Open(folder.File("no/such/journal.db"))).Should().Throw<JournalFileException>();
    }

    [Fact]
    public void A_journal_of_another_version_is_refused()
    {
        SqliteJournal.Open(JournalPath).Dispose();
        _ = Sql("UPDATE journal_head SET schema_version = 9");
        FluentActions.Invoking(() => SqliteJournal.Open(JournalPath)).Should().Throw<JournalFileException>().WithMessage("*version 9*");
    }

    string? Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={JournalPath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }

    static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
