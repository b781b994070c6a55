namespace OpenLedger.Ledger;

/// <summary>A head of the log that somebody was shown, and that the journal has to lead to.</summary>
/// <param name="Source">Where it was found, for the report.</param>
public sealed record CheckpointClaim(string Source, ulong TreeSize, ContentHash Root);

/// <summary>What a check compares the journal with.</summary>
/// <param name="Tiles">The log's tiles; null where there are none.</param>
/// <param name="MayGrow">The log goes on meanwhile, so that a tile may hold more than the journal did when it was read.</param>
public sealed record FsckClaims(IReadOnlyList<CheckpointClaim> Checkpoints, ITileStore? Tiles = null, bool MayGrow = false)
{
    public static FsckClaims None { get; } = new([]);
}

/// <summary>Something that disagrees.</summary>
/// <param name="Sequence">The first record that it concerns; null where it concerns none in particular.</param>
/// <param name="Problem">One plain sentence.</param>
public sealed record FsckProblem(ulong? Sequence, string Problem);

/// <summary>How far a check has come.</summary>
public readonly record struct FsckProgress(ulong Records, ulong Total);

/// <summary>What a check found.</summary>
/// <param name="Records">Records that were read and are sound.</param>
/// <param name="TreeSize">Entries of the log that they lead to.</param>
/// <param name="Root">Root of that log.</param>
/// <param name="Transfers">Transfers that stand.</param>
/// <param name="Circulating">Posted credits less posted debits over all accounts that neither mint nor burn.</param>
/// <param name="CheckpointsAgreed">Claimed heads of the log that the journal leads to.</param>
/// <param name="TilesAgreed">Tiles of the log that say what the journal says.</param>
/// <param name="Problems">Empty where all agrees; the first is the first that was met.</param>
public sealed record FsckReport(
    ulong Records, ulong TreeSize, ContentHash Root, int Accounts, long Transfers, int Receipts, Amount Circulating,
    int CheckpointsAgreed, int TilesAgreed, IReadOnlyList<FsckProblem> Problems)
{
    /// <summary>Of a journal that could not be opened.</summary>
    public static FsckReport Empty { get; } = new(0, 0, Merkle.EmptyRoot, 0, 0, 0, Amount.Zero, 0, 0, []);

    public bool IsSound => Problems.Count == 0;
}

/// <summary>
/// Checks a journal from its first byte to its last, trusting nothing that was derived from it: the chain of hashes, every payload, every
/// balance on a second path (<see cref="FsckBalances"/>), the log's tree, and every checkpoint and tile it is given. It stops at the first
/// record that is damaged, as nothing behind it can be judged. Reads only.
/// </summary>
public sealed class LedgerFsck : IDisposable
{
    const int ProblemsMax = 100;
    const ulong ProgressEvery = 1_000;

    readonly IJournal journal;
    readonly List<CheckpointClaim> heads;
    readonly FsckTiles tiles;
    readonly Book book = new();
    readonly FsckBalances balances = new();
    readonly CompactRange range = new();
    readonly Dictionary<string, (ulong Index, ContentHash Canonical)> receipts = new(StringComparer.Ordinal);
    readonly List<LogLeaf> receiptLeaves = [];
    readonly List<FsckProblem> problems = [];
    readonly TransferEvent[] events = new TransferEvent[Book.BatchMax];
    readonly Action<int, ContentHash> completed;
    int nextHead;
    int headsAgreed;
    long transfers;
    ulong lastSequence;
    ContentHash lastHash;

    LedgerFsck(IJournal journal, FsckClaims claims)
    {
        this.journal = journal;
        heads = [.. claims.Checkpoints.OrderBy(claim => claim.TreeSize)];
        completed = (height, hash) => tiles!.Node(height, hash, lastSequence);
        tiles = new FsckTiles(claims.Tiles, claims.MayGrow, (record, problem) => Note(record, problem));
    }

    /// <summary>Checks a whole journal; takes the time of replaying it.</summary>
    public static FsckReport Check(IJournal journal, FsckClaims claims, IProgress<FsckProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(claims);
        using var check = new LedgerFsck(journal, claims);
        check.CheckHeads();
        if (check.ReadRecords(progress))
        {
            check.CheckBalances();
        }
        check.CheckUnreached();
        return check.Report();
    }

    /// <summary>Frees the book that the check made.</summary>
    public void Dispose() => book.Dispose();

    bool ReadRecords(IProgress<FsckProgress>? progress)
    {
        try
        {
            var total = journal.LastSequence;
            foreach (var record in journal.Read(1))
            {
                if (ProblemOf(record) is { } problem)
                {
                    Note(record.Sequence, problem);
                    return false;
                }
                Replay(record);
                if (record.Sequence % ProgressEvery == 0)
                {
                    progress?.Report(new FsckProgress(record.Sequence, total));
                }
            }
            tiles.End(lastSequence);
            progress?.Report(new FsckProgress(lastSequence, total));
            return true;
        }
        catch (JournalCorruptException exception)
        {
            Note(exception.Sequence, exception.Message);
            return false;
        }
        catch (TileStoreException exception)
        {
            Note(null, exception.Message);
            return false;
        }
        catch (CanonicalFormatException exception)
        {
            Note(lastSequence + 1, $"its payload cannot be read: {exception.Message}");
            return false;
        }
        catch (LedgerInvariantException exception)
        {
            Note(lastSequence + 1, $"applying it breaks the book: {exception.Message}");
            return false;
        }
    }

    string? ProblemOf(JournalRecord record) =>
        record.Sequence != lastSequence + 1 ? $"it follows record {lastSequence}: what is between them is missing"
        : !record.IsIntact() ? "it is damaged: its bytes do not have its hash"
        : record.Previous != lastHash ? "it does not follow the record before it: the hash that it names is another's"
        : record.TimestampNs <= book.LastTimestampNs ? "it is not later than the record before it"
        : null;

    void Replay(JournalRecord record)
    {
        receiptLeaves.Clear();
        var reader = new CanonicalReader(record.Payload);
        var header = BatchCodec.ReadHeader(ref reader);
        if (header.TreeSize != range.Size || header.Root != range.Root())
        {
            throw new JournalCorruptException(
                record.Sequence, $"follows a log of {header.TreeSize} entries with the root {header.Root}, and what stands before it "
                + $"comes to {range.Size} with {range.Root()}");
        }
        for (var i = 0; i < header.EntryCount; i++)
        {
            foreach (var account in BatchCodec.ReadAccounts(ref reader))
            {
                _ = book.OpenAccount(account.Name, account.Flags);
            }
            var timestampNs = Math.Max(record.TimestampNs, book.LastTimestampNs + 1);
            var batch = events.AsSpan(0, BatchCodec.ReadTransfers(ref reader, events));
            var statuses = new TransferStatus[batch.Length];
            book.Apply(batch, timestampNs, statuses);
            book.Seal();
            balances.Apply(batch, statuses, timestampNs);
            transfers += statuses.Count(status => status == TransferStatus.Ok);
            AppendReceipts(
                BatchCodec.ReadReceipts(ref reader, out _),
                statuses.All(status => status is TransferStatus.Ok or TransferStatus.Exists));
        }
        reader.End();
        lastSequence = record.Sequence;
        lastHash = record.Hash;
        AppendLeaf(LogLeaf.Of(LogEntryKind.Batch, range.Size, header.Salt, record.Header()));
        receiptLeaves.ForEach(AppendLeaf);
    }

    void AppendReceipts(ReceiptDraft[] drafts, bool stand)
    {
        foreach (var draft in drafts)
        {
            var id = Receipt.FromBytes(draft.Canonical).Id;
            if (receipts.ContainsKey(id) || !stand)
            {
                continue;
            }
            var index = range.Size + 1 + (ulong)receiptLeaves.Count;
            var canonical = draft.Canonical.AsSpan().ToArray();
            Receipt.StampSequence(canonical, index);
            receipts.Add(id, (index, ContentHash.Of(canonical)));
            receiptLeaves.Add(LogLeaf.Of(LogEntryKind.Receipt, index, draft.Salt, canonical));
        }
    }

    void AppendLeaf(LogLeaf leaf)
    {
        tiles.Entry(leaf, lastSequence);
        range.Append(leaf.Hash(), completed);
        CheckHeads();
    }

    void CheckHeads()
    {
        while (nextHead < heads.Count && heads[nextHead].TreeSize == range.Size)
        {
            var claim = heads[nextHead++];
            var root = range.Root();
            if (claim.Root == root)
            {
                headsAgreed++;
            }
            else
            {
                Note(
                    lastSequence,
                    $"{claim.Source} says that the log of {claim.TreeSize} entries has the root {claim.Root}; the journal leads to {root} "
                    + "at this record, so it or one before it was rewritten");
            }
        }
    }

    void CheckUnreached()
    {
        foreach (var claim in heads.Skip(nextHead))
        {
            Note(lastSequence + 1, $"{claim.Source} vouches for {claim.TreeSize} entries of the log, the journal leads to {range.Size}: "
                + "what came after is lost");
        }
    }

    void CheckBalances()
    {
        foreach (var problem in balances.Compare(book))
        {
            Note(null, problem);
        }
        foreach (var problem in book.Audit().Problems)
        {
            Note(null, problem);
        }
    }

    void Note(ulong? sequence, string problem)
    {
        if (problems.Count < ProblemsMax)
        {
            problems.Add(new FsckProblem(sequence, problem));
        }
    }

    FsckReport Report() => new(
        lastSequence, range.Size, range.Root(), book.AccountCount, transfers, receipts.Count, balances.Circulating(book), headsAgreed,
        tiles.Agreed, problems);
}
