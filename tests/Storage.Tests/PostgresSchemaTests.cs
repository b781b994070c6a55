using Npgsql;
using OpenLedger.TestKit;

namespace OpenLedger.Storage.Tests;

public sealed class PostgresSchemaTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_fresh_database_gets_every_step_and_a_second_start_none()
    {
        var text = await postgres.NewDatabase();
        PostgresSchema.Migrate(text).Should().BeEquivalentTo(new { From = 0, To = PostgresSchema.Version });
        var again = PostgresSchema.Migrate(text);
        again.Applied.Should().BeEmpty();
        again.From.Should().Be(PostgresSchema.Version);
    }

    [Fact]
    public async Task Of_many_that_start_at_once_one_applies_each_step()
    {
        var text = await postgres.NewDatabase();
        var reports = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Factory.StartNew(
            () => PostgresSchema.Migrate(text), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        reports.Sum(report => report.Applied.Count).Should().Be(PostgresSchema.Version);
        reports.Should().OnlyContain(report => report.To == PostgresSchema.Version);
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused_and_left_alone()
    {
        var text = await postgres.NewDatabase();
        _ = PostgresSchema.Migrate(text);
        await Sql(text, "INSERT INTO openledger_migrations (version, name) VALUES (99, 'of tomorrow')");
        FluentActions.Invoking(() => PostgresDatabase.Open(text)).Should().Throw<DatabaseException>().WithMessage("*version 99*newer*");
    }

    [Fact]
    public async Task A_step_that_fails_leaves_nothing_behind_and_can_be_repeated()
    {
        var text = await postgres.NewDatabase();
        await Sql(text, "CREATE TABLE blob_chunk (other INTEGER)");
        FluentActions.Invoking(() => PostgresSchema.Migrate(text)).Should().Throw<DatabaseException>().WithMessage("*blob_chunk*");
        (await Sql(text, "SELECT to_regclass('orleansquery') IS NULL AND to_regclass('openledger_migrations') IS NULL")).Should().Be(true);
        await Sql(text, "DROP TABLE blob_chunk");
        PostgresSchema.Migrate(text).To.Should().Be(PostgresSchema.Version);
    }

    [Fact]
    public async Task A_role_that_may_create_nothing_can_use_what_is_there()
    {
        var text = await postgres.NewDatabase();
        _ = PostgresSchema.Migrate(text);
        var role = "teller_" + new NpgsqlConnectionStringBuilder(text).Database;
        await Sql(text, $"CREATE ROLE {role} LOGIN; GRANT SELECT ON openledger_migrations TO {role}");
        PostgresSchema.Migrate(new NpgsqlConnectionStringBuilder(text) { Username = role }.ToString()).Applied.Should().BeEmpty();
    }

    [Fact]
    public async Task The_first_to_name_the_log_s_key_decides()
    {
        using var database = PostgresDatabase.Open(await postgres.NewDatabase());
        database.ClaimLogKey("one").Should().Be("one");
        database.ClaimLogKey("two").Should().Be("one");
        database.ClaimLogKey("one").Should().Be("one");
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=ada;Password=s3cret;Database=books", "*ada@127.0.0.1:1/books*")]
    [InlineData("Database=books;Password=s3cret", "*no host*")]
    [InlineData("Host=127.0.0.1;Password=s3;cret=1", "*cannot be read*")]
    [InlineData("s3cret", "*cannot be read*")]
    public void What_cannot_be_reached_or_read_is_named_without_its_password(string text, string expected)
    {
        var message = FluentActions.Invoking(() => PostgresDatabase.Open(text)).Should().Throw<DatabaseException>().Which.Message;
        message.Should().Match(expected).And.NotContain("s3").And.NotContain("cret");
    }

    static async Task<object?> Sql(string text, string sql)
    {
        await using var connection = new NpgsqlConnection(text + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
