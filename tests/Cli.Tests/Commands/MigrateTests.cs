using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using OpenLedger.Ledger;
using OpenLedger.Storage;
using OpenLedger.TestKit;

namespace OpenLedger.Cli.Tests.Commands;

[Collection(SettledFolder.Name)]
public sealed class MigrateTests(SettledFolder settled, PostgresFixture postgres)
{
    [Fact]
    public async Task A_data_folder_moves_to_postgres_with_the_same_root_and_stays_as_it_was()
    {
        var target = await postgres.NewDatabase();
        var before = Fingerprint(settled.Data);

        var result = await Migrate("--from", settled.Data, "--to", target, "--json");

        result.ExitCode.Should().Be(0, result.Error);
        Fingerprint(settled.Data).Should().BeEquivalentTo(before, "the source is never changed");
        using var json = JsonDocument.Parse(result.Output);
        var copy = json.RootElement.GetProperty("copy");
        copy.GetProperty("logRoot").GetString().Should().Be(settled.Root);
        copy.GetProperty("logKey").GetString().Should().Be(settled.Key);
        copy.GetProperty("receipts").GetInt32().Should().BeGreaterThan(1);
        await using var database = PostgresDatabase.Open(target);
        using var signer = new NoteSigner("replay.example/log", Ed25519PrivateKey.FromSeed(new byte[32]));
        using var core = LedgerCore.Open(database.OpenJournal(), signer, TimeProvider.System, IdSource.FromSeed(1));
        core.Root.ToString().Should().Be(settled.Root);
        core.FindReceipt(settled.ReceiptId).Should().NotBeNull();
        core.Audit().Conserved.Should().BeTrue();
        foreach (var blob in Directory.GetFiles(Path.Combine(settled.Data, "blobs", "sha256"), "*", SearchOption.AllDirectories))
        {
            var hash = ContentHash.Parse("sha256:" + Path.GetFileName(blob));
            database.Blobs.ReadVerified(hash).Should().Equal(await File.ReadAllBytesAsync(blob));
        }
        database.ClaimLogKey("another").Should().Be(settled.Key);
        (await Rows(target, "OrleansStorage")).Should().Be(copy.GetProperty("grainStates").GetInt64()).And.BePositive();
    }

    [Fact]
    public async Task A_database_in_use_is_refused_and_left_as_it_was()
    {
        var target = await postgres.NewDatabase();
        (await Migrate("--from", settled.Data, "--to", target)).ExitCode.Should().Be(0);
        var records = await Rows(target, "journal");

        (await Migrate("--from", settled.Data, "--to", target)).ShouldBeRefusedAfterProgress("*is not empty*name a new one*");

        (await Rows(target, "journal")).Should().Be(records);
    }

    [Fact]
    public async Task A_copy_that_broke_off_leaves_no_table_half_full_and_can_be_repeated()
    {
        var target = await postgres.NewDatabase();
        await using (var database = PostgresDatabase.Open(target))
        {
            await using var trap = database.DataSource.CreateCommand("""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$;
                CREATE TRIGGER trap BEFORE INSERT ON journal FOR EACH ROW WHEN (new.sequence = 3) EXECUTE FUNCTION refuse()
                """);
            await trap.ExecuteNonQueryAsync();
        }

        (await Migrate("--from", settled.Data, "--to", target)).ShouldBeRefusedAfterProgress("*failed, and can be repeated*disk is full*");

        (await Rows(target, "OrleansStorage")).Should().Be(0);
        (await Rows(target, "journal")).Should().Be(0);
        (await Rows(target, "log_key")).Should().Be(0);
        var blobs = await Rows(target, "blob");
        blobs.Should().BePositive("what is named by its content can stay");
        await Sql(target, "DROP TRIGGER trap ON journal");
        var again = await Migrate("--from", settled.Data, "--to", target);
        again.ExitCode.Should().Be(0, again.Error);
        again.Output.Should().Contain(settled.Root).And.Contain("OpenLedger__LogKeyFile").And.Contain(Path.Combine("keys", "log.key"));
        (await Rows(target, "blob")).Should().Be(blobs);
    }

    [Fact]
    public async Task A_copy_that_differs_is_noticed_and_taken_back()
    {
        var target = await postgres.NewDatabase();
        await using (var database = PostgresDatabase.Open(target))
        {
            await using var trap = database.DataSource.CreateCommand("""
                CREATE FUNCTION twist() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.version := new.version + 1; RETURN new; END $$;
                CREATE TRIGGER trap BEFORE INSERT ON OrleansStorage FOR EACH ROW EXECUTE FUNCTION twist()
                """);
            await trap.ExecuteNonQueryAsync();
        }

        (await Migrate("--from", settled.Data, "--to", target)).ShouldBeRefusedAfterProgress("*not what was copied*grain state differs*");

        (await Rows(target, "OrleansStorage")).Should().Be(0);
    }

    [Fact]
    public async Task The_schema_alone_is_brought_up_to_date_and_then_there_is_nothing_to_do()
    {
        var target = await postgres.NewDatabase();
        var first = await Migrate("--to", target);
        first.ExitCode.Should().Be(0, first.Error);
        first.Output.Should().Contain("version 0 →");
        (await Migrate("--to", target)).Output.Should().Contain("nothing to do");
    }

    [Fact]
    public async Task A_mistake_is_named_without_the_password()
    {
        var target = "Host=127.0.0.1;Port=1;Username=ada;Password=s3cret;Database=books";
        (await Migrate("--to", target)).ShouldBeRefused("*ada@127.0.0.1:1/books*");
        (await Migrate("--to", target)).Error.Should().NotContain("s3cret");
        (await Migrate("--to", target, "--from", settled.Folder)).ShouldBeRefused("*no data folder at*");
    }

    static async Task<CommandResult> Migrate(params string[] arguments) =>
        await CommandLine.Run(AppContext.BaseDirectory, ["migrate", .. arguments]);

    static Dictionary<string, string> Fingerprint(string folder) => Directory
        .GetFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(
            file => file,
            file => $"{File.GetLastWriteTimeUtc(file):O} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}",
            StringComparer.Ordinal);

    static async Task<long> Rows(string target, string table) => (long)(await Sql(target, $"SELECT count(*) FROM {table}"))!;

    static async Task<object?> Sql(string target, string sql)
    {
        await using var connection = new NpgsqlConnection(target + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
