using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

public sealed class MemoryJournalTests : JournalKit
{
    readonly MemoryJournal journal = new();

    protected override IJournal OpenJournal() => journal;
}
