using System.Numerics;

namespace OpenLedger.Ledger;

/// <summary>
/// Balances added up on a second path, in unbounded integers: from the transfers that a journal holds and what each was answered, not from
/// what the book made of them.
/// </summary>
sealed class FsckBalances
{
    sealed class Sums
    {
        public BigInteger DebitsPosted;
        public BigInteger CreditsPosted;
        public BigInteger DebitsHeld;
        public BigInteger CreditsHeld;
    }

    readonly record struct Hold(int Debit, int Credit, BigInteger Amount);

    readonly Dictionary<int, Sums> accounts = [];
    readonly Dictionary<TransferId, Hold> holds = [];
    readonly PriorityQueue<TransferId, ulong> expiries = new();

    // One batch releases a bounded number of expired holds; from then on the book may be behind, and what is held is not compared.
    bool behind;

    public void Apply(ReadOnlySpan<TransferEvent> batch, ReadOnlySpan<TransferStatus> statuses, ulong timestampNs)
    {
        Expire(timestampNs);
        for (var i = 0; i < batch.Length; i++)
        {
            if (statuses[i] == TransferStatus.Ok)
            {
                Apply(batch[i], timestampNs + (ulong)i);
            }
        }
    }

    /// <summary>One sentence for each account whose balance the book has otherwise.</summary>
    public IEnumerable<string> Compare(Book book)
    {
        BigInteger debits = 0, credits = 0;
        for (var number = 1; number <= book.AccountCount; number++)
        {
            var sums = accounts.GetValueOrDefault(number) ?? new Sums();
            var account = book.Account(number);
            debits += sums.DebitsPosted;
            credits += sums.CreditsPosted;
            if (sums.DebitsPosted != account.DebitsPosted || sums.CreditsPosted != account.CreditsPosted)
            {
                yield return $"the balance of {book.NameOf(number)} does not follow from its transfers: by the journal debits "
                    + $"{sums.DebitsPosted}, credits {sums.CreditsPosted} atto-OPEN, in the book {account.DebitsPosted} and "
                    + $"{account.CreditsPosted}";
            }
            if (!behind && (sums.DebitsHeld != account.DebitsPending || sums.CreditsHeld != account.CreditsPending))
            {
                yield return $"what is held of {book.NameOf(number)} does not follow from its holds: debits {sums.DebitsHeld}, credits "
                    + $"{sums.CreditsHeld} atto-OPEN by the journal, {account.DebitsPending} and {account.CreditsPending} in the book";
            }
        }
        if (debits != credits)
        {
            yield return $"debits of {debits} atto-OPEN stand against credits of {credits}";
        }
    }

    /// <summary>Posted credits less posted debits, over the accounts that neither mint nor burn; zero where that is negative.</summary>
    public Amount Circulating(Book book)
    {
        var sum = BigInteger.Zero;
        foreach (var (number, sums) in accounts)
        {
            if (book.Account(number).Flags is not (AccountFlags.Mint or AccountFlags.Burn))
            {
                sum += sums.CreditsPosted - sums.DebitsPosted;
            }
        }
        return sum.Sign < 0 ? Amount.Zero : Amount.FromAtto((UInt128)sum);
    }

    void Expire(ulong timestampNs)
    {
        var count = 0;
        while (expiries.TryPeek(out var id, out var expiresNs) && expiresNs <= timestampNs)
        {
            _ = expiries.Dequeue();
            behind |= ++count > Book.ExpiriesPerBatchMax;
            if (holds.Remove(id, out var hold))
            {
                Release(hold);
            }
        }
    }

    void Apply(in TransferEvent transfer, ulong timestampNs)
    {
        if (transfer.Resolves)
        {
            if (!holds.Remove(transfer.PendingId, out var hold))
            {
                return;
            }
            Release(hold);
            if ((transfer.Flags & TransferFlags.PostPending) != 0)
            {
                Post(hold.Debit, hold.Credit, transfer.Amount == UInt128.MaxValue ? hold.Amount : (BigInteger)transfer.Amount);
            }
        }
        else if ((transfer.Flags & TransferFlags.Pending) != 0)
        {
            SumsOf(transfer.Debit).DebitsHeld += transfer.Amount;
            SumsOf(transfer.Credit).CreditsHeld += transfer.Amount;
            holds[transfer.Id] = new Hold(transfer.Debit, transfer.Credit, transfer.Amount);
            if (transfer.TimeoutSeconds != 0)
            {
                expiries.Enqueue(transfer.Id, timestampNs + (transfer.TimeoutSeconds * 1_000_000_000UL));
            }
        }
        else
        {
            Post(transfer.Debit, transfer.Credit, transfer.Amount);
        }
    }

    void Post(int debit, int credit, BigInteger amount)
    {
        SumsOf(debit).DebitsPosted += amount;
        SumsOf(credit).CreditsPosted += amount;
    }

    void Release(in Hold hold)
    {
        SumsOf(hold.Debit).DebitsHeld -= hold.Amount;
        SumsOf(hold.Credit).CreditsHeld -= hold.Amount;
    }

    Sums SumsOf(int account)
    {
        if (!accounts.TryGetValue(account, out var sums))
        {
            accounts[account] = sums = new Sums();
        }
        return sums;
    }
}
