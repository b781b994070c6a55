namespace OpenLedger.Ledger;

/// <content>What can be asked of the book.</content>
public sealed partial class LedgerCore
{
    /// <summary>Lines of history that one question gets at most.</summary>
    public const int HistoryMax = 10_000;

    /// <summary>The balance of an account, or null where there is none.</summary>
    public AccountBalance? FindBalance(string account)
    {
        RefuseWhenPoisoned();
        var number = book.NumberOf(account);
        return number > Book.NoAccount ? BalanceOf(number) : null;
    }

    /// <summary>The balances of all accounts, in the order of their opening.</summary>
    public IReadOnlyList<AccountBalance> Balances()
    {
        RefuseWhenPoisoned();
        return [.. Enumerable.Range(1, book.AccountCount).Select(BalanceOf)];
    }

    /// <summary>The latest transfers of an account, latest first; empty where there is none.</summary>
    /// <param name="countMax">At most <see cref="HistoryMax"/>.</param>
    public IReadOnlyList<AccountEntry> History(string account, int countMax = 100)
    {
        RefuseWhenPoisoned();
        ArgumentOutOfRangeException.ThrowIfNegative(countMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(countMax, HistoryMax);
        var number = book.NumberOf(account);
        return number > Book.NoAccount ? [.. book.History(number).Take(countMax).Select(EntryOf)] : [];
    }

    /// <summary>A transfer that stands, or null.</summary>
    public AccountEntry? FindTransfer(TransferId id)
    {
        RefuseWhenPoisoned();
        return book.TryFindTransfer(id, out var transfer) ? EntryOf(transfer) : null;
    }

    /// <summary>Recomputes every sum from the balances: conservation. Takes time with the accounts.</summary>
    public BookAudit CheckSums()
    {
        RefuseWhenPoisoned();
        return book.CheckSums();
    }

    /// <summary>Recomputes the whole book: conservation, and every balance from its transfers. Takes time with both.</summary>
    public BookAudit Audit()
    {
        RefuseWhenPoisoned();
        return book.Audit();
    }

    AccountBalance BalanceOf(int number)
    {
        var account = book.Account(number);
        return new AccountBalance(
            book.NameOf(number),
            account.Flags,
            Amount.FromAtto(account.DebitsPending),
            Amount.FromAtto(account.DebitsPosted),
            Amount.FromAtto(account.CreditsPending),
            Amount.FromAtto(account.CreditsPosted));
    }

    AccountEntry EntryOf(TransferRecord transfer) => new(
        transfer.Id,
        transfer.TimestampNs,
        book.NameOf(transfer.Debit),
        book.NameOf(transfer.Credit),
        Amount.FromAtto(transfer.Amount),
        transfer.Flags,
        transfer.PendingId,
        transfer.State,
        transfer.Code);
}
