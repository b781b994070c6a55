using System.Numerics;
using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

/// <summary>
/// The book again, as simply as it can be said: unbounded integers, a chain tried on a copy of everything. It predicts whether a transfer
/// stands and every balance after it.
/// </summary>
sealed class ModelBook
{
    public sealed record ModelAccount(AccountFlags Flags)
    {
        public BigInteger DebitsPending { get; init; }
        public BigInteger DebitsPosted { get; init; }
        public BigInteger CreditsPending { get; init; }
        public BigInteger CreditsPosted { get; init; }
    }

    public sealed record ModelTransfer(TransferEvent Event, int Debit, int Credit, BigInteger Amount, ulong ExpiresNs, PendingState State);

    public Dictionary<int, ModelAccount> Accounts { get; private init; } = [];

    public Dictionary<TransferId, ModelTransfer> Transfers { get; private init; } = [];

    ModelBook Copy() => new() { Accounts = new(Accounts), Transfers = new(Transfers) };

    void Take(ModelBook other)
    {
        Accounts.Clear();
        Transfers.Clear();
        foreach (var (key, value) in other.Accounts)
        {
            Accounts[key] = value;
        }
        foreach (var (key, value) in other.Transfers)
        {
            Transfers[key] = value;
        }
    }

    public bool[] Apply(TransferEvent[] batch, ulong timestampNs)
    {
        Expire(timestampNs);
        var stands = new bool[batch.Length];
        var start = 0;
        while (start < batch.Length)
        {
            var end = start;
            while (end < batch.Length && batch[end].Flags.HasFlag(TransferFlags.Linked))
            {
                end++;
            }
            var attempt = Copy();
            var closed = end < batch.Length;
            var all = closed;
            for (var i = start; all && i <= end; i++)
            {
                all = attempt.Stands(batch[i], timestampNs + (ulong)i);
            }
            if (all)
            {
                Take(attempt);
            }
            stands.AsSpan(start..Math.Min(end + 1, batch.Length)).Fill(all);
            start = end + 1;
        }
        return stands;
    }

    void Expire(ulong timestampNs)
    {
        foreach (var (id, transfer) in Transfers.Where(pair => pair.Value.State == PendingState.Pending).ToList())
        {
            if (transfer.ExpiresNs <= timestampNs)
            {
                Transfers[id] = transfer with { State = PendingState.Expired };
                Unreserve(transfer);
            }
        }
    }

    void Unreserve(ModelTransfer pending)
    {
        var debit = Accounts[pending.Debit];
        Accounts[pending.Debit] = debit with { DebitsPending = debit.DebitsPending - pending.Amount };
        var credit = Accounts[pending.Credit];
        Accounts[pending.Credit] = credit with { CreditsPending = credit.CreditsPending - pending.Amount };
    }

    bool Stands(TransferEvent transfer, ulong timestampNs)
    {
        var kind = transfer.Flags & ~TransferFlags.Linked;
        TransferFlags[] kinds = [TransferFlags.None, TransferFlags.Pending, TransferFlags.PostPending, TransferFlags.VoidPending];
        if (!transfer.Id.IsValid || !kinds.Contains(kind))
        {
            return false;
        }
        return Transfers.TryGetValue(transfer.Id, out var existing)
            ? IsRetry(transfer, existing)
            : kind is TransferFlags.None or TransferFlags.Pending ? Move(transfer, timestampNs) : Resolve(transfer, timestampNs);
    }

    bool IsRetry(TransferEvent transfer, ModelTransfer existing)
    {
        var first = existing.Event;
        var kind = transfer.Flags & ~TransferFlags.Linked;
        if (kind != (first.Flags & ~TransferFlags.Linked) || transfer.PendingId != first.PendingId
            || transfer.TimeoutSeconds != first.TimeoutSeconds)
        {
            return false;
        }
        if (kind is TransferFlags.None or TransferFlags.Pending)
        {
            return transfer.Debit == first.Debit && transfer.Credit == first.Credit && transfer.Amount == first.Amount
                && transfer.Code == first.Code;
        }
        var pending = Transfers[first.PendingId];
        return transfer.Debit is var debit && (debit == 0 || debit == existing.Debit)
            && (transfer.Credit == 0 || transfer.Credit == existing.Credit)
            && (transfer.Code == 0 || transfer.Code == pending.Event.Code)
            && Resolved(transfer, pending) == existing.Amount;
    }

    static BigInteger Resolved(TransferEvent transfer, ModelTransfer pending) =>
        transfer.Amount == UInt128.MaxValue || (transfer.Flags.HasFlag(TransferFlags.VoidPending) && transfer.Amount == 0)
            ? pending.Amount
            : (BigInteger)transfer.Amount;

    bool Move(TransferEvent transfer, ulong timestampNs)
    {
        var isPending = transfer.Flags.HasFlag(TransferFlags.Pending);
        if (transfer.PendingId.Value != 0 || (transfer.TimeoutSeconds != 0 && !isPending) || transfer.Amount == 0
            || transfer.Amount > Book.AmountMax || transfer.Debit == transfer.Credit || !Accounts.TryGetValue(transfer.Debit, out var debit)
            || !Accounts.TryGetValue(transfer.Credit, out var credit))
        {
            return false;
        }
        BigInteger amount = transfer.Amount;
        debit = isPending ? debit with { DebitsPending = debit.DebitsPending + amount }
            : debit with { DebitsPosted = debit.DebitsPosted + amount };
        credit = isPending ? credit with { CreditsPending = credit.CreditsPending + amount }
            : credit with { CreditsPosted = credit.CreditsPosted + amount };
        if (!Keeps(debit) || !Keeps(credit))
        {
            return false;
        }
        Accounts[transfer.Debit] = debit;
        Accounts[transfer.Credit] = credit;
        var expiresNs = transfer.TimeoutSeconds == 0 ? ulong.MaxValue : timestampNs + (transfer.TimeoutSeconds * 1_000_000_000UL);
        Transfers[transfer.Id] = new ModelTransfer(
            transfer, transfer.Debit, transfer.Credit, amount, expiresNs, isPending ? PendingState.Pending : PendingState.None);
        return true;
    }

    bool Resolve(TransferEvent transfer, ulong timestampNs)
    {
        if (transfer.TimeoutSeconds != 0 || !Transfers.TryGetValue(transfer.PendingId, out var pending)
            || pending.State != PendingState.Pending || pending.ExpiresNs <= timestampNs
            || (transfer.Debit != 0 && transfer.Debit != pending.Debit) || (transfer.Credit != 0 && transfer.Credit != pending.Credit)
            || (transfer.Code != 0 && transfer.Code != pending.Event.Code))
        {
            return false;
        }
        var isVoid = transfer.Flags.HasFlag(TransferFlags.VoidPending);
        var amount = Resolved(transfer, pending);
        if (amount == 0 || amount > pending.Amount || (isVoid && amount != pending.Amount))
        {
            return false;
        }
        Unreserve(pending);
        if (!isVoid)
        {
            var debit = Accounts[pending.Debit];
            Accounts[pending.Debit] = debit with { DebitsPosted = debit.DebitsPosted + amount };
            var credit = Accounts[pending.Credit];
            Accounts[pending.Credit] = credit with { CreditsPosted = credit.CreditsPosted + amount };
        }
        Transfers[transfer.PendingId] = pending with { State = isVoid ? PendingState.Voided : PendingState.Posted };
        Transfers[transfer.Id] = new ModelTransfer(transfer, pending.Debit, pending.Credit, amount, ulong.MaxValue, PendingState.None);
        return true;
    }

    static bool Keeps(ModelAccount account) =>
        account.DebitsPending + account.DebitsPosted <= (BigInteger)Book.SumMax
        && account.CreditsPending + account.CreditsPosted <= (BigInteger)Book.SumMax
        && account.Flags switch
        {
            AccountFlags.DebitsMustNotExceedCredits => account.DebitsPending + account.DebitsPosted <= account.CreditsPosted,
            AccountFlags.CreditsMustNotExceedDebits => account.CreditsPending + account.CreditsPosted <= account.DebitsPosted,
            AccountFlags.Mint => account.DebitsPending + account.DebitsPosted - account.CreditsPosted <= Amount.Supply.Atto,
            AccountFlags.Burn => account.DebitsPending + account.DebitsPosted == 0,
            _ => true,
        };
}
