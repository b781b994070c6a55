using OpenLedger.Ledger;
using OpenLedger.TestKit;

namespace OpenLedger.Storage.Tests;

public sealed class PostgresLedgerFilesTests(PostgresFixture postgres) : LedgerFilesKit, IAsyncLifetime
{
    readonly TemporaryFolder folder = new();
    PostgresDatabase database = null!;
    int siloCount;

    public async ValueTask InitializeAsync() => database = PostgresDatabase.Open(await postgres.NewDatabase());

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }

    // Each time another silo, which has nothing of its own.
    protected override ILedgerFiles Open() => new PostgresLedgerFiles(database.DataSource, folder.File($"silo{siloCount++}"));

    [Fact]
    public void What_a_silo_has_already_is_not_fetched_again()
    {
        var own = folder.File("same");
        using (var files = new PostgresLedgerFiles(database.DataSource, own))
        {
            files.Write("segment-1", [new byte[3_000_000]]);
        }
        var written = File.GetCreationTimeUtc(Path.Combine(own, "segment-1"));
        using var again = new PostgresLedgerFiles(database.DataSource, own);
        using var file = again.Open("segment-1")!;
        file.Bytes.Length.Should().Be(3_000_000);
        File.GetCreationTimeUtc(Path.Combine(own, "segment-1")).Should().Be(written);
    }

    [Fact]
    public void What_a_silo_kept_of_another_time_is_not_believed()
    {
        var own = folder.File("again");
        using (var files = new PostgresLedgerFiles(database.DataSource, own))
        {
            files.Write("snapshot-1", [new byte[] { 1 }]);
        }
        using (var other = Open())
        {
            other.Write("snapshot-1", [new byte[] { 2 }]);
        }
        using var again = new PostgresLedgerFiles(database.DataSource, own);
        using var file = again.Open("snapshot-1")!;
        file.Bytes.ToArray().Should().Equal(2);
    }
}
