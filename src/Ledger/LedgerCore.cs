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
    readonly Book book = new();
    readonly MerkleLog log;
    readonly Dictionary<string, ReceiptPlace> receipts = new(StringComparer.Ordinal);
    readonly Queue<string> latestReceipts = new();
    readonly List<LogLeaf> receiptLeaves = [];
    readonly CanonicalWriter payload = new(1 << 16);
    ContentHash lastHash;
    bool poisoned;
    long headSeen;
    (ulong TreeSize, string Note)? signedCheckpoint;

    LedgerCore(IJournal journal, NoteSigner signer, TimeProvider clock, IdSource ids, ITileStore? tiles)
    {
        log = new MerkleLog(tiles);
        this.journal = journal;
        this.signer = signer;
        this.clock = clock;
        this.ids = ids;
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
    public int ReceiptCount => receipts.Count;

    /// <summary>Whether a failed write makes this core useless.</summary>
    public bool IsPoisoned => poisoned;

    /// <summary>Replays a journal, checking every record. The core disposes the journal; the signer stays the caller's.</summary>
    /// <param name="signer">Key of the log; its name is the log's origin.</param>
    /// <param name="clock">Gives the ledger's timestamps, which never go back even if it does.</param>
    /// <param name="ids">Gives the salts of the records' entries.</param>
    /// <param name="tiles">Keeps the log's tiles, and stays the caller's; null keeps them in memory.</param>
    /// <exception cref="JournalCorruptException">Names the first record that is damaged.</exception>
    public static LedgerCore Open(
        IJournal journal, NoteSigner signer, TimeProvider clock, IdSource ids, ITileStore? tiles = null)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(ids);
        var core = new LedgerCore(journal, signer, clock, ids, tiles);
        core.Replay();
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
        log.Dispose();
    }

    LedgerReply[] CommitValid(IReadOnlyList<LedgerRequest> requests)
    {
        var salt = ids.NextBytes(LogLeaf.SaltSizeBytes);
        var timestampNs = NextTimestampNs();
        var replies = new LedgerReply[requests.Count];
        payload.Clear();
        receiptLeaves.Clear();
        BatchCodec.WriteHeader(payload, salt, requests.Count);
        for (var i = 0; i < requests.Count; i++)
        {
            replies[i] = ApplyRequest(requests[i], Math.Max(timestampNs, book.LastTimestampNs + 1));
        }
        var record = JournalRecord.Create(LastSequence + 1, timestampNs, lastHash, payload.ToArray());
        var asked = clock.GetTimestamp();
        journal.Append([record], LastSequence);
        headSeen = asked;
        Advance(record, salt);
        return replies;
    }

    LedgerReply ApplyRequest(LedgerRequest request, ulong timestampNs)
    {
        var accounts = OpenAccounts(request.Accounts);
        var conflicts = request.AllOrNothing && request.Receipts.Any(Conflicts);
        var entry = new JournalEntry(
            [.. request.Accounts], conflicts ? [] : Resolve(request), conflicts ? [] : [.. request.Receipts]);
        var offsets = new int[entry.Receipts.Length];
        BatchCodec.WriteEntry(payload, entry, offsets);
        var transfers = ApplyTransfers(entry, timestampNs);
        if (conflicts)
        {
            return new LedgerReply(
                accounts,
                [.. request.Transfers.Select(_ => TransferStatus.LinkedEventFailed)],
                [.. request.Receipts.Select(RefuseConflicting)]);
        }
        return new LedgerReply(accounts, transfers, AppendReceipts(entry, offsets, transfers));
    }

    TransferEvent[] Resolve(LedgerRequest request)
    {
        var events = new TransferEvent[request.Transfers.Count];
        for (var i = 0; i < events.Length; i++)
        {
            var transfer = request.Transfers[i];
            var linked = request.AllOrNothing && i < events.Length - 1 ? TransferFlags.Linked : TransferFlags.None;
            events[i] = new TransferEvent(
                transfer.Id, book.NumberOf(transfer.Debit), book.NumberOf(transfer.Credit), transfer.Amount.Atto, transfer.PendingId,
                transfer.TimeoutSeconds, transfer.Code, transfer.Flags | linked);
        }
        return events;
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

    TransferStatus[] ApplyTransfers(JournalEntry entry, ulong timestampNs)
    {
        var statuses = new TransferStatus[entry.Transfers.Length];
        book.Apply(entry.Transfers, timestampNs, statuses);
        return statuses;
    }

    void Advance(JournalRecord record, ReadOnlySpan<byte> salt)
    {
        LastSequence = record.Sequence;
        lastHash = record.Hash;
        _ = log.Append(LogLeaf.Of(LogEntryKind.Batch, log.Size, salt, record.Header()));
        foreach (var leaf in receiptLeaves)
        {
            _ = log.Append(leaf);
        }
        receiptLeaves.Clear();
        log.Flush();
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
        foreach (var record in journal.Read(1))
        {
            if (record.Sequence != LastSequence + 1)
            {
                throw new JournalCorruptException(LastSequence + 1, $"is missing (record {record.Sequence} follows)");
            }
            if (!record.IsIntact())
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
            ReplayRecord(record);
        }
    }

    void ReplayRecord(JournalRecord record)
    {
        receiptLeaves.Clear();
        byte[] salt;
        try
        {
            var reader = new CanonicalReader(record.Payload);
            salt = BatchCodec.ReadHeader(ref reader, out var entryCount);
            for (var i = 0; i < entryCount; i++)
            {
                var entry = BatchCodec.ReadEntry(ref reader, out var offsets);
                _ = OpenAccounts(entry.Accounts);
                var transfers = ApplyTransfers(entry, Math.Max(record.TimestampNs, book.LastTimestampNs + 1));
                _ = AppendReceipts(entry, offsets, transfers);
            }
            reader.End();
        }
        catch (CanonicalFormatException exception)
        {
            throw new JournalCorruptException(record.Sequence, $"is damaged: {exception.Message}");
        }
        Advance(record, salt);
    }
}

/// <summary>A write failed earlier, so the core no longer knows what the journal holds.</summary>
public sealed class LedgerPoisonedException()
    : Exception("a write to the journal failed: whether it happened is unknown; open the ledger again and retry with the same ids");
