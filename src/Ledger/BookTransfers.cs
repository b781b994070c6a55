namespace OpenLedger.Ledger;

/// <content>What one transfer does.</content>
public sealed partial class Book
{
    TransferStatus Execute(in TransferEvent transfer, ulong timestampNs, ulong key, bool mayBeOld)
    {
        if (!transfer.Id.IsValid)
        {
            return TransferStatus.IdInvalid;
        }
        if (!AreValid(transfer.Flags))
        {
            return TransferStatus.FlagsInvalid;
        }
        var existing = transfers.Find(new IdMatch(transfer.Id.Value, key), mayBeOld);
        if (existing >= 0)
        {
            return CompareWith(transfer, transfers[existing]);
        }
        if (transfers.Count >= TransfersMax)
        {
            return TransferStatus.BookFull;
        }
        return transfer.Resolves ? Resolve(transfer, timestampNs, key) : Move(transfer, timestampNs, key);
    }

    static bool AreValid(TransferFlags flags)
    {
        const TransferFlags known = TransferFlags.Linked | TransferFlags.Pending | TransferFlags.PostPending | TransferFlags.VoidPending;
        var kind = flags & ~TransferFlags.Linked;
        return (flags & ~known) == 0 && (kind == TransferFlags.None || System.Numerics.BitOperations.IsPow2((uint)kind));
    }

    // Linked is how a transfer came, not what it is: a retry outside of its chain is the same transfer.
    TransferStatus CompareWith(in TransferEvent transfer, in TransferEntry existing)
    {
        if ((transfer.Flags & ~TransferFlags.Linked) != (existing.Flags & ~TransferFlags.Linked))
        {
            return TransferStatus.ExistsWithDifferentFlags;
        }
        var inherits = transfer.Resolves;
        if (transfer.Debit != existing.Debit && !(inherits && transfer.Debit == NoAccount))
        {
            return TransferStatus.ExistsWithDifferentDebitAccount;
        }
        if (transfer.Credit != existing.Credit && !(inherits && transfer.Credit == NoAccount))
        {
            return TransferStatus.ExistsWithDifferentCreditAccount;
        }
        var pending = existing.Resolves ? transfers[existing.PendingNumber] : default;
        if (transfer.PendingId.Value != pending.Id)
        {
            return TransferStatus.ExistsWithDifferentPendingId;
        }
        if (transfer.TimeoutSeconds != existing.TimeoutSeconds)
        {
            return TransferStatus.ExistsWithDifferentTimeout;
        }
        if (transfer.Code != existing.Code && !(inherits && transfer.Code == 0))
        {
            return TransferStatus.ExistsWithDifferentCode;
        }
        var amount = inherits ? AmountOf(transfer, pending) : transfer.Amount;
        return amount == existing.Amount ? TransferStatus.Exists : TransferStatus.ExistsWithDifferentAmount;
    }

    // What a post or a void means by its amount: the largest number stands for all, and a void may leave it out.
    static UInt128 AmountOf(in TransferEvent resolution, in TransferEntry pending)
    {
        var isVoid = (resolution.Flags & TransferFlags.VoidPending) != 0;
        var all = resolution.Amount == UInt128.MaxValue || (isVoid && resolution.Amount == UInt128.Zero);
        return all ? pending.Amount : resolution.Amount;
    }

    TransferStatus Move(in TransferEvent transfer, ulong timestampNs, ulong key)
    {
        var isPending = (transfer.Flags & TransferFlags.Pending) != 0;
        if (transfer.PendingId.Value != UInt128.Zero)
        {
            return TransferStatus.PendingIdMustBeZero;
        }
        if (transfer.TimeoutSeconds != 0 && !isPending)
        {
            return TransferStatus.TimeoutReservedForPending;
        }
        if (transfer.Debit <= NoAccount || transfer.Debit >= accounts.Count)
        {
            return TransferStatus.DebitAccountNotFound;
        }
        if (transfer.Credit <= NoAccount || transfer.Credit >= accounts.Count)
        {
            return TransferStatus.CreditAccountNotFound;
        }
        if (transfer.Debit == transfer.Credit)
        {
            return TransferStatus.AccountsMustBeDifferent;
        }
        if (transfer.Amount == UInt128.Zero)
        {
            return TransferStatus.AmountMustNotBeZero;
        }
        var debit = accounts[transfer.Debit].Unpack();
        var credit = accounts[transfer.Credit].Unpack();
        var (debitBefore, creditBefore) = (debit, credit);
        if (transfer.Amount > AmountMax
            || !TryAdd(ref debit.DebitsPending, ref debit.DebitsPosted, transfer.Amount, isPending)
            || !TryAdd(ref credit.CreditsPending, ref credit.CreditsPosted, transfer.Amount, isPending))
        {
            return TransferStatus.Overflows;
        }
        var problem = LimitProblem(debit);
        problem = problem == TransferStatus.Ok ? LimitProblem(credit) : problem;
        if (problem != TransferStatus.Ok)
        {
            return problem;
        }
        var entry = EntryOf(transfer, transfer.Amount, timestampNs);
        entry.Debit = transfer.Debit;
        entry.Credit = transfer.Credit;
        entry.Code = transfer.Code;
        entry.TimeoutSeconds = transfer.TimeoutSeconds;
        var number = Stand(ref entry, key, ref debit, ref credit);
        SetAccount(transfer.Debit, debitBefore, debit);
        SetAccount(transfer.Credit, creditBefore, credit);
        if (isPending)
        {
            Open(number);
            Schedule(number, entry);
        }
        return TransferStatus.Ok;
    }

    TransferStatus Resolve(in TransferEvent transfer, ulong timestampNs, ulong key)
    {
        if (transfer.TimeoutSeconds != 0)
        {
            return TransferStatus.TimeoutReservedForPending;
        }
        var problem = ResolutionProblem(transfer, out var pendingNumber, out var pending);
        if (problem != TransferStatus.Ok)
        {
            return problem;
        }
        var amount = AmountOf(transfer, pending);
        var isVoid = (transfer.Flags & TransferFlags.VoidPending) != 0;
        if (amount > pending.Amount)
        {
            return TransferStatus.ExceedsPendingTransferAmount;
        }
        if (isVoid && amount != pending.Amount)
        {
            return TransferStatus.PendingTransferHasDifferentAmount;
        }
        if (amount == UInt128.Zero)
        {
            return TransferStatus.AmountMustNotBeZero;
        }
        problem = StateProblem(pendingNumber, pending, timestampNs);
        if (problem != TransferStatus.Ok)
        {
            return problem;
        }
        var debit = accounts[pending.Debit].Unpack();
        var credit = accounts[pending.Credit].Unpack();
        var (debitBefore, creditBefore) = (debit, credit);
        debit.DebitsPending = checked(debit.DebitsPending - pending.Amount);
        credit.CreditsPending = checked(credit.CreditsPending - pending.Amount);
        if (!isVoid)
        {
            // What was reserved passed the limits when it was reserved; posting it cannot fail.
            debit.DebitsPosted = checked(debit.DebitsPosted + amount);
            credit.CreditsPosted = checked(credit.CreditsPosted + amount);
        }
        Close(pendingNumber);
        var entry = EntryOf(transfer, amount, timestampNs);
        entry.Debit = pending.Debit;
        entry.Credit = pending.Credit;
        entry.Code = pending.Code;
        entry.PendingNumber = pendingNumber;
        var number = Stand(ref entry, key, ref debit, ref credit);
        transfers.AddKey(RecordKeys.OfResolution(pendingNumber), number);
        SetAccount(pending.Debit, debitBefore, debit);
        SetAccount(pending.Credit, creditBefore, credit);
        return TransferStatus.Ok;
    }

    TransferStatus ResolutionProblem(in TransferEvent transfer, out long number, out TransferEntry pending)
    {
        number = -1;
        pending = default;
        if (transfer.PendingId.Value == UInt128.Zero)
        {
            return TransferStatus.PendingIdMustNotBeZero;
        }
        if (transfer.PendingId == transfer.Id)
        {
            return TransferStatus.PendingIdMustBeDifferent;
        }
        number = transfers.Find(new IdMatch(transfer.PendingId.Value));
        if (number < 0)
        {
            return TransferStatus.PendingTransferNotFound;
        }
        pending = transfers[number];
        if (!pending.IsPending)
        {
            return TransferStatus.PendingTransferNotPending;
        }
        if (transfer.Debit != NoAccount && transfer.Debit != pending.Debit)
        {
            return TransferStatus.PendingTransferHasDifferentDebitAccount;
        }
        if (transfer.Credit != NoAccount && transfer.Credit != pending.Credit)
        {
            return TransferStatus.PendingTransferHasDifferentCreditAccount;
        }
        return transfer.Code != 0 && transfer.Code != pending.Code
            ? TransferStatus.PendingTransferHasDifferentCode
            : TransferStatus.Ok;
    }

    TransferStatus StateProblem(long number, in TransferEntry pending, ulong timestampNs)
    {
        if (openHolds.Contains(number))
        {
            return pending.ExpiresNs <= timestampNs ? TransferStatus.PendingTransferExpired : TransferStatus.Ok;
        }
        return StateOf(number, pending) switch
        {
            PendingState.Posted => TransferStatus.PendingTransferAlreadyPosted,
            PendingState.Voided => TransferStatus.PendingTransferAlreadyVoided,
            _ => TransferStatus.PendingTransferExpired,
        };
    }

    static TransferEntry EntryOf(in TransferEvent transfer, UInt128 amount, ulong timestampNs) => new()
    {
        Id = transfer.Id.Value,
        Amount = amount,
        TimestampNs = timestampNs,
        Flags = transfer.Flags,
    };

    long Stand(ref TransferEntry entry, ulong key, ref AccountState debit, ref AccountState credit)
    {
        entry.PreviousOfDebit = debit.LastTransfer;
        entry.PreviousOfCredit = credit.LastTransfer;
        var number = transfers.Add(entry);
        transfers.AddKey(key, number);
        debit.LastTransfer = number;
        credit.LastTransfer = number;
        return number;
    }

    // Posted and pending together must fit, so that posting what is pending can never overflow.
    static bool TryAdd(ref UInt128 pending, ref UInt128 posted, UInt128 amount, bool isPending)
    {
        if (pending + posted + amount > SumMax)
        {
            return false;
        }
        ref var sum = ref isPending ? ref pending : ref posted;
        sum += amount;
        return true;
    }

    static TransferStatus LimitProblem(in AccountState account)
    {
        switch (account.Flags)
        {
            case AccountFlags.DebitsMustNotExceedCredits:
                return account.DebitsPending + account.DebitsPosted > account.CreditsPosted
                    ? TransferStatus.ExceedsCredits
                    : TransferStatus.Ok;
            case AccountFlags.CreditsMustNotExceedDebits:
                return account.CreditsPending + account.CreditsPosted > account.DebitsPosted
                    ? TransferStatus.ExceedsDebits
                    : TransferStatus.Ok;
            case AccountFlags.Mint:
                var debits = account.DebitsPending + account.DebitsPosted;
                return debits > account.CreditsPosted && debits - account.CreditsPosted > Amount.Supply.Atto
                    ? TransferStatus.ExceedsSupply
                    : TransferStatus.Ok;
            case AccountFlags.Burn:
                return account.DebitsPending + account.DebitsPosted != UInt128.Zero
                    ? TransferStatus.DebitAccountTakesNoDebits
                    : TransferStatus.Ok;
            default:
                return TransferStatus.Ok;
        }
    }
}
