using System.Globalization;
using System.Runtime.InteropServices;

namespace OpenLedger.Ledger;

/// <content>
/// Snapshots: the state after one record, so that a start need not replay what stands before it. One is begun between two commits when
/// enough has been written since the last; accounts and holds are copied a little with every commit, the rest is written on another thread.
/// The journal stays whole: it is the truth, and <c>openledger fsck</c> recomputes everything from it.
/// </content>
public sealed partial class LedgerCore
{
    const string SnapshotPrefix = "snapshot-";
    const int SnapshotsKept = 2;

    SnapshotHead? copying;
    BookCopy? bookCopy;
    bool isWritingSnapshot;
    long recordsSince;
    long transfersAtSnapshot;
    long payloadSizeBytesSince;
    IReadOnlyList<string> retiredBefore = [];

    /// <summary>Sequence of the newest snapshot that is durable; 0 where there is none.</summary>
    public ulong SnapshotSequence { get; private set; }

    static LedgerCore Restored(Func<LedgerCore> create, ILedgerFiles files)
    {
        foreach (var name in files.List().Where(name => name.StartsWith(SnapshotPrefix, StringComparison.Ordinal)).Reverse().ToList())
        {
            var core = create();
            try
            {
                core.Restore(name);
                return core;
            }
            catch (Exception exception) when (exception is LedgerFileException or CanonicalFormatException or LogEdgeException)
            {
                // A snapshot that is damaged, or whose files are, is as good as none: an older one or the journal says the same.
                core.Forget();
            }
        }
        return create();
    }

    static string SnapshotName(ulong sequence) => SnapshotPrefix + sequence.ToString("d20", CultureInfo.InvariantCulture);

    void Restore(string name)
    {
        using var file = files.Open(name) ?? throw new LedgerFileException(name, "is missing");
        LedgerFileFormat.Verify(name, file.Bytes);
        var reader = new CanonicalReader(file.Bytes[..^LedgerFileFormat.HashSizeBytes]);
        var head = SnapshotHead.Read(ref reader);
        CheckAgainstJournal(head);
        var copy = SnapshotFormat.ReadBook(ref reader, head);
        book.Restore(copy, ref reader);
        receipts.Restore(SnapshotFormat.ReadTable<ReceiptEntry>(ref reader), (table, entry, number) =>
            table.AddKey(RecordKeys.OfId(entry.IdHash), number));
        reader.End();
        log = MerkleLog.Restore(tiles, head.TreeSize, head.Edge);
        (LastSequence, lastHash) = (head.Sequence, head.LastHash);
        SnapshotSequence = head.Sequence;
        transfersAtSnapshot = book.TransferCount;
        // What no snapshot names was made for one that never came to be.
        var live = book.FileNames.Concat(receipts.Archive.RunNames).ToHashSet(StringComparer.Ordinal);
        foreach (var leftover in files.List().Where(file => file.Contains("-ids-", StringComparison.Ordinal) && !live.Contains(file)))
        {
            files.Delete(leftover);
        }
    }

    // A journal that ends before a snapshot of it has lost records that were acknowledged.
    void CheckAgainstJournal(SnapshotHead head)
    {
        var last = journal.LastSequence;
        if (last < head.Sequence)
        {
            throw new JournalCorruptException(
                last + 1, $"is missing: the journal ends before it, and a snapshot was made of {head.Sequence}");
        }
        var record = journal.Find(head.Sequence);
        if (record is null || !record.IsIntact() || record.Hash != head.LastHash)
        {
            throw new JournalCorruptException(head.Sequence, "is not the one that a snapshot was made of");
        }
    }

    void Forget()
    {
        work.Stop();
        receipts.Dispose();
        book.Dispose();
    }

    void NoteForSnapshot(JournalRecord record)
    {
        recordsSince++;
        payloadSizeBytesSince += record.Payload.Length;
    }

    void StepSnapshot()
    {
        work.ThrowIfFailed();
        if (bookCopy is not null)
        {
            if (book.StepSnapshot(bookCopy))
            {
                WriteSnapshot(copying!, bookCopy);
                (copying, bookCopy) = (null, null);
            }
            return;
        }
        var isDue = recordsSince >= settings.SnapshotRecords || book.TransferCount - transfersAtSnapshot >= settings.SnapshotTransfers
            || payloadSizeBytesSince >= settings.SnapshotPayloadSizeBytes;
        if (isDue && !Volatile.Read(ref isWritingSnapshot) && book.IsWritten() && receipts.IsWritten())
        {
            BeginSnapshot();
        }
    }

    void BeginSnapshot()
    {
        isWritingSnapshot = true;
        bookCopy = book.BeginSnapshot();
        copying = new SnapshotHead(LastSequence, lastHash, log.Size, log.SaveEdge(), receipts.Save());
        (recordsSince, payloadSizeBytesSince, transfersAtSnapshot) = (0, 0, book.TransferCount);
    }

    void WriteSnapshot(SnapshotHead head, BookCopy copy)
    {
        var retired = retiredBefore;
        retiredBefore = [.. book.TakeRetired(), .. receipts.Archive.TakeRetired()];
        work.Add(() =>
        {
            tiles.Flush();
            var names = new CanonicalWriter(1 << 16);
            book.WriteNames(names, copy.AccountCount);
            LedgerFileFormat.Write(files, SnapshotName(head.Sequence), SnapshotFormat.Parts(head, copy, names));
            files.Flush();
            SnapshotSequence = head.Sequence;
            var snapshots = files.List().Where(name => name.StartsWith(SnapshotPrefix, StringComparison.Ordinal)).ToList();
            foreach (var old in snapshots.SkipLast(SnapshotsKept).Concat(retired))
            {
                files.Delete(old);
            }
            Volatile.Write(ref isWritingSnapshot, false);
        });
    }
}

/// <summary>What a ledger does with its files.</summary>
/// <param name="AtOnce">Writes on the ledger's own thread, so that the same commits give the same files.</param>
/// <param name="SnapshotRecords">A snapshot is made after so many records, or</param>
/// <param name="SnapshotTransfers">so many transfers, or</param>
/// <param name="SnapshotPayloadSizeBytes">so many bytes of payload.</param>
sealed record LedgerFileSettings(
    ILedgerFiles Files, RecordSizes Sizes, bool AtOnce, long SnapshotRecords, long SnapshotTransfers, long SnapshotPayloadSizeBytes)
{
    /// <summary>A replay of what lies between two snapshots takes about a second.</summary>
    public static LedgerFileSettings In(ILedgerFiles files) => new(files, RecordSizes.Default, false, 1 << 15, 1 << 20, 256 << 20);

    public static LedgerFileSettings InMemory() =>
        new(new MemoryLedgerFiles(), RecordSizes.Default, true, long.MaxValue, long.MaxValue, long.MaxValue);
}

/// <summary>What a snapshot begins with.</summary>
/// <param name="Sequence">Of the journal's last record in it.</param>
/// <param name="Edge">The log's right edge, as <see cref="MerkleLog.SaveEdge"/> gives it.</param>
sealed record SnapshotHead(
    ulong Sequence, ContentHash LastHash, ulong TreeSize, byte[] Edge, RecordTableState<ReceiptEntry> Receipts)
{
    const ulong Magic = 0x4F4C_534E_4150_3031;

    public void Write(CanonicalWriter writer)
    {
        writer.UInt64(Magic);
        writer.UInt64(Sequence);
        writer.Hash(LastHash);
        writer.UInt64(TreeSize);
        writer.Block(Edge);
    }

    /// <summary>Reads all but the receipts, which come last.</summary>
    public static SnapshotHead Read(ref CanonicalReader reader) => reader.UInt64("magic") == Magic
        ? new SnapshotHead(
            reader.UInt64("sequence"), reader.Hash("last hash"), reader.UInt64("log size"), reader.Block(1 << 24, "edge").ToArray(), null!)
        : throw new CanonicalFormatException("magic", "is not that of a snapshot of this version");
}

/// <summary>The bytes of a snapshot: head, book, names, receipts; integers big-endian, packed records as in memory.</summary>
static class SnapshotFormat
{
    const int RunsMax = 4096;

    public static IReadOnlyList<ReadOnlyMemory<byte>> Parts(SnapshotHead head, BookCopy copy, CanonicalWriter names)
    {
        var start = new CanonicalWriter();
        head.Write(start);
        start.UInt64(copy.LastTimestampNs);
        start.Int64(copy.ExpiredCount);
        start.UInt32((uint)copy.AccountCount);
        WriteTable(start, copy.Transfers);
        start.UInt32((uint)copy.OpenHolds!.Length);
        var end = new CanonicalWriter();
        WriteTable(end, head.Receipts);
        return [start.ToArray(), MemoryMarshal.AsBytes(copy.OpenHolds.AsSpan()).ToArray(), copy.Accounts, names.ToArray(), end.ToArray()];
    }

    /// <summary>Reads the book but for the names of its accounts, which follow.</summary>
    public static BookCopy ReadBook(ref CanonicalReader reader, SnapshotHead head)
    {
        var lastTimestampNs = reader.UInt64("last timestamp");
        var expiredCount = reader.Int64("expired");
        var accountCount = reader.Count(Book.AccountsMax + 1, "accounts");
        var transfers = ReadTable<TransferEntry>(ref reader);
        var holds = reader.Raw(reader.Count(int.MaxValue / sizeof(long), "holds") * sizeof(long), "holds");
        var copy = new BookCopy(accountCount, lastTimestampNs, expiredCount, transfers)
        {
            OpenHolds = MemoryMarshal.Cast<byte, long>(holds).ToArray(),
        };
        copy.Accounts = reader.Raw(checked(accountCount * PackedAccount.SizeBytes), $"accounts of snapshot {head.Sequence}").ToArray();
        return copy;
    }

    public static void WriteTable<T>(CanonicalWriter writer, RecordTableState<T> state)
        where T : unmanaged
    {
        writer.Int64(state.Count);
        writer.Int64(state.RecentFirst);
        writer.Int64(state.BeforeFirst);
        writer.UInt32((uint)state.RunNames.Count);
        foreach (var name in state.RunNames)
        {
            writer.Text(name, Book.AccountNameLengthMax);
        }
        writer.Block(MemoryMarshal.AsBytes(state.Filling.AsSpan()));
    }

    public static RecordTableState<T> ReadTable<T>(ref CanonicalReader reader)
        where T : unmanaged
    {
        var (count, recentFirst, beforeFirst) = (reader.Int64("records"), reader.Int64("recent records"), reader.Int64("older records"));
        var names = new string[reader.Count(RunsMax, "runs")];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = reader.Text(Book.AccountNameLengthMax, "run");
        }
        var filling = MemoryMarshal.Cast<byte, T>(reader.Block(1 << 24, "filling segment")).ToArray();
        return new RecordTableState<T>(count, recentFirst, beforeFirst, names, filling);
    }
}
