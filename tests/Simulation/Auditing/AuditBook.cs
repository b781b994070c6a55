using System.Numerics;
using OpenLedger;
using OpenLedger.Ledger;

namespace Simulation.Tests.Auditing;

/// <summary>An account as the auditor knows it, in unbounded integers.</summary>
sealed record AuditedAccount(AccountFlags Flags)
{
    public BigInteger DebitsPending { get; init; }
    public BigInteger DebitsPosted { get; init; }
    public BigInteger CreditsPending { get; init; }
    public BigInteger CreditsPosted { get; init; }
}

/// <summary>A transfer that stands.</summary>
sealed record AuditedTransfer(
    string Debit, string Credit, BigInteger Amount, TransferFlags Kind, TransferId PendingId, uint TimeoutSeconds, ushort Code,
    ulong TimeNs)
{
    public PendingState State { get; init; }

    public bool IsDue(ulong timeNs) => TimeoutSeconds != 0 && TimeNs + (TimeoutSeconds * 1_000_000_000UL) <= timeNs;
}

/// <summary>A receipt in the log.</summary>
sealed record AuditedReceipt(ulong Index, byte[] Canonical);

/// <summary>
/// The book a second time, by the names and the rules of docs/ledger.md, sharing nothing with <see cref="Book"/> but the messages: plain
/// dictionaries, unbounded integers, and a list of how to undo a chain. It says what every transfer is answered, to the status.
/// </summary>
sealed class AuditBook
{
    static readonly BigInteger amountMax = BigInteger.Pow(2, 96) - 1;
    static readonly BigInteger sumMax = BigInteger.Pow(2, 112) - 1;
    static readonly BigInteger supply = (BigInteger)Amount.Supply.Atto;
    readonly List<Action> undo = [];
    bool inChain;

    public Dictionary<string, AuditedAccount> Accounts { get; private init; } = new(StringComparer.Ordinal);

    public Dictionary<TransferId, AuditedTransfer> Transfers { get; private init; } = [];

    public Dictionary<string, AuditedReceipt> Receipts { get; private init; } = new(StringComparer.Ordinal);

    // Holds that are neither resolved nor expired.
    HashSet<TransferId> Open { get; init; } = [];

    /// <summary>The ledger's own time, nanoseconds since 1970.</summary>
    public ulong LastTimeNs { get; private set; }

    /// <summary>Sequence of the last record of the journal.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Entries of the log.</summary>
    public ulong TreeSize { get; private set; }

    public AuditBook Copy() => new()
    {
        Accounts = new(Accounts, StringComparer.Ordinal),
        Transfers = new(Transfers),
        Receipts = new(Receipts, StringComparer.Ordinal),
        Open = [.. Open],
        LastTimeNs = LastTimeNs,
        Sequence = Sequence,
        TreeSize = TreeSize,
    };

    /// <summary>Applies one record of the journal: what each request is answered.</summary>
    /// <param name="nowNs">What the clock says; the ledger's time does not go back with it.</param>
    public LedgerReply[] Commit(IReadOnlyList<LedgerRequest> requests, ulong nowNs)
    {
        var recordNs = Math.Max(nowNs, LastTimeNs + 1);
        var leaves = 1UL;
        var replies = requests.Select(request => Request(request, Math.Max(recordNs, LastTimeNs + 1), ref leaves)).ToArray();
        Sequence++;
        TreeSize += leaves;
        return replies;
    }

    LedgerReply Request(LedgerRequest request, ulong timeNs, ref ulong leaves)
    {
        var accounts = request.Accounts.Select(OpenAccount).ToArray();
        var drafts = request.Receipts.Select(draft => (Draft: draft, Receipt.FromBytes(draft.Canonical).Id)).ToArray();
        if (request.AllOrNothing && drafts.Any(each => Known(each.Id, each.Draft)?.Status == ReceiptStatus.ExistsWithDifferentBody))
        {
            Expire(timeNs);
            LastTimeNs = timeNs;
            return new LedgerReply(
                accounts,
                [.. request.Transfers.Select(_ => TransferStatus.LinkedEventFailed)],
                [.. drafts.Select(each => Known(each.Id, each.Draft) ?? new ReceiptResult(each.Id, ReceiptStatus.TransfersRefused, 0))]);
        }
        var transfers = Batch(request, timeNs);
        var stand = transfers.All(status => status is TransferStatus.Ok or TransferStatus.Exists);
        var results = new ReceiptResult[drafts.Length];
        for (var i = 0; i < drafts.Length; i++)
        {
            var (draft, id) = drafts[i];
            if (Known(id, draft) is { } known)
            {
                results[i] = known;
            }
            else if (!stand)
            {
                results[i] = new ReceiptResult(id, ReceiptStatus.TransfersRefused, 0);
            }
            else
            {
                var index = TreeSize + leaves++;
                Receipts[id] = new AuditedReceipt(index, WithSequence(draft, index));
                results[i] = new ReceiptResult(id, ReceiptStatus.Ok, index);
            }
        }
        return new LedgerReply(accounts, transfers, results);
    }

    ReceiptResult? Known(string id, ReceiptDraft draft) => !Receipts.TryGetValue(id, out var known) ? null
        : new ReceiptResult(
            id,
            WithSequence(draft, known.Index).AsSpan().SequenceEqual(known.Canonical)
                ? ReceiptStatus.Exists : ReceiptStatus.ExistsWithDifferentBody,
            known.Index);

    static byte[] WithSequence(ReceiptDraft draft, ulong index) => (Receipt.FromBytes(draft.Canonical) with { Sequence = index }).ToBytes();

    AccountStatus OpenAccount(OpenAccount opening)
    {
        AccountFlags[] known =
        [
            AccountFlags.None, AccountFlags.DebitsMustNotExceedCredits, AccountFlags.CreditsMustNotExceedDebits, AccountFlags.Mint,
            AccountFlags.Burn,
        ];
        if (!known.Contains(opening.Flags))
        {
            return AccountStatus.FlagsInvalid;
        }
        if (Accounts.TryGetValue(opening.Name, out var existing))
        {
            return existing.Flags == opening.Flags ? AccountStatus.Exists : AccountStatus.ExistsWithDifferentFlags;
        }
        Accounts[opening.Name] = new AuditedAccount(opening.Flags);
        return AccountStatus.Ok;
    }

    TransferStatus[] Batch(LedgerRequest request, ulong timeNs)
    {
        Expire(timeNs);
        var batch = request.Transfers;
        var statuses = new TransferStatus[batch.Count];
        for (var start = 0; start < batch.Count;)
        {
            var end = start;
            while (end < batch.Count && IsLinked(request, end))
            {
                end++;
            }
            Chain(request, start, Math.Min(end, batch.Count - 1), isOpen: end == batch.Count, timeNs, statuses);
            start = end + 1;
        }
        LastTimeNs = timeNs + (ulong)Math.Max(0, batch.Count - 1);
        return statuses;
    }

    static bool IsLinked(LedgerRequest request, int index) =>
        request.Transfers[index].Flags.HasFlag(TransferFlags.Linked) || (request.AllOrNothing && index < request.Transfers.Count - 1);

    void Chain(LedgerRequest request, int first, int last, bool isOpen, ulong timeNs, TransferStatus[] statuses)
    {
        undo.Clear();
        inChain = first != last || isOpen;
        for (var i = first; i <= last; i++)
        {
            statuses[i] = isOpen && i == last ? TransferStatus.LinkedEventChainOpen : One(request.Transfers[i], timeNs + (ulong)i);
            if (inChain && statuses[i] is not (TransferStatus.Ok or TransferStatus.Exists))
            {
                statuses.AsSpan(first..i).Fill(TransferStatus.LinkedEventFailed);
                statuses.AsSpan((i + 1)..(last + 1)).Fill(TransferStatus.LinkedEventFailed);
                undo.Reverse();
                undo.ForEach(step => step());
                break;
            }
        }
        undo.Clear();
        inChain = false;
    }

    void Expire(ulong timeNs)
    {
        foreach (var id in Open.Where(id => Transfers[id].IsDue(timeNs)).ToList())
        {
            var hold = Transfers[id];
            Set(id, hold with { State = PendingState.Expired });
            Unreserve(hold);
            _ = Open.Remove(id);
        }
    }

    TransferStatus One(Transfer transfer, ulong timeNs)
    {
        var kind = transfer.Flags & ~TransferFlags.Linked;
        if (!transfer.Id.IsValid)
        {
            return TransferStatus.IdInvalid;
        }
        if (kind is not (TransferFlags.None or TransferFlags.Pending or TransferFlags.PostPending or TransferFlags.VoidPending))
        {
            return TransferStatus.FlagsInvalid;
        }
        if (Transfers.TryGetValue(transfer.Id, out var existing))
        {
            return Retry(transfer, kind, existing);
        }
        return kind is TransferFlags.None or TransferFlags.Pending
            ? Move(transfer, kind, timeNs) : Resolve(transfer, kind == TransferFlags.VoidPending, timeNs);
    }

    TransferStatus Retry(Transfer transfer, TransferFlags kind, AuditedTransfer existing)
    {
        var resolves = kind is TransferFlags.PostPending or TransferFlags.VoidPending;
        bool Same(string given, string stored) => resolves && given.Length == 0 ? true : given == stored;
        if (kind != existing.Kind)
        {
            return TransferStatus.ExistsWithDifferentFlags;
        }
        if (!Same(transfer.Debit, existing.Debit))
        {
            return TransferStatus.ExistsWithDifferentDebitAccount;
        }
        if (!Same(transfer.Credit, existing.Credit))
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
        if (transfer.Code != existing.Code && !(resolves && transfer.Code == 0))
        {
            return TransferStatus.ExistsWithDifferentCode;
        }
        BigInteger amount = resolves ? Meant(transfer, kind, Transfers[existing.PendingId]) : transfer.Amount.Atto;
        return amount == existing.Amount ? TransferStatus.Exists : TransferStatus.ExistsWithDifferentAmount;
    }

    static BigInteger Meant(Transfer transfer, TransferFlags kind, AuditedTransfer hold) =>
        transfer.Amount == Amount.MaxValue || (kind == TransferFlags.VoidPending && transfer.Amount.IsZero)
            ? hold.Amount : (BigInteger)transfer.Amount.Atto;

    TransferStatus Move(Transfer transfer, TransferFlags kind, ulong timeNs)
    {
        var isHold = kind == TransferFlags.Pending;
        if (transfer.PendingId.Value != 0)
        {
            return TransferStatus.PendingIdMustBeZero;
        }
        if (transfer.TimeoutSeconds != 0 && !isHold)
        {
            return TransferStatus.TimeoutReservedForPending;
        }
        if (!Accounts.TryGetValue(transfer.Debit, out var debit))
        {
            return TransferStatus.DebitAccountNotFound;
        }
        if (!Accounts.TryGetValue(transfer.Credit, out var credit))
        {
            return TransferStatus.CreditAccountNotFound;
        }
        if (transfer.Debit == transfer.Credit)
        {
            return TransferStatus.AccountsMustBeDifferent;
        }
        if (transfer.Amount.IsZero)
        {
            return TransferStatus.AmountMustNotBeZero;
        }
        BigInteger amount = transfer.Amount.Atto;
        debit = isHold ? debit with { DebitsPending = debit.DebitsPending + amount }
            : debit with { DebitsPosted = debit.DebitsPosted + amount };
        credit = isHold ? credit with { CreditsPending = credit.CreditsPending + amount }
            : credit with { CreditsPosted = credit.CreditsPosted + amount };
        if (amount > amountMax || debit.DebitsPending + debit.DebitsPosted > sumMax
            || credit.CreditsPending + credit.CreditsPosted > sumMax)
        {
            return TransferStatus.Overflows;
        }
        if ((Limit(debit) ?? Limit(credit)) is { } limit)
        {
            return limit;
        }
        Set(transfer.Debit, debit);
        Set(transfer.Credit, credit);
        Stand(
            transfer.Id,
            new AuditedTransfer(
                transfer.Debit, transfer.Credit, amount, kind, default, transfer.TimeoutSeconds, transfer.Code, timeNs)
            {
                State = isHold ? PendingState.Pending : PendingState.None,
            });
        return TransferStatus.Ok;
    }

    TransferStatus Resolve(Transfer transfer, bool isVoid, ulong timeNs)
    {
        if (transfer.TimeoutSeconds != 0)
        {
            return TransferStatus.TimeoutReservedForPending;
        }
        if (transfer.PendingId.Value == 0)
        {
            return TransferStatus.PendingIdMustNotBeZero;
        }
        if (transfer.PendingId == transfer.Id)
        {
            return TransferStatus.PendingIdMustBeDifferent;
        }
        if (!Transfers.TryGetValue(transfer.PendingId, out var hold))
        {
            return TransferStatus.PendingTransferNotFound;
        }
        var amount = Meant(transfer, isVoid ? TransferFlags.VoidPending : TransferFlags.PostPending, hold);
        if (Refused(transfer, hold, amount, isVoid, timeNs) is { } refused)
        {
            return refused;
        }
        Unreserve(hold);
        if (!isVoid)
        {
            var debit = Accounts[hold.Debit];
            Set(hold.Debit, debit with { DebitsPosted = debit.DebitsPosted + amount });
            var credit = Accounts[hold.Credit];
            Set(hold.Credit, credit with { CreditsPosted = credit.CreditsPosted + amount });
        }
        Set(transfer.PendingId, hold with { State = isVoid ? PendingState.Voided : PendingState.Posted });
        Close(transfer.PendingId);
        var kind = isVoid ? TransferFlags.VoidPending : TransferFlags.PostPending;
        Stand(transfer.Id, new AuditedTransfer(hold.Debit, hold.Credit, amount, kind, transfer.PendingId, 0, hold.Code, timeNs));
        return TransferStatus.Ok;
    }

    static TransferStatus? Refused(Transfer transfer, AuditedTransfer hold, BigInteger amount, bool isVoid, ulong timeNs) => hold switch
    {
        { State: PendingState.None } => TransferStatus.PendingTransferNotPending,
        _ when transfer.Debit.Length != 0 && transfer.Debit != hold.Debit => TransferStatus.PendingTransferHasDifferentDebitAccount,
        _ when transfer.Credit.Length != 0 && transfer.Credit != hold.Credit => TransferStatus.PendingTransferHasDifferentCreditAccount,
        _ when transfer.Code != 0 && transfer.Code != hold.Code => TransferStatus.PendingTransferHasDifferentCode,
        _ when amount > hold.Amount => TransferStatus.ExceedsPendingTransferAmount,
        _ when isVoid && amount != hold.Amount => TransferStatus.PendingTransferHasDifferentAmount,
        _ when amount.IsZero => TransferStatus.AmountMustNotBeZero,
        { State: PendingState.Posted } => TransferStatus.PendingTransferAlreadyPosted,
        { State: PendingState.Voided } => TransferStatus.PendingTransferAlreadyVoided,
        { State: PendingState.Expired } => TransferStatus.PendingTransferExpired,
        _ when hold.IsDue(timeNs) => TransferStatus.PendingTransferExpired,
        _ => null,
    };

    static TransferStatus? Limit(AuditedAccount account)
    {
        var debits = account.DebitsPending + account.DebitsPosted;
        return account.Flags switch
        {
            AccountFlags.DebitsMustNotExceedCredits when debits > account.CreditsPosted => TransferStatus.ExceedsCredits,
            AccountFlags.CreditsMustNotExceedDebits when account.CreditsPending + account.CreditsPosted > account.DebitsPosted
                => TransferStatus.ExceedsDebits,
            AccountFlags.Mint when debits - account.CreditsPosted > supply => TransferStatus.ExceedsSupply,
            AccountFlags.Burn when !debits.IsZero => TransferStatus.DebitAccountTakesNoDebits,
            _ => null,
        };
    }

    void Unreserve(AuditedTransfer hold)
    {
        var debit = Accounts[hold.Debit];
        Set(hold.Debit, debit with { DebitsPending = debit.DebitsPending - hold.Amount });
        var credit = Accounts[hold.Credit];
        Set(hold.Credit, credit with { CreditsPending = credit.CreditsPending - hold.Amount });
    }

    void Stand(TransferId id, AuditedTransfer transfer)
    {
        Transfers.Add(id, transfer);
        Remember(() => Transfers.Remove(id));
        if (transfer.State == PendingState.Pending)
        {
            _ = Open.Add(id);
            Remember(() => Open.Remove(id));
        }
    }

    void Close(TransferId id)
    {
        _ = Open.Remove(id);
        Remember(() => Open.Add(id));
    }

    void Set(string name, AuditedAccount account)
    {
        var before = Accounts[name];
        Accounts[name] = account;
        Remember(() => Accounts[name] = before);
    }

    void Set(TransferId id, AuditedTransfer transfer)
    {
        var before = Transfers[id];
        Transfers[id] = transfer;
        Remember(() => Transfers[id] = before);
    }

    void Remember(Action step)
    {
        if (inChain)
        {
            undo.Add(step);
        }
    }
}
