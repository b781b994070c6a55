namespace OpenLedger.Ledger;

/// <content>
/// A snapshot: the whole book in bytes, taken while it goes on. Accounts and holds are copied in steps; the names, which only grow, and the
/// records, which never change, need no copy.
/// </content>
public sealed partial class Book
{
    const int AccountBlocksPerStep = 256;
    const int HoldTablesPerStep = 64;

    AccountsCopy? copying;

    /// <summary>Whether all old transfers and their index are in their files, so that a snapshot may begin.</summary>
    internal bool IsWritten() => transfers.IsWritten();

    /// <summary>Names of the files of its index.</summary>
    internal IEnumerable<string> FileNames => transfers.Archive.RunNames;

    /// <summary>Names of files of its index that have become useless since the last time.</summary>
    internal IReadOnlyList<string> TakeRetired() => transfers.Archive.TakeRetired();

    /// <summary>Begins a snapshot of this moment, between two batches.</summary>
    internal BookCopy BeginSnapshot()
    {
        Invariant.Check(copying is null, "a snapshot begins while another is being made");
        copying = new AccountsCopy(accounts.Count);
        openHolds.BeginCopy();
        return new BookCopy(accounts.Count, LastTimestampNs, expiredCount, transfers.Save());
    }

    /// <summary>Copies some more; true once the copy is whole.</summary>
    internal bool StepSnapshot(BookCopy copy)
    {
        copying!.Step(accounts, AccountBlocksPerStep);
        copy.OpenHolds ??= openHolds.StepCopy(HoldTablesPerStep);
        if (!copying.IsComplete || copy.OpenHolds is null)
        {
            return false;
        }
        copy.Accounts = copying.ToBytes();
        copying = null;
        return true;
    }

    /// <summary>The names of the accounts of a copy; may be read on another thread while the book goes on.</summary>
    internal void WriteNames(CanonicalWriter writer, int count)
    {
        for (var i = 1; i < count; i++)
        {
            writer.Text(names[i], AccountNameLengthMax);
        }
    }

    /// <summary>Takes over what a snapshot holds; the book must be new.</summary>
    internal void Restore(BookCopy copy, ref CanonicalReader nameReader)
    {
        Invariant.Check(accounts.Count == 1 && transfers.Count == 0, "a book is restored that is not new");
        var packed = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, PackedAccount>(copy.Accounts.Span);
        for (var number = 1; number < copy.AccountCount; number++)
        {
            var state = packed[number].Unpack();
            _ = accounts.Add(packed[number]);
            var name = nameReader.Text(AccountNameLengthMax, "account name");
            _ = names.Add(name);
            numbers.Add(name, number);
            unchecked
            {
                debitsPending += state.DebitsPending;
                debitsPosted += state.DebitsPosted;
                creditsPending += state.CreditsPending;
                creditsPosted += state.CreditsPosted;
            }
        }
        LastTimestampNs = copy.LastTimestampNs;
        expiredCount = copy.ExpiredCount;
        transfers.Restore(copy.Transfers, AddKeys);
        foreach (var number in copy.OpenHolds!)
        {
            _ = openHolds.Add(number);
            Schedule(number, transfers[number]);
        }
        CheckConservation();
    }

    static void AddKeys(RecordTable<TransferEntry> table, TransferEntry entry, long number)
    {
        // The line of an expiry has no id.
        if (entry.Id != UInt128.Zero)
        {
            table.AddKey(RecordKeys.OfId(entry.Id), number);
        }
        if (entry.Resolves)
        {
            table.AddKey(RecordKeys.OfResolution(entry.PendingNumber), number);
        }
    }
}

/// <summary>A book at one moment.</summary>
sealed class BookCopy(int accountCount, ulong lastTimestampNs, long expiredCount, RecordTableState<TransferEntry> transfers)
{
    public int AccountCount => accountCount;

    public ulong LastTimestampNs => lastTimestampNs;

    public long ExpiredCount => expiredCount;

    public RecordTableState<TransferEntry> Transfers => transfers;

    public long[]? OpenHolds { get; set; }

    public ReadOnlyMemory<byte> Accounts { get; set; }
}
