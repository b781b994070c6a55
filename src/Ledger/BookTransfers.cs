namespace OpenLedger.Ledger;

/// <content>What one transfer does.</content>
public sealed partial class Book
{
    TransferStatus Execute(in TransferEvent transfer, ulong timestampNs)
    {
        if (!transfer.Id.IsValid)
        {
            return TransferStatus.IdInvalid;
        }
        if (!AreValid(transfer.Flags))
        {
            return TransferStatus.FlagsInvalid;
        }
        if (transferNumbers.TryGetValue(transfer.Id.Value, out var existing))
        {
            return CompareWith(transfer, transfers[existing]);
        }
        if (transfers.Count >= TransfersMax)
        {
            return TransferStatus.BookFull;
        }
        return transfer.Resolves ? Resolve(transfer, timestampNs) : Move(transfer, timestampNs);
    }

    static bool AreValid(TransferFlags flags)
    {
        const TransferFlags known = TransferFlags.Linked | TransferFlags.Pending | TransferFlags.PostPending | TransferFlags.VoidPending;
        var kind = flags & ~TransferFlags.Linked;
        return (flags & ~known) == 0 && (kind == TransferFlags.None || System.Numerics.BitOperations.IsPow2((uint)kind));
    }

    // Linked is how a transfer came, not what it is: a retry outside of its chain is the same transfer.
    TransferStatus CompareWith(in TransferEvent transfer, in TransferRecord existing)
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
        if (transfer.PendingId != existing.PendingId)
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
        var amount = inherits ? AmountOf(transfer, transfers[transferNumbers[existing.PendingId.Value]]) : transfer.Amount;
        return amount == existing.Amount ? TransferStatus.Exists : TransferStatus.ExistsWithDifferentAmount;
    }

    // What a post or a void means by its amount: the largest number stands for all, and a void may leave it out.
    static UInt128 AmountOf(in TransferEvent resolution, in TransferRecord pending)
    {
        var isVoid = (resolution.Flags & TransferFlags.VoidPending) != 0;
        var all = resolution.Amount == UInt128.MaxValue || (isVoid && resolution.Amount == UInt128.Zero);
        return all ? pending.Amount : resolution.Amount;
    }

    TransferStatus Move(in TransferEvent transfer, ulong timestampNs)
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
        var debit = accounts[transfer.Debit];
        var credit = accounts[transfer.Credit];
        if (!TryAdd(ref debit, transfer.Amount, isPending, isDebit: true)
            || !TryAdd(ref credit, transfer.Amount, isPending, isDebit: false))
        {
            return TransferStatus.Overflows;
        }
        if ((LimitProblem(debit) ?? LimitProblem(credit)) is { } problem)
        {
            return problem;
        }
        Stand(transfer, transfer.Amount, timestampNs, ref debit, ref credit);
        return TransferStatus.Ok;
    }

    TransferStatus Resolve(in TransferEvent transfer, ulong timestampNs)
    {
        if (transfer.TimeoutSeconds != 0)
        {
            return TransferStatus.TimeoutReservedForPending;
        }
        if (ResolutionProblem(transfer, out var number) is { } problem)
        {
            return problem;
        }
        var pending = transfers[number];
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
        if (StateProblem(pending, timestampNs) is { } state)
        {
            return state;
        }
        var debit = accounts[pending.Debit];
        var credit = accounts[pending.Credit];
        debit.DebitsPending = checked(debit.DebitsPending - pending.Amount);
        credit.CreditsPending = checked(credit.CreditsPending - pending.Amount);
        if (!isVoid)
        {
            // What was reserved passed the limits when it was reserved; posting it cannot fail.
            debit.DebitsPosted = checked(debit.DebitsPosted + amount);
            credit.CreditsPosted = checked(credit.CreditsPosted + amount);
        }
        SetState(number, isVoid ? PendingState.Voided : PendingState.Posted);
        var inherited = transfer with { Debit = pending.Debit, Credit = pending.Credit, Code = pending.Code };
        Stand(inherited, amount, timestampNs, ref debit, ref credit);
        return TransferStatus.Ok;
    }

    TransferStatus? ResolutionProblem(in TransferEvent transfer, out int number)
    {
        number = -1;
        if (transfer.PendingId.Value == UInt128.Zero)
        {
            return TransferStatus.PendingIdMustNotBeZero;
        }
        if (transfer.PendingId == transfer.Id)
        {
            return TransferStatus.PendingIdMustBeDifferent;
        }
        if (!transferNumbers.TryGetValue(transfer.PendingId.Value, out number))
        {
            return TransferStatus.PendingTransferNotFound;
        }
        var pending = transfers[number];
        if (pending.State == PendingState.None)
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
        return transfer.Code != 0 && transfer.Code != pending.Code ? TransferStatus.PendingTransferHasDifferentCode : null;
    }

    static TransferStatus? StateProblem(in TransferRecord pending, ulong timestampNs) => pending.State switch
    {
        PendingState.Posted => TransferStatus.PendingTransferAlreadyPosted,
        PendingState.Voided => TransferStatus.PendingTransferAlreadyVoided,
        PendingState.Expired => TransferStatus.PendingTransferExpired,
        _ => pending.ExpiresNs <= timestampNs ? TransferStatus.PendingTransferExpired : null,
    };

    void Stand(in TransferEvent transfer, UInt128 amount, ulong timestampNs, ref AccountState debit, ref AccountState credit)
    {
        var number = transfers.Add(new TransferRecord
        {
            Id = transfer.Id,
            Amount = amount,
            PendingId = transfer.PendingId,
            TimestampNs = timestampNs,
            Debit = transfer.Debit,
            Credit = transfer.Credit,
            PreviousOfDebit = debit.LastTransfer,
            PreviousOfCredit = credit.LastTransfer,
            TimeoutSeconds = transfer.TimeoutSeconds,
            Code = transfer.Code,
            Flags = transfer.Flags,
            State = (transfer.Flags & TransferFlags.Pending) != 0 ? PendingState.Pending : PendingState.None,
        });
        transferNumbers.Add(transfer.Id.Value, number);
        debit.LastTransfer = number;
        credit.LastTransfer = number;
        SetAccount(transfer.Debit, debit);
        SetAccount(transfer.Credit, credit);
        Schedule(number);
    }

    // Posted and pending together must fit, so that posting what is pending can never overflow.
    static bool TryAdd(ref AccountState account, UInt128 amount, bool isPending, bool isDebit)
    {
        ref var pending = ref isDebit ? ref account.DebitsPending : ref account.CreditsPending;
        ref var posted = ref isDebit ? ref account.DebitsPosted : ref account.CreditsPosted;
        if (amount > UInt128.MaxValue - (pending + posted))
        {
            return false;
        }
        ref var sum = ref isPending ? ref pending : ref posted;
        sum += amount;
        return true;
    }

    static TransferStatus? LimitProblem(in AccountState account)
    {
        var debits = account.DebitsPending + account.DebitsPosted;
        var credits = account.CreditsPending + account.CreditsPosted;
        return account.Flags switch
        {
            AccountFlags.DebitsMustNotExceedCredits when debits > account.CreditsPosted => TransferStatus.ExceedsCredits,
            AccountFlags.CreditsMustNotExceedDebits when credits > account.DebitsPosted => TransferStatus.ExceedsDebits,
            AccountFlags.Mint when debits > account.CreditsPosted && debits - account.CreditsPosted > Amount.Supply.Atto
                => TransferStatus.ExceedsSupply,
            AccountFlags.Burn when debits != UInt128.Zero => TransferStatus.DebitAccountTakesNoDebits,
            _ => null,
        };
    }
}
