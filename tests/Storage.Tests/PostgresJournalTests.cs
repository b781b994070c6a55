using Npgsql;
using OpenLedger.Ledger;
using OpenLedger.TestKit;

namespace OpenLedger.Storage.Tests;

public sealed class PostgresJournalTests(PostgresFixture postgres) : JournalKit, IAsyncLifetime
{
    PostgresDatabase database = null!;

    public async ValueTask InitializeAsync() => database = PostgresDatabase.Open(await postgres.NewDatabase());

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await database.DisposeAsync();
    }

    protected override IJournal OpenJournal() => database.OpenJournal();

    [Fact]
    public async Task A_commit_is_durable_whatever_the_database_is_set_to()
    {
        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;
        await Sql($"ALTER DATABASE \"{name}\" SET synchronous_commit = off");
        NpgsqlConnection.ClearPool(new NpgsqlConnection(database.ConnectionString));
        using var again = PostgresDatabase.Open(database.ConnectionString);
        using var journal = again.OpenJournal();
        journal.Setting("synchronous_commit").Should().Be("on");
    }

    [Theory]
    [InlineData("UPDATE journal SET payload = substr(payload, 1, length(payload) - 1) WHERE sequence = 4", 4)]
    [InlineData("UPDATE journal SET payload = decode(repeat('00', length(payload)), 'hex') WHERE sequence = 2", 2)]
    [InlineData("UPDATE journal SET hash = decode(repeat('00', 32), 'hex') WHERE sequence = 3", 3)]
    [InlineData("UPDATE journal SET hash = decode(repeat('00', 31), 'hex') WHERE sequence = 3", 3)]
    [InlineData("UPDATE journal SET timestamp_ns = timestamp_ns + 1 WHERE sequence = 5", 5)]
    [InlineData("UPDATE journal_head SET sequence = 4", 5)]
    [InlineData("DELETE FROM journal WHERE sequence = 3", 3)]
    [InlineData("DELETE FROM journal WHERE sequence = 6", 6)]
    [InlineData("DELETE FROM journal", 1)]
    public async Task Damage_is_noticed_and_the_record_named(string damage, ulong sequence)
    {
        using (var core = OpenCore())
        {
            Fill(core, 5);
        }
        await Sql(damage);
        FluentActions.Invoking(OpenCore).Should().Throw<JournalCorruptException>()
            .WithMessage($"record {sequence} of the journal*").Which.Sequence.Should().Be(sequence);
    }

    [Fact]
    public async Task A_broken_connection_leaves_the_outcome_unknown_until_the_journal_is_opened_again()
    {
        using var journal = database.OpenJournal();
        using var core = Samples.Open(journal, Signer);
        Fill(core, 2);
        await Sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        FluentActions.Invoking(() => core.Commit(Samples.Settlement(2))).Should().Throw<JournalUnavailableException>();
        core.IsPoisoned.Should().BeTrue();
        FluentActions.Invoking(() => journal.Append(Chain(default, 4, [1]), 3)).Should().Throw<JournalUnavailableException>();
        using var again = OpenCore();
        again.ReceiptCount.Should().Be(2, "the statement never reached the server");
        again.Commit(Samples.Settlement(2)).Receipts[0].Status.Should().Be(ReceiptStatus.Ok);
    }

    [Fact]
    public async Task A_killed_server_has_everything_that_was_acknowledged()
    {
        Assert.SkipWhen(PostgresServer.MissingReason is not null, PostgresServer.MissingReason ?? "");
        await using var server = await PostgresServer.Start(isDurable: true);
        using var own = PostgresDatabase.Open(await server.CreateDatabase());
        using var core = Samples.Open(own.OpenJournal(), Signer);
        Fill(core, 20);
        var root = core.Root;
        await server.Kill();
        FluentActions.Invoking(() => core.Commit(Samples.Settlement(20))).Should().Throw<JournalUnavailableException>();
        FluentActions.Invoking(own.OpenJournal).Should().Throw<JournalUnavailableException>();
        await server.StartAgain();
        using var again = Samples.Open(own.OpenJournal(), Signer);
        again.Root.Should().Be(root);
        again.Commit(Samples.Settlement(20)).Receipts[0].Status.Should().Be(ReceiptStatus.Ok);
    }

    async Task Sql(string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
