using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

public sealed class MemoryLedgerFilesTests : LedgerFilesKit
{
    readonly MemoryLedgerFiles files = new();

    protected override ILedgerFiles Open() => files;
}
