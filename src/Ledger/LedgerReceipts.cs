namespace OpenLedger.Ledger;

/// <content>Receipts and proofs.</content>
public sealed partial class LedgerCore
{
    /// <summary>The receipt of an id, or null.</summary>
    /// <exception cref="JournalCorruptException">The journal no longer holds what the log vouches for.</exception>
    public StoredReceipt? FindReceipt(string id)
    {
        RefuseWhenPoisoned();
        var number = receipts.Find(new ReceiptMatch(ReceiptEntry.HashOf(id)));
        return number >= 0 ? Stored(receipts[number]) : null;
    }

    StoredReceipt Stored(ReceiptEntry place) => Stored(place, journal.Find(place.RecordSequence));

    StoredReceipt Stored(ReceiptEntry place, JournalRecord? record)
    {
        if (record is null || !record.IsIntact())
        {
            throw new JournalCorruptException(place.RecordSequence, "is damaged or missing");
        }
        var salt = record.Payload.AsSpan(place.Offset - sizeof(uint) - LogLeaf.SaltSizeBytes, LogLeaf.SaltSizeBytes).ToArray();
        var canonical = record.Payload.AsSpan(place.Offset, place.DraftSizeBytes).ToArray();
        Receipt.StampSequence(canonical, place.Index);
        var leaf = LogLeaf.Of(LogEntryKind.Receipt, place.Index, salt, canonical);
        return leaf.Hash() == log.LeafHash(place.Index)
            ? new StoredReceipt(Receipt.IdOf(canonical), canonical, salt, leaf)
            : throw new JournalCorruptException(place.RecordSequence, "does not hold what the log vouches for");
    }

    /// <summary>The newest receipts, the newest first.</summary>
    /// <param name="count">At most <see cref="LatestReceiptsMax"/>.</param>
    public IReadOnlyList<StoredReceipt> LatestReceipts(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LatestReceiptsMax);
        return [.. Enumerable.Range(1, (int)Math.Min(count, receipts.Count)).Select(back => Stored(receipts[receipts.Count - back]))];
    }

    /// <summary>The receipt as a file that proves itself, against the current checkpoint or a cosigned one that covers it.</summary>
    /// <exception cref="ReceiptNotFoundException">There is no such receipt.</exception>
    public byte[] ExportReceipt(string id)
    {
        var stored = FindReceipt(id) ?? throw new ReceiptNotFoundException(id);
        var (treeSize, note) = CheckpointOver(stored.Index);
        return ReceiptFile.Write(stored.Salt, stored.Canonical, stored.Index, log.InclusionProof(stored.Index, treeSize), note);
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

    ReceiptResult[] AppendReceipts(IReadOnlyList<ReceiptDraft> drafts, IReadOnlyList<string> draftIds, int[] offsets, bool stand)
    {
        if (drafts.Count == 0)
        {
            return [];
        }
        var results = new ReceiptResult[drafts.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var idHash = ReceiptEntry.HashOf(draftIds[i]);
            var existing = receipts.Find(new ReceiptMatch(idHash));
            results[i] = existing >= 0 ? CompareWith(draftIds[i], drafts[i], receipts[existing])
                : stand ? AppendReceipt(draftIds[i], idHash, drafts[i], offsets[i])
                : new ReceiptResult(draftIds[i], ReceiptStatus.TransfersRefused, 0);
        }
        return results;
    }

    ReceiptResult AppendReceipt(string id, UInt128 idHash, ReceiptDraft draft, int offset)
    {
        // The record's own entry comes first; then its receipts, in order.
        var index = log.Size + 1 + (ulong)receiptLeaves.Count;
        var canonical = stamped.Length >= draft.Canonical.Length ? stamped : stamped = new byte[draft.Canonical.Length];
        draft.Canonical.CopyTo(canonical, 0);
        Receipt.StampSequence(canonical, index);
        receiptLeaves.Add(LogLeaf.Of(LogEntryKind.Receipt, index, draft.Salt, canonical.AsSpan(0, draft.Canonical.Length)));
        var number = receipts.Add(new ReceiptEntry
        {
            IdHash = idHash,
            Index = index,
            RecordSequence = LastSequence + 1,
            Offset = offset,
            DraftSizeBytes = draft.Canonical.Length,
            DraftHash = ContentHash.Of(draft.Canonical),
        });
        receipts.AddKey(RecordKeys.OfId(idHash), number);
        return new ReceiptResult(id, ReceiptStatus.Ok, index);
    }

    // The salt is not compared: a retry may come with a new one, and the first stays.
    static ReceiptResult CompareWith(string id, ReceiptDraft draft, in ReceiptEntry existing) =>
        ContentHash.Of(draft.Canonical) == existing.DraftHash
            ? new ReceiptResult(id, ReceiptStatus.Exists, existing.Index)
            : new ReceiptResult(id, ReceiptStatus.ExistsWithDifferentBody, existing.Index);

    bool Conflicts(LedgerRequest request)
    {
        for (var i = 0; i < request.Receipts.Count; i++)
        {
            if (RefuseConflicting(request.ReceiptIds[i], request.Receipts[i]).Status == ReceiptStatus.ExistsWithDifferentBody)
            {
                return true;
            }
        }
        return false;
    }

    ReceiptResult RefuseConflicting(string id, ReceiptDraft draft)
    {
        var existing = receipts.Find(new ReceiptMatch(ReceiptEntry.HashOf(id)));
        return existing >= 0 ? CompareWith(id, draft, receipts[existing]) : new ReceiptResult(id, ReceiptStatus.TransfersRefused, 0);
    }
}

/// <summary>A receipt was asked for that the ledger does not hold.</summary>
public sealed class ReceiptNotFoundException(string id)
    : UserErrorException($"there is no receipt '{id}' in this ledger: check the id, and that it is of this network");
