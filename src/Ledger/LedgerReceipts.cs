namespace OpenLedger.Ledger;

/// <summary>Where a receipt is: its entry in the log, and its draft's bytes in the journal.</summary>
readonly record struct ReceiptPlace(ulong Index, ulong RecordSequence, int Offset, int SizeBytes, ContentHash CanonicalHash);

/// <content>Receipts and proofs.</content>
public sealed partial class LedgerCore
{
    /// <summary>The receipt of an id, or null.</summary>
    /// <exception cref="JournalCorruptException">The journal no longer holds what the log vouches for.</exception>
    public StoredReceipt? FindReceipt(string id)
    {
        RefuseWhenPoisoned();
        if (!receipts.TryGetValue(id, out var place))
        {
            return null;
        }
        var record = journal.Find(place.RecordSequence);
        if (record is null || !record.IsIntact())
        {
            throw new JournalCorruptException(place.RecordSequence, "is damaged or missing");
        }
        var salt = record.Payload.AsSpan(place.Offset - sizeof(uint) - LogLeaf.SaltSizeBytes, LogLeaf.SaltSizeBytes).ToArray();
        var canonical = record.Payload.AsSpan(place.Offset, place.SizeBytes).ToArray();
        Receipt.StampSequence(canonical, place.Index);
        var leaf = LogLeaf.Of(LogEntryKind.Receipt, place.Index, salt, canonical);
        return leaf.Hash() == log.LeafHash(place.Index)
            ? new StoredReceipt(id, canonical, salt, leaf)
            : throw new JournalCorruptException(place.RecordSequence, "does not hold what the log vouches for");
    }

    /// <summary>The newest receipts, the newest first.</summary>
    /// <param name="count">At most <see cref="LatestReceiptsMax"/>.</param>
    public IReadOnlyList<StoredReceipt> LatestReceipts(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LatestReceiptsMax);
        return [.. latestReceipts.Reverse().Take(count).Select(id => FindReceipt(id)!)];
    }

    /// <summary>The receipt as a file that proves itself, against the current checkpoint.</summary>
    /// <exception cref="ReceiptNotFoundException">There is no such receipt.</exception>
    public byte[] ExportReceipt(string id)
    {
        var stored = FindReceipt(id) ?? throw new ReceiptNotFoundException(id);
        var proof = log.InclusionProof(stored.Index, log.Size);
        return ReceiptFile.Write(stored.Salt, stored.Canonical, stored.Index, proof, SignedCheckpoint());
    }

    /// <summary>The signed head of the log. It is signed once a size, and only over what the journal holds.</summary>
    public string SignedCheckpoint()
    {
        RefuseWhenPoisoned();
        if (signedCheckpoint is not { } signed || signed.TreeSize != log.Size)
        {
            signed = (log.Size, new Checkpoint(Origin, log.Size, log.Root).Sign(signer));
            signedCheckpoint = signed;
        }
        return signed.Note;
    }

    /// <summary>The root when the log had this size.</summary>
    public ContentHash RootAt(ulong treeSize) => log.RootAt(treeSize);

    /// <summary>The proof that an entry is in the log of a size.</summary>
    public IReadOnlyList<ContentHash> InclusionProof(ulong index, ulong treeSize) => log.InclusionProof(index, treeSize);

    /// <summary>The proof that the log of the new size is that of the old size with more appended.</summary>
    public IReadOnlyList<ContentHash> ConsistencyProof(ulong oldSize, ulong newSize) => log.ConsistencyProof(oldSize, newSize);

    ReceiptResult[] AppendReceipts(JournalEntry entry, int[] offsets, TransferStatus[] transfers)
    {
        var results = new ReceiptResult[entry.Receipts.Length];
        var stand = transfers.All(status => status is TransferStatus.Ok or TransferStatus.Exists);
        for (var i = 0; i < results.Length; i++)
        {
            var draft = entry.Receipts[i];
            var id = Receipt.FromBytes(draft.Canonical).Id;
            results[i] = receipts.TryGetValue(id, out var existing) ? CompareWith(id, draft, existing)
                : stand ? AppendReceipt(id, draft, offsets[i])
                : new ReceiptResult(id, ReceiptStatus.TransfersRefused, 0);
        }
        return results;
    }

    ReceiptResult AppendReceipt(string id, ReceiptDraft draft, int offset)
    {
        // The record's own entry comes first; then its receipts, in order.
        var index = log.Size + 1 + (ulong)receiptLeaves.Count;
        var canonical = Stamped(draft, index);
        receiptLeaves.Add(LogLeaf.Of(LogEntryKind.Receipt, index, draft.Salt, canonical));
        receipts.Add(id, new ReceiptPlace(index, LastSequence + 1, offset, canonical.Length, ContentHash.Of(canonical)));
        latestReceipts.Enqueue(id);
        if (latestReceipts.Count > LatestReceiptsMax)
        {
            _ = latestReceipts.Dequeue();
        }
        return new ReceiptResult(id, ReceiptStatus.Ok, index);
    }

    // The salt is not compared: a retry may come with a new one, and the first stays.
    static ReceiptResult CompareWith(string id, ReceiptDraft draft, ReceiptPlace existing) =>
        ContentHash.Of(Stamped(draft, existing.Index)) == existing.CanonicalHash
            ? new ReceiptResult(id, ReceiptStatus.Exists, existing.Index)
            : new ReceiptResult(id, ReceiptStatus.ExistsWithDifferentBody, existing.Index);

    static byte[] Stamped(ReceiptDraft draft, ulong index)
    {
        var canonical = draft.Canonical.AsSpan().ToArray();
        Receipt.StampSequence(canonical, index);
        return canonical;
    }

    bool Conflicts(ReceiptDraft draft) => RefuseConflicting(draft).Status == ReceiptStatus.ExistsWithDifferentBody;

    ReceiptResult RefuseConflicting(ReceiptDraft draft)
    {
        var id = Receipt.FromBytes(draft.Canonical).Id;
        return receipts.TryGetValue(id, out var existing)
            ? CompareWith(id, draft, existing)
            : new ReceiptResult(id, ReceiptStatus.TransfersRefused, 0);
    }
}

/// <summary>A receipt was asked for that the ledger does not hold.</summary>
public sealed class ReceiptNotFoundException(string id)
    : UserErrorException($"there is no receipt '{id}' in this ledger: check the id, and that it is of this network");
