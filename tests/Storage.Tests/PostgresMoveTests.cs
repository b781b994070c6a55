using Microsoft.Data.Sqlite;
using Npgsql;
using OpenLedger.Ledger;
using OpenLedger.TestKit;

namespace OpenLedger.Storage.Tests;

/// <summary>What is in a data folder arrives in PostgreSQL as it is, or nothing does.</summary>
public sealed class PostgresMoveTests(PostgresFixture postgres) : IAsyncLifetime
{
    readonly TemporaryFolder folder = new();
    readonly List<string> parts = [];
    PostgresDatabase target = null!;
    ContentHash root;
    ContentHash blob;

    string Data => folder.File("data");

    public async ValueTask InitializeAsync()
    {
        using (var data = DataFolder.Open(Data, IdSource.FromSeed(5)))
        {
            using var signer = data.OpenSigner();
            using var core = Samples.Open(data.OpenJournal(), signer);
            JournalKit.Fill(core, 300);
            root = core.Root;
            blob = data.Blobs.Put(new byte[3_000_000]);
            _ = GrainStateTables.Create(data.StatePath);
        }
        Sql("""
            INSERT INTO OrleansStorage VALUES
                ('openledger', 'datanet', 'dn_one', x'7B7D', 7), ('openledger', 'datanet', 'dn_''; -- é𝄞', NULL, 2),
                ('other', 'datanet', 'dn_one', x'', 1);
            INSERT INTO OrleansRemindersTable VALUES
                ('openledger', 'ledger/bk_main', 'sweep', '2026-11-24 12:30:15.1234567', 90000000000, -2147483648, 3)
            """);
        target = PostgresDatabase.Open(await postgres.NewDatabase());
    }

    public async ValueTask DisposeAsync()
    {
        await target.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Everything_arrives()
    {
        var report = await Move();
        report.Should().BeEquivalentTo(new
        {
            GrainStates = 3L, Reminders = 1L, JournalRecords = 301UL, Blobs = 1L, BlobBytes = 3_000_000L, LogRoot = root,
            Receipts = 300,
        });
        parts.Distinct().Should().Equal("blobs", "grain state", "reminders", "journal", "checking");
        using var signer = Samples.Signer();
        using var core = Samples.Open(target.OpenJournal(), signer);
        core.Root.Should().Be(root);
        target.Blobs.ReadVerified(blob).Should().HaveCount(3_000_000);
        (await Rows("""
            SELECT concat_ws(
                '|', ServiceId, GrainTypeString, GrainIdExtensionString, coalesce(encode(PayloadBinary, 'hex'), 'none'), Version)
            FROM OrleansStorage
            """)).Should().BeEquivalentTo(
            "openledger|datanet|dn_one|7b7d|7", "openledger|datanet|dn_'; -- é𝄞|none|2", "other|datanet|dn_one||1");
        (await Rows("""
            SELECT concat_ws('|', ServiceId, GrainId, ReminderName, StartTime AT TIME ZONE 'UTC', Period, GrainHash, Version)
            FROM OrleansRemindersTable
            """)).Should().Equal("openledger|ledger/bk_main|sweep|2026-11-24 12:30:15.123456|90000000000|-2147483648|3");
    }

    [Fact]
    public void A_folder_in_use_is_refused()
    {
        using var data = DataFolder.Open(Data, IdSource.FromSeed(5));
        FluentActions.Invoking(() => DataFolderSnapshot.Open(Data))
            .Should().Throw<DataFolderException>().WithMessage("*in use by another*");
    }

    [Fact]
    public void A_folder_that_is_being_copied_cannot_be_started_on()
    {
        using (DataFolderSnapshot.Open(Data))
        {
            FluentActions.Invoking(() => DataFolder.Open(Data, IdSource.FromSeed(5))).Should().Throw<DataFolderException>();
        }
        DataFolder.Open(Data, IdSource.FromSeed(5)).Dispose();
    }

    [Fact]
    public async Task A_damaged_blob_is_named_and_nothing_is_copied()
    {
        await File.AppendAllTextAsync(Path.Combine(Data, "blobs", "sha256", blob.Hex[..2], blob.Hex), "x");
        await FluentActions.Awaiting(Move).Should().ThrowAsync<BlobDamagedException>().WithMessage($"*{blob}*");
        (await Rows("SELECT 'x' FROM blob UNION ALL SELECT 'x' FROM journal")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_damaged_journal_is_named_and_nothing_is_copied()
    {
        Sql("UPDATE journal SET payload = zeroblob(length(payload)) WHERE sequence = 7", "journal.db");
        await FluentActions.Awaiting(Move).Should().ThrowAsync<JournalCorruptException>().WithMessage("record 7*");
        (await Rows("SELECT 'x' FROM blob UNION ALL SELECT 'x' FROM journal")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_database_of_another_log_is_refused()
    {
        _ = target.ClaimLogKey("another.example/log+00000000+AAAA");
        await FluentActions.Awaiting(Move).Should().ThrowAsync<DatabaseException>().WithMessage("*log with another key*");
        (await Rows("SELECT 'x' FROM OrleansStorage UNION ALL SELECT 'x' FROM journal")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_key_that_postgres_cannot_hold_is_refused_and_nothing_is_copied()
    {
        Sql("INSERT INTO OrleansStorage VALUES ('openledger', 'datanet', 'dn_' || char(0) || 'x', x'7B7D', 1)");
        await FluentActions.Awaiting(Move).Should().ThrowAsync<DatabaseException>().WithMessage("*0x00*");
        (await Rows("SELECT 'x' FROM OrleansStorage UNION ALL SELECT 'x' FROM journal")).Should().BeEmpty();
    }

    async Task<MoveReport> Move()
    {
        using var source = DataFolderSnapshot.Open(Data);
        return await new PostgresMove(source, target, TimeProvider.System, new Recorder(parts)).Run();
    }

    void Sql(string sql, string file = "state.db")
    {
        using var connection = new SqliteConnection(GrainStateTables.ConnectionString(Path.Combine(Data, file)));
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        _ = command.ExecuteNonQuery();
    }

    async Task<List<string>> Rows(string sql)
    {
        await using var command = new NpgsqlCommand(sql, await target.DataSource.OpenConnectionAsync());
        await using var connection = command.Connection!;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }
        return rows;
    }

    sealed class Recorder(List<string> parts) : IProgress<MoveProgress>
    {
        public void Report(MoveProgress value) => parts.Add(value.Part);
    }
}
