namespace OpenLedger.Ledger;

/// <summary>
/// One book, its journal and its log behind one door, for one writer. A commit applies the requests of several callers, writes them as one
/// record of the journal, and only then answers. When the write fails the core is poisoned: what was applied may or may not be in the
/// journal, so it refuses everything until it is opened again. Not safe for several threads: see <see cref="LedgerWriter"/>.
/// </summary>
public sealed partial class LedgerCore : IDisposable
{
    /// <summary>Requests of one commit.</summary>
    public const int RequestsMax = BatchCodec.EntriesMax;

    /// <summary>Receipts that <see cref="LatestReceipts"/> knows of.</summary>
    public const int LatestReceiptsMax = 100;

    /// <summary>Bytes of the requests of one commit.</summary>
    public const int CommitSizeBytesMax = JournalRecord.PayloadSizeBytesMax / 2;

    /// <summary>How long the journal is believed to have no other writer without being asked.</summary>
    public static readonly TimeSpan HeadAgeMax = TimeSpan.FromSeconds(1);

    readonly IJournal journal;
    readonly NoteSigner signer;
    readonly TimeProvider clock;
    readonly IdSource ids;
    readonly LedgerFileSettings settings;
    readonly ILedgerFiles files;
    readonly ITileStore tiles;
    readonly BackgroundWork work;
    readonly Book book;
    readonly RecordTable<ReceiptEntry> receipts;
    readonly List<LogLeaf> receiptLeaves = [];
    readonly CanonicalWriter payload = new(1 << 16);
    readonly TransferEvent[] events = new TransferEvent[Book.BatchMax];
    byte[] stamped = [];
    MerkleLog log;
    ContentHash lastHash;
    bool poisoned;
    long headSeen;
    (ulong TreeSize, string Note)? signedCheckpoint;

    LedgerCore(IJournal journal, NoteSigner signer, TimeProvider clock, IdSource ids, ITileStore tiles, LedgerFileSettings settings)
    {
        this.tiles = tiles;
        this.journal = journal;
        this.signer = signer;
        this.clock = clock;
        this.ids = ids;
        this.settings = settings;
        files = settings.Files;
        work = new BackgroundWork(settings.AtOnce);
        book = new Book(files, work, settings.Sizes);
        receipts = new RecordTable<ReceiptEntry>(files, "receipts", work, settings.Sizes);
        log = new MerkleLog(tiles);
    }

    /// <summary>Name of the log, which is also the name of its key.</summary>
    public string Origin => signer.Name;

    /// <summary>The log's verifier key, <c>name+hash+base64</c>.</summary>
    public string LogKey => signer.Verifier.ToString();

    /// <summary>Entries of the log.</summary>
    public ulong TreeSize => log.Size;

    /// <summary>Root of the log.</summary>
    public ContentHash Root => log.Root;

    /// <summary>Sequence of the last journal record.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>Open accounts.</summary>
    public int AccountCount => book.AccountCount;

    /// <summary>Transfers that stand.</summary>
    public long TransferCount => book.TransferCount;

    /// <summary>Receipts in the log.</summary>
    public long ReceiptCount => receipts.Count;

    /// <summary>Whether a failed write makes this core useless.</summary>
    public bool IsPoisoned => poisoned;

    /// <summary>
    /// Opens a ledger: from its newest snapshot, where there is one, and by replaying what the journal holds after it, checking every
    /// record. The core disposes the journal; the others stay the caller's.
    /// </summary>
    /// <param name="signer">Key of the log; its name is the log's origin.</param>
    /// <param name="clock">Gives the ledger's timestamps, which never go back even if it does.</param>
    /// <param name="ids">Gives the salts of the records' entries.</param>
    /// <param name="tiles">Keeps the log's tiles; null keeps them in memory.</param>
    /// <param name="files">Keeps snapshots, old transfers and their index; null keeps all in memory and replays the whole journal.</param>
    /// <exception cref="JournalCorruptException">Names the first record that is damaged.</exception>
    public static LedgerCore Open(
        IJournal journal, NoteSigner signer, TimeProvider clock, IdSource ids, ITileStore? tiles = null, ILedgerFiles? files = null) =>
        Open(journal, signer, clock, ids, tiles, files is null ? LedgerFileSettings.InMemory() : LedgerFileSettings.In(files));

    internal static LedgerCore Open(
        IJournal journal, NoteSigner signer, TimeProvider clock, IdSource ids, ITileStore? tiles, LedgerFileSettings settings)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(ids);
        if (tiles is null && settings.SnapshotRecords != long.MaxValue)
        {
            throw new ArgumentException("a ledger that keeps snapshots keeps its log's tiles too", nameof(tiles));
        }
        // Before the journal: another writer may go on meanwhile, and what it publishes later is not in what is read here.
        var published = tiles?.ReadCheckpoint();
        var core = Restored(() => new LedgerCore(journal, signer, clock, ids, tiles ?? new MemoryTileStore(), settings), settings.Files);
        core.Replay();
        core.CheckAgainstPublished(published);
        return core;
    }

    /// <inheritdoc cref="Commit(IReadOnlyList{LedgerRequest})"/>
    public LedgerReply Commit(LedgerRequest request) => Commit([request])[0];

    /// <summary>
    /// Applies requests in order and writes them, in one transaction, before it returns. The replies are parallel to the requests.
    /// </summary>
    /// <exception cref="LedgerRequestException">
    /// A request breaks a bound; nothing was applied. Validate each before grouping them.
    /// </exception>
    /// <exception cref="LedgerPoisonedException">An earlier write failed.</exception>
    public IReadOnlyList<LedgerReply> Commit(IReadOnlyList<LedgerRequest> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        RefuseWhenPoisoned();
        long sizeBytes = 0;
        foreach (var request in requests)
        {
            request.Validate();
            sizeBytes += SizeBytesOf(request);
        }
        if (requests.Count > RequestsMax || sizeBytes > CommitSizeBytesMax)
        {
            throw new LedgerRequestException($"a commit has at most {RequestsMax} requests of {CommitSizeBytesMax} bytes together");
        }
        try
        {
            return CommitValid(requests);
        }
        catch
        {
            poisoned = true;
            throw;
        }
    }

    /// <summary>Bytes that a request takes in the journal, at most.</summary>
    public static long SizeBytesOf(LedgerRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        const int overhead = 12;
        return overhead
            + ((long)request.Accounts.Count * (Book.AccountNameLengthMax + 4))
            + ((long)request.Transfers.Count * TransferEvent.SizeBytes)
            + request.Receipts.Sum(receipt => (long)receipt.Canonical.Length + LogLeaf.SaltSizeBytes + sizeof(uint));
    }

    /// <summary>
    /// Makes sure that the journal's head is still the one this core knows, so that what it answers is at most
    /// <see cref="HeadAgeMax"/> old: a process that was stopped for a while, and replaced meanwhile, finds out before it answers.
    /// </summary>
    /// <exception cref="JournalFencedException">Another writer has appended; this core is of no use any more.</exception>
    /// <exception cref="LedgerPoisonedException">An earlier write failed.</exception>
    public void ConfirmHead()
    {
        RefuseWhenPoisoned();
        if (clock.GetElapsedTime(headSeen) <= HeadAgeMax)
        {
            return;
        }
        try
        {
            var asked = clock.GetTimestamp();
            if (journal.LastSequence != LastSequence)
            {
                throw new JournalFencedException(LastSequence);
            }
            headSeen = asked;
        }
        catch
        {
            poisoned = true;
            throw;
        }
    }

    public void Dispose()
    {
        journal.Dispose();
        work.Stop();
        tiles.Settle();
        receipts.Dispose();
        book.Dispose();
    }

    LedgerReply[] CommitValid(IReadOnlyList<LedgerRequest> requests)
    {
        var header = new BatchHeader(ids.NextBytes(LogLeaf.SaltSizeBytes), log.Size, log.Root, requests.Count);
        var timestampNs = NextTimestampNs();
        var replies = new LedgerReply[requests.Count];
        payload.Clear();
        receiptLeaves.Clear();
        BatchCodec.WriteHeader(payload, header);
        receipts.BeginBatch(requests.Sum(request => request.Receipts.Count));
        for (var i = 0; i < requests.Count; i++)
        {
            replies[i] = ApplyRequest(requests[i], Math.Max(timestampNs, book.LastTimestampNs + 1));
        }
        var record = JournalRecord.Create(LastSequence + 1, timestampNs, lastHash, payload.ToArray(), out var headerBytes);
        var asked = clock.GetTimestamp();
        journal.Append([record], LastSequence);
        headSeen = asked;
        Advance(record, headerBytes, header.Salt);
        StepSnapshot();
        return replies;
    }

    LedgerReply ApplyRequest(LedgerRequest request, ulong timestampNs)
    {
        var accounts = OpenAccounts(request.Accounts);
        var conflicts = request.AllOrNothing && Conflicts(request);
        var transfers = conflicts ? [] : Resolve(request);
        IReadOnlyList<ReceiptDraft> drafts = conflicts ? [] : request.Receipts;
        var offsets = drafts.Count == 0 ? [] : new int[drafts.Count];
        BatchCodec.WriteAccounts(payload, request.Accounts);
        BatchCodec.WriteTransfers(payload, transfers);
        BatchCodec.WriteReceipts(payload, drafts, offsets);
        var statuses = ApplyTransfers(transfers, timestampNs);
        if (conflicts)
        {
            return new LedgerReply(
                accounts,
                [.. request.Transfers.Select(_ => TransferStatus.LinkedEventFailed)],
                [.. request.Receipts.Select((draft, i) => RefuseConflicting(request.ReceiptIds[i], draft))]);
        }
        return new LedgerReply(accounts, statuses, AppendReceipts(drafts, request.ReceiptIds, offsets, Stand(statuses)));
    }

    static bool Stand(ReadOnlySpan<TransferStatus> statuses) =>
        !statuses.ContainsAnyExcept(TransferStatus.Ok, TransferStatus.Exists);

    // The events of one request, which the next one overwrites.
    ReadOnlySpan<TransferEvent> Resolve(LedgerRequest request)
    {
        var count = request.Transfers.Count;
        for (var i = 0; i < count; i++)
        {
            var transfer = request.Transfers[i];
            var linked = request.AllOrNothing && i < count - 1 ? TransferFlags.Linked : TransferFlags.None;
            events[i] = new TransferEvent(
                transfer.Id, book.NumberOf(transfer.Debit), book.NumberOf(transfer.Credit), transfer.Amount.Atto, transfer.PendingId,
                transfer.TimeoutSeconds, transfer.Code, transfer.Flags | linked);
        }
        return events.AsSpan(0, count);
    }

    AccountStatus[] OpenAccounts(IReadOnlyList<OpenAccount> openings)
    {
        var statuses = new AccountStatus[openings.Count];
        for (var i = 0; i < statuses.Length; i++)
        {
            statuses[i] = book.OpenAccount(openings[i].Name, openings[i].Flags);
        }
        return statuses;
    }

    TransferStatus[] ApplyTransfers(ReadOnlySpan<TransferEvent> transfers, ulong timestampNs)
    {
        var statuses = transfers.Length == 0 ? [] : new TransferStatus[transfers.Length];
        book.Apply(transfers, timestampNs, statuses);
        return statuses;
    }

    void Advance(JournalRecord record, ReadOnlySpan<byte> recordHeader, ReadOnlySpan<byte> salt)
    {
        LastSequence = record.Sequence;
        lastHash = record.Hash;
        _ = log.Append(LogLeaf.Of(LogEntryKind.Batch, log.Size, salt, recordHeader));
        foreach (var leaf in receiptLeaves)
        {
            _ = log.Append(leaf);
        }
        receiptLeaves.Clear();
        log.Flush();
        book.Seal();
        receipts.EndBatch();
        NoteForSnapshot(record);
    }

    ulong NextTimestampNs()
    {
        var now = (ulong)(clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        return Math.Max(now, book.LastTimestampNs + 1);
    }

    void RefuseWhenPoisoned()
    {
        if (poisoned)
        {
            throw new LedgerPoisonedException();
        }
    }

    void Replay()
    {
        headSeen = clock.GetTimestamp();
        foreach (var record in journal.Read(LastSequence + 1))
        {
            if (record.Sequence != LastSequence + 1)
            {
                throw new JournalCorruptException(LastSequence + 1, $"is missing (record {record.Sequence} follows)");
            }
            if (!record.IsIntact(out var recordHeader))
            {
                throw new JournalCorruptException(record.Sequence, "is damaged: its bytes do not have its hash");
            }
            if (record.Previous != lastHash)
            {
                throw new JournalCorruptException(record.Sequence, "does not follow the record before it");
            }
            if (record.TimestampNs <= book.LastTimestampNs)
            {
                throw new JournalCorruptException(record.Sequence, "is not later than the record before it");
            }
            ReplayRecord(record, recordHeader);
        }
    }

    void ReplayRecord(JournalRecord record, ReadOnlySpan<byte> recordHeader)
    {
        receiptLeaves.Clear();
        BatchHeader header;
        try
        {
            var reader = new CanonicalReader(record.Payload);
            header = BatchCodec.ReadHeader(ref reader);
            if (header.TreeSize != log.Size || header.Root != log.Root)
            {
                throw new JournalCorruptException(
                    record.Sequence, $"follows a log of {header.TreeSize} entries with the root {header.Root}, and what stands before it "
                    + $"comes to {log.Size} with {log.Root}");
            }
            for (var i = 0; i < header.EntryCount; i++)
            {
                ReplayEntry(ref reader, Math.Max(record.TimestampNs, book.LastTimestampNs + 1));
            }
            reader.End();
        }
        catch (CanonicalFormatException exception)
        {
            throw new JournalCorruptException(record.Sequence, $"is damaged: {exception.Message}");
        }
        Advance(record, recordHeader, header.Salt);
    }

    void ReplayEntry(ref CanonicalReader reader, ulong timestampNs)
    {
        _ = OpenAccounts(BatchCodec.ReadAccounts(ref reader));
        var count = BatchCodec.ReadTransfers(ref reader, events);
        var statuses = ApplyTransfers(events.AsSpan(0, count), timestampNs);
        var drafts = BatchCodec.ReadReceipts(ref reader, out var offsets);
        receipts.BeginBatch(drafts.Length);
        _ = AppendReceipts(drafts, Array.ConvertAll(drafts, draft => Receipt.IdOf(draft.Canonical)), offsets, Stand(statuses));
    }
}

/// <summary>A write failed earlier, so the core no longer knows what the journal holds.</summary>
public sealed class LedgerPoisonedException()
    : Exception("a write to the journal failed: whether it happened is unknown; open the ledger again and retry with the same ids");
