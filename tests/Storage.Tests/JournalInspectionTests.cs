using Npgsql;
using OpenLedger.Ledger;
using OpenLedger.TestKit;

namespace OpenLedger.Storage.Tests;

public sealed class JournalInspectionTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_database_is_checked_while_a_writer_goes_on_and_nothing_in_it_can_be_changed()
    {
        var connection = await postgres.NewDatabase();
        await using var database = PostgresDatabase.Open(connection);
        using var signer = Samples.Signer();
        _ = database.ClaimLogKey(signer.Verifier.ToString());
        using var core = LedgerCore.Open(
            database.OpenJournal(), signer, TimeProvider.System, IdSource.FromSeed(3), database.OpenTiles());
        _ = core.Commit(Samples.Genesis);
        for (var i = 0; i < 140; i++)
        {
            _ = core.Commit(Samples.Settlement(i));
        }

        using var inspection = JournalInspection.OfDatabase(connection);
        using var journal = inspection.OpenJournal();
        _ = core.Commit(Samples.Settlement(140));
        var claim = JournalInspection.ClaimOf("kept", core.SignedCheckpoint(), inspection.LogKey);
        var report = LedgerFsck.Check(journal, new FsckClaims([claim], inspection.Tiles, inspection.MayGrow));

        report.Problems.Should().BeEmpty();
        report.Root.Should().Be(core.Root);
        report.CheckpointsAgreed.Should().Be(1);
        report.TilesAgreed.Should().BeGreaterThanOrEqualTo(2);
        FluentActions.Invoking(() => journal.Append([JournalRecord.Create(999, 1, default, [])], 998)).Should().Throw<Exception>();
        core.Commit(Samples.Settlement(141)).TransfersStand.Should().BeTrue();
    }

    [Fact]
    public async Task A_rewritten_tile_in_a_database_is_named()
    {
        var connection = await postgres.NewDatabase();
        await using var database = PostgresDatabase.Open(connection);
        using var signer = Samples.Signer();
        using (var core = LedgerCore.Open(
            database.OpenJournal(), signer, TimeProvider.System, IdSource.FromSeed(3), database.OpenTiles()))
        {
            _ = core.Commit(Samples.Genesis);
            for (var i = 0; i < 140; i++)
            {
                _ = core.Commit(Samples.Settlement(i));
            }
        }
        await using (var source = NpgsqlDataSource.Create(connection))
        {
            await using var command = source.CreateCommand(
                "UPDATE log_tile SET content = set_byte(content, 400, 255 - get_byte(content, 400)) WHERE path = 'tile/0/000'");
            (await command.ExecuteNonQueryAsync()).Should().Be(1);
        }

        using var inspection = JournalInspection.OfDatabase(connection);
        using var journal = inspection.OpenJournal();
        var report = LedgerFsck.Check(journal, new FsckClaims([], inspection.Tiles, inspection.MayGrow));

        report.Problems.Should().ContainSingle().Which.Problem.Should().Contain("log/tile/0/000").And.Contain("entry 12 of the log");
    }

    [Fact]
    public async Task A_database_without_a_network_is_refused()
    {
        var connection = await postgres.NewDatabase();
        FluentActions.Invoking(() => JournalInspection.OfDatabase(connection)).Should().Throw<DatabaseException>()
            .WithMessage("*holds no network*");
    }
}
