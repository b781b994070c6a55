namespace OpenLedger.Ledger;

/// <summary>What a recomputation of the whole book found.</summary>
/// <param name="Problems">One sentence each; empty when the book agrees with itself.</param>
/// <param name="Minted">Atto-OPEN that left mint accounts, less what came back.</param>
/// <param name="Burned">What arrived at burn accounts.</param>
/// <param name="Circulating">Posted credits less posted debits, over all other accounts; equals minted − burned.</param>
public sealed record BookAudit(IReadOnlyList<string> Problems, Amount Minted, Amount Burned, Amount Circulating)
{
    /// <summary>
    /// Sum of debits = sum of credits, posted and pending; minted − burned = sum of balances; balances follow from the transfers.
    /// </summary>
    public bool Conserved => Problems.Count == 0;
}

/// <content>The audit: the same facts on a second path.</content>
public sealed partial class Book
{
    const int ProblemsMax = 100;

    /// <summary>
    /// Recomputes every balance from the transfers and every sum from the balances. Takes time with the size of the book.
    /// </summary>
    public BookAudit Audit()
    {
        var expected = new AccountState[accounts.Count];
        for (var i = 0L; i < transfers.Count; i++)
        {
            Replay(expected, transfers[i]);
        }
        return Sum(expected);
    }

    /// <summary>Recomputes every sum from the balances. Takes time with the accounts.</summary>
    public BookAudit CheckSums() => Sum(null);

    BookAudit Sum(AccountState[]? expected)
    {
        var problems = new List<string>();
        UInt128 debits = 0, credits = 0, pendingDebits = 0, pendingCredits = 0, minted = 0, burned = 0, circulating = 0;
        for (var i = 1; i < accounts.Count; i++)
        {
            var account = accounts[i].Unpack();
            var replayed = expected is null ? account : expected[i];
            var agrees = account.DebitsPosted == replayed.DebitsPosted && account.CreditsPosted == replayed.CreditsPosted
                && account.DebitsPending == replayed.DebitsPending && account.CreditsPending == replayed.CreditsPending;
            if (!agrees && problems.Count < ProblemsMax)
            {
                problems.Add($"the balance of {names[i]} does not follow from its transfers");
            }
            unchecked
            {
                debits += account.DebitsPosted;
                credits += account.CreditsPosted;
                pendingDebits += account.DebitsPending;
                pendingCredits += account.CreditsPending;
                var balance = account.CreditsPosted - account.DebitsPosted;
                minted -= account.Flags == AccountFlags.Mint ? balance : 0;
                burned += account.Flags == AccountFlags.Burn ? balance : 0;
                circulating += account.Flags is AccountFlags.Mint or AccountFlags.Burn ? 0 : balance;
            }
        }
        if (debits != credits || pendingDebits != pendingCredits)
        {
            problems.Add("the sums of debits and credits differ");
        }
        if (debits != debitsPosted || credits != creditsPosted || pendingDebits != debitsPending || pendingCredits != creditsPending)
        {
            problems.Add("the running sums differ from the recomputed ones");
        }
        if (unchecked(minted - burned) != circulating)
        {
            problems.Add("minted less burned is not the sum of balances");
        }
        return new BookAudit(problems, Amount.FromAtto(minted), Amount.FromAtto(burned), Amount.FromAtto(circulating));
    }

    void Replay(AccountState[] expected, in TransferEntry entry)
    {
        ref var debit = ref expected[entry.Debit];
        ref var credit = ref expected[entry.Credit];
        if (entry.Resolves)
        {
            var pending = transfers[entry.PendingNumber].Amount;
            debit.DebitsPending -= pending;
            credit.CreditsPending -= pending;
        }
        if (entry.IsPending)
        {
            debit.DebitsPending += entry.Amount;
            credit.CreditsPending += entry.Amount;
        }
        else if ((entry.Flags & (TransferFlags.VoidPending | TransferFlags.Expired)) == 0)
        {
            debit.DebitsPosted += entry.Amount;
            credit.CreditsPosted += entry.Amount;
        }
    }
}
