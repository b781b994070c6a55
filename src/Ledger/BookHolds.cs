namespace OpenLedger.Ledger;

/// <content>
/// Holds. Whether a pending transfer still is one says the set of open holds, and nothing else; how it ended says the entry that ended it.
/// </content>
public sealed partial class Book
{
    // Times of holds that have ended are left in the heap; above so many of them they are sorted out, a few with every batch.
    const int EndedHoldsMax = 1 << 16;
    const int SortedOutPerBatch = 4 * BatchMax;

    readonly NumberSet openHolds = new();
    SteppedHeap expiries = new();
    SteppedHeap sortedOut = new();

    PendingState StateOf(long number, in TransferEntry entry)
    {
        if (!entry.IsPending)
        {
            return PendingState.None;
        }
        if (openHolds.Contains(number))
        {
            return PendingState.Pending;
        }
        var ended = transfers.Find(new ResolutionMatch(number));
        Invariant.Check(ended >= 0, "a pending transfer is not open, and nothing ended it");
        var flags = transfers[ended].Flags;
        return (flags & TransferFlags.PostPending) != 0 ? PendingState.Posted
            : (flags & TransferFlags.VoidPending) != 0 ? PendingState.Voided
            : PendingState.Expired;
    }

    TransferRecord RecordOf(long number)
    {
        var entry = transfers[number];
        return new TransferRecord
        {
            Id = new TransferId(entry.Id),
            Amount = entry.Amount,
            PendingId = entry.Resolves ? new TransferId(transfers[entry.PendingNumber].Id) : default,
            TimestampNs = entry.TimestampNs,
            Debit = entry.Debit,
            Credit = entry.Credit,
            TimeoutSeconds = entry.TimeoutSeconds,
            Code = entry.Code,
            Flags = entry.Flags,
            State = StateOf(number, entry),
        };
    }

    void Open(long number)
    {
        Invariant.Check(openHolds.Add(number), "a hold is opened twice");
        if (chainOpen)
        {
            holdsChanged.Add(number);
        }
    }

    void Close(long number)
    {
        Invariant.Check(openHolds.Remove(number), "a hold is ended twice");
        if (chainOpen)
        {
            holdsChanged.Add(~number);
        }
    }

    // Within a chain the expiry waits for the chain's end, as an undone transfer must not expire.
    void Schedule(long number, in TransferEntry entry)
    {
        if (!chainOpen && entry.IsPending && entry.TimeoutSeconds != 0)
        {
            expiries.Push(new Hold(entry.ExpiresNs, number));
        }
    }

    void Expire(ulong timestampNs)
    {
        SortOut();
        for (var i = 0; i < ExpiriesPerBatchMax; i++)
        {
            var from = sortedOut.Count > 0 && (expiries.Count == 0 || sortedOut.Least.IsBefore(expiries.Least)) ? sortedOut : expiries;
            if (from.Count == 0 || from.Least.ExpiresNs > timestampNs)
            {
                return;
            }
            var number = from.Pop().Number;
            if (openHolds.Contains(number))
            {
                Release(number, timestampNs);
            }
        }
    }

    void Release(long number, ulong timestampNs)
    {
        var pending = transfers[number];
        Close(number);
        var debitBefore = accounts[pending.Debit].Unpack();
        var creditBefore = accounts[pending.Credit].Unpack();
        var (debit, credit) = (debitBefore, creditBefore);
        debit.DebitsPending = checked(debit.DebitsPending - pending.Amount);
        credit.CreditsPending = checked(credit.CreditsPending - pending.Amount);
        var expired = transfers.Add(new TransferEntry
        {
            Amount = pending.Amount,
            PendingNumber = number,
            TimestampNs = timestampNs,
            Debit = pending.Debit,
            Credit = pending.Credit,
            PreviousOfDebit = debit.LastTransfer,
            PreviousOfCredit = credit.LastTransfer,
            Code = pending.Code,
            Flags = TransferFlags.Expired,
        });
        transfers.AddKey(RecordKeys.OfResolution(number), expired);
        expiredCount++;
        debit.LastTransfer = expired;
        credit.LastTransfer = expired;
        SetAccount(pending.Debit, debitBefore, debit);
        SetAccount(pending.Credit, creditBefore, credit);
    }

    // Taking a heap's last element out costs nothing, so the times of open holds wander to a new heap and the others are forgotten.
    void SortOut()
    {
        if (sortedOut.Count == 0 && expiries.Count > (2 * openHolds.Count) + EndedHoldsMax)
        {
            (sortedOut, expiries) = (expiries, sortedOut);
        }
        for (var i = 0; i < SortedOutPerBatch && sortedOut.Count > 0; i++)
        {
            var hold = sortedOut.TakeLast();
            if (openHolds.Contains(hold.Number))
            {
                expiries.Push(hold);
            }
        }
    }
}
