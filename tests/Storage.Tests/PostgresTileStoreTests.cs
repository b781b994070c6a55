using OpenLedger.Ledger;
using OpenLedger.TestKit;

namespace OpenLedger.Storage.Tests;

public sealed class PostgresTileStoreTests(PostgresFixture postgres) : TileStoreKit, IAsyncLifetime
{
    PostgresDatabase database = null!;

    public async ValueTask InitializeAsync() => database = PostgresDatabase.Open(await postgres.NewDatabase());

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await database.DisposeAsync();
    }

    protected override ITileStore OpenStore() => new PostgresTileStore(database.DataSource);

    [Fact]
    public async Task A_database_that_does_not_answer_is_said_to_be_unreachable()
    {
        var store = OpenStore();
        await database.DisposeAsync();
        FluentActions.Invoking(() => store.Read(new LogTile(0, 0, 256))).Should().Throw<TileStoreException>().WithMessage("*reached*");
    }
}
