using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

public sealed class MemoryTileStoreTests : TileStoreKit
{
    readonly MemoryTileStore store = new();

    protected override ITileStore OpenStore() => store;
}
