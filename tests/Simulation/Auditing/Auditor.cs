using OpenLedger;
using OpenLedger.Ledger;

namespace Simulation.Tests.Auditing;

/// <summary>The ledger did what it must not do.</summary>
sealed class AuditException(string what) : Exception(what);

/// <summary>
/// Knows what the ledger must hold: every reply is compared with its own, and after each start everything that was acknowledged must be
/// there once. After a write whose outcome is unknown two histories are possible until the ledger is opened again; then one is.
/// </summary>
sealed class Auditor
{
    readonly List<(ulong TreeSize, ContentHash Root)> heads = [];
    AuditBook book = new();
    AuditBook? ifWritten;

    /// <summary>What the ledger holds, as far as it is known.</summary>
    public AuditBook Book => book;

    /// <summary>Whether the last write may have happened or not.</summary>
    public bool IsUncertain => ifWritten is not null;

    /// <summary>The log's heads that somebody has seen, the latest last.</summary>
    public IReadOnlyList<(ulong TreeSize, ContentHash Root)> Heads => heads;

    /// <summary>Writes that were in the journal though they had failed, and that were not.</summary>
    public (int Written, int NotWritten) Unknown { get; private set; }

    /// <summary>A commit was answered.</summary>
    public void Answered(IReadOnlyList<LedgerRequest> requests, IReadOnlyList<LedgerReply> replies, ulong nowNs)
    {
        Require(ifWritten is null, "a ledger whose last write failed has answered a commit");
        var predicted = book.Commit(requests, nowNs);
        Require(predicted.Length == replies.Count, $"{requests.Count} requests got {replies.Count} replies");
        for (var i = 0; i < predicted.Length; i++)
        {
            RequireSame(predicted[i], replies[i], i);
        }
    }

    /// <summary>A commit failed in a way that leaves open whether it was written.</summary>
    public void Failed(IReadOnlyList<LedgerRequest> requests, ulong nowNs)
    {
        Require(ifWritten is null, "a ledger whose last write failed has written again");
        ifWritten = book.Copy();
        _ = ifWritten.Commit(requests, nowNs);
    }

    /// <summary>The ledger was opened again: what it holds decides about the last write, and everything else must be as it was.</summary>
    public void Opened(LedgerCore core)
    {
        if (ifWritten is not null)
        {
            var written = core.LastSequence == ifWritten.Sequence;
            Unknown = written ? (Unknown.Written + 1, Unknown.NotWritten) : (Unknown.Written, Unknown.NotWritten + 1);
            book = written ? ifWritten : book;
            ifWritten = null;
        }
        Verify(core);
    }

    /// <summary>Somebody has seen the log's head.</summary>
    public void Seen(LedgerCore core)
    {
        Require(core.TreeSize == book.TreeSize, $"the log has {core.TreeSize} entries where {book.TreeSize} are due");
        if (heads.Count > 0)
        {
            RequireGrowth(core);
        }
        if (core.TreeSize > 0 && (heads.Count == 0 || heads[^1].TreeSize != core.TreeSize))
        {
            heads.Add((core.TreeSize, core.Root));
        }
    }

    /// <summary>Compares everything.</summary>
    /// <exception cref="AuditException">Says what differs.</exception>
    public void Verify(LedgerCore core)
    {
        if (Difference(core) is { } difference)
        {
            throw new AuditException(difference);
        }
        Seen(core);
    }

    /// <summary>What the ledger has otherwise than the auditor, the first thing met; null where nothing is.</summary>
    public string? Difference(LedgerCore core)
    {
        if (core.LastSequence != book.Sequence)
        {
            return $"the journal ends with record {core.LastSequence}, {book.Sequence} was acknowledged";
        }
        if (core.AccountCount != book.Accounts.Count || core.TransferCount != book.Transfers.Count
            || core.ReceiptCount != book.Receipts.Count)
        {
            return $"it has {core.AccountCount} accounts, {core.TransferCount} transfers, {core.ReceiptCount} receipts where "
                + $"{book.Accounts.Count}, {book.Transfers.Count}, {book.Receipts.Count} are due";
        }
        foreach (var (name, account) in book.Accounts)
        {
            if (core.FindBalance(name) is not { } balance || balance.Flags != account.Flags
                || balance.DebitsPending.Atto != account.DebitsPending || balance.DebitsPosted.Atto != account.DebitsPosted
                || balance.CreditsPending.Atto != account.CreditsPending || balance.CreditsPosted.Atto != account.CreditsPosted)
            {
                return $"the balance of {name} is {core.FindBalance(name)} where {account} is due";
            }
        }
        foreach (var (id, transfer) in book.Transfers)
        {
            if (core.FindTransfer(id) is not { } entry || entry.Debit != transfer.Debit || entry.Credit != transfer.Credit
                || entry.Amount.Atto != transfer.Amount || (entry.Flags & ~TransferFlags.Linked) != transfer.Kind
                || entry.PendingId != transfer.PendingId || entry.State != transfer.State || entry.Code != transfer.Code
                || entry.TimestampNs != transfer.TimeNs)
            {
                return $"transfer {id} is {core.FindTransfer(id)} where {transfer} is due";
            }
        }
        return core.Audit() is { Conserved: false } audit ? $"the ledger's own audit fails: {audit.Problems[0]}" : null;
    }

    /// <summary>Asks for receipts and for an account's history, as the dice say.</summary>
    public void Sample(LedgerCore core, Dice dice)
    {
        if (book.Receipts.Count > 0)
        {
            var (id, receipt) = book.Receipts.ElementAt(dice.Below(book.Receipts.Count));
            RequireReceipt(core, id, receipt);
        }
        var name = book.Accounts.ElementAt(dice.Below(book.Accounts.Count)).Key;
        var due = book.Transfers.Where(pair => pair.Value.Debit == name || pair.Value.Credit == name)
            .OrderByDescending(pair => pair.Value.TimeNs).Take(30).Select(pair => pair.Key);
        // The ledger's own lines, of holds that it released, are between them.
        var told = core.History(name, 300).Where(entry => !entry.Flags.HasFlag(TransferFlags.Expired)).Take(30).Select(entry => entry.Id);
        Require(told.SequenceEqual(due), $"the history of {name} is another");
    }

    public void RequireReceipt(LedgerCore core, string id, AuditedReceipt receipt)
    {
        var verification = ReceiptVerifier.Verify(core.ExportReceipt(id), core.LogKey);
        Require(
            verification is ValidReceipt valid && valid.Index == receipt.Index
                && valid.Receipt.ToBytes().AsSpan().SequenceEqual(receipt.Canonical),
            $"receipt {id} does not prove: {verification}");
    }

    /// <summary>Whether a core holds what this auditor knew at an earlier head of the log, and no more.</summary>
    public bool IsEarlier(LedgerCore core)
    {
        var (treeSize, root) = heads.LastOrDefault(head => head.TreeSize <= core.TreeSize);
        return core.TreeSize < book.TreeSize && core.LastSequence < book.Sequence && (treeSize == 0 || core.RootAt(treeSize) == root);
    }

    void RequireGrowth(LedgerCore core)
    {
        var (treeSize, root) = heads[^1];
        Require(core.TreeSize >= treeSize, $"the log shrank from {treeSize} to {core.TreeSize} entries");
        Require(
            Merkle.VerifyConsistency(treeSize, core.TreeSize, core.ConsistencyProof(treeSize, core.TreeSize), root, core.Root),
            $"the log of {core.TreeSize} entries does not contain the one of {treeSize}");
    }

    static void RequireSame(LedgerReply predicted, LedgerReply actual, int request)
    {
        RequireSame(predicted.Accounts, actual.Accounts, "accounts", request);
        RequireSame(predicted.Transfers, actual.Transfers, "transfers", request);
        RequireSame(predicted.Receipts, actual.Receipts, "receipts", request);
    }

    static void RequireSame<T>(IReadOnlyList<T> predicted, IReadOnlyList<T> actual, string what, int request)
    {
        if (!predicted.SequenceEqual(actual))
        {
            throw new AuditException(
                $"the {what} of request {request} were answered [{string.Join(", ", actual)}] "
                + $"where [{string.Join(", ", predicted)}] is due");
        }
    }

    static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new AuditException(what);
        }
    }
}
