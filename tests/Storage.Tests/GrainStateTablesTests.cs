using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace OpenLedger.Storage.Tests;

public sealed class GrainStateTablesTests : ProviderTablesKit, IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly string path;

    public GrainStateTablesTests()
    {
        path = folder.File("state.db");
        _ = GrainStateTables.Create(path);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Creating_twice_keeps_the_records()
    {
        _ = Write("acct_one", null, 1);
        var report = GrainStateTables.Create(path);
        report.Applied.Should().BeEmpty();
        report.From.Should().Be(report.To);
        Read("acct_one").Should().Be((1, (byte?)1));
    }

    [Fact]
    public void Records_of_the_first_release_are_taken_over()
    {
        var old = folder.File("old.db");
        Sql(old, """
            CREATE TABLE GrainState (
                ServiceId TEXT NOT NULL, GrainTypeString TEXT NOT NULL, GrainIdExtensionString TEXT NOT NULL, PayloadBinary BLOB NULL,
                Version BIGINT NOT NULL, PRIMARY KEY (ServiceId, GrainTypeString, GrainIdExtensionString));
            INSERT INTO GrainState VALUES ('dev', 'state', 'acct_one', x'07', 3), ('another', 'state', 'acct_two', NULL, 2);
            """);
        GrainStateTables.Create(old).Should().BeEquivalentTo(new { From = 0, To = 1 });
        using var connection = new SqliteConnection(GrainStateTables.ConnectionString(old));
        connection.Open();
        using var command = new SqliteCommand(
            "SELECT group_concat(ServiceId || ' ' || GrainIdExtensionString || Version) FROM OrleansStorage", connection);
        command.ExecuteScalar().Should().Be("openledger acct_one3,another acct_two2");
    }

    [Fact]
    public void A_file_of_a_newer_program_is_refused_and_left_alone()
    {
        Sql(path, "INSERT INTO openledger_migrations (version, name) VALUES (9, 'of tomorrow')");
        FluentActions.Invoking(() => GrainStateTables.Create(path)).Should().Throw<DatabaseException>().WithMessage("*version 9*newer*");
    }

    [Fact]
    public void A_file_of_something_else_is_refused()
    {
        var other = folder.File("other.db");
        File.WriteAllText(other, "no database, and long enough to be taken for the head of one: " + new string('x', 200));
        FluentActions.Invoking(() => GrainStateTables.Create(other)).Should().Throw<DataFolderException>().WithMessage($"*{other}*");
    }

    [Fact]
    public async Task Several_may_create_the_tables_at_once()
    {
        var shared = folder.File("shared.db");
        var reports = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => GrainStateTables.Create(shared))));
        reports.Should().OnlyContain(report => report.To == 1);
    }

    protected override DbConnection Connect()
    {
        var connection = new SqliteConnection(GrainStateTables.ConnectionString(path));
        connection.Open();
        return connection;
    }

    static void Sql(string file, string sql)
    {
        using var connection = new SqliteConnection(GrainStateTables.ConnectionString(file));
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        _ = command.ExecuteNonQuery();
    }
}
