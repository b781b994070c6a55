using System.Diagnostics.CodeAnalysis;

namespace OpenLedger.Ledger;

/// <summary>
/// The book: accounts and transfers as a pure state machine in TigerBeetle's manner. The same batches with the same timestamps give the
/// same state and the same results, always: no I/O, no clock, no randomness. Not safe for several threads.
/// </summary>
public sealed partial class Book
{
    /// <summary>Accounts or transfers in one batch.</summary>
    public const int BatchMax = 8190;

    /// <summary>Accounts of a book.</summary>
    public const int AccountsMax = 1 << 26;

    /// <summary>Transfers of a book.</summary>
    public const int TransfersMax = 1 << 30;

    /// <summary>Characters of an account's name.</summary>
    public const int AccountNameLengthMax = 96;

    /// <summary>
    /// Pending transfers that one batch expires at most; the next batch goes on. Expired is what is due, released or not.
    /// </summary>
    public const int ExpiriesPerBatchMax = 8190;

    /// <summary>The number that no account has.</summary>
    public const int NoAccount = 0;

    /// <summary>The number that a name without an account is given.</summary>
    public const int UnknownAccount = -1;

    readonly SteppedList<AccountState> accounts = new();
    readonly SteppedList<string> names = new();
    readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    readonly SteppedList<TransferRecord> transfers = new();
    readonly Dictionary<UInt128, int> transferNumbers = [];
    readonly PriorityQueue<int, ulong> expiries = new();

    // Sums over all accounts, modulo 2¹²⁸: equality of two sums is exact all the same.
    UInt128 debitsPending;
    UInt128 debitsPosted;
    UInt128 creditsPending;
    UInt128 creditsPosted;

    public Book()
    {
        // Number 0 stands for no account.
        _ = accounts.Add(new AccountState { LastTransfer = -1 });
        _ = names.Add("");
    }

    /// <summary>Open accounts.</summary>
    public int AccountCount => accounts.Count - 1;

    /// <summary>Transfers that stand.</summary>
    public int TransferCount => transfers.Count;

    /// <summary>Timestamp of the latest event, nanoseconds since 1970-01-01 UTC.</summary>
    public ulong LastTimestampNs { get; private set; }

    /// <summary>Number of an account, or <see cref="UnknownAccount"/>; <see cref="NoAccount"/> for an empty name.</summary>
    public int NumberOf(string? name) =>
        string.IsNullOrEmpty(name) ? NoAccount : numbers.TryGetValue(name, out var number) ? number : UnknownAccount;

    public string NameOf(int number) => names[number];

    /// <summary>A copy of an account's state.</summary>
    public AccountState Account(int number) => accounts[number];

    /// <summary>A copy of a transfer.</summary>
    public TransferRecord Transfer(int number) => transfers[number];

    public bool TryFindTransfer(TransferId id, out TransferRecord transfer)
    {
        var found = transferNumbers.TryGetValue(id.Value, out var number);
        transfer = found ? transfers[number] : default;
        return found;
    }

    /// <summary>The account's transfers, latest first.</summary>
    public IEnumerable<TransferRecord> History(int account)
    {
        var at = accounts[account].LastTransfer;
        while (at >= 0)
        {
            var transfer = transfers[at];
            yield return transfer;
            at = transfer.Debit == account ? transfer.PreviousOfDebit : transfer.PreviousOfCredit;
        }
    }

    /// <summary>Whether a text can name an account: 1 to 96 characters a–z, 0–9, '_', '-', '.', beginning with a letter.</summary>
    public static bool IsAccountName([NotNullWhen(true)] string? name) =>
        name is { Length: > 0 and <= AccountNameLengthMax } && char.IsAsciiLetterLower(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-' or '.');

    /// <summary>Opens an account.</summary>
    public AccountStatus OpenAccount(string? name, AccountFlags flags)
    {
        if (!IsAccountName(name))
        {
            return AccountStatus.NameInvalid;
        }
        if (!AreValid(flags))
        {
            return AccountStatus.FlagsInvalid;
        }
        if (numbers.TryGetValue(name, out var existing))
        {
            return accounts[existing].Flags == flags ? AccountStatus.Exists : AccountStatus.ExistsWithDifferentFlags;
        }
        if (accounts.Count > AccountsMax)
        {
            return AccountStatus.BookFull;
        }
        var number = accounts.Add(new AccountState { Flags = flags, LastTransfer = -1 });
        Invariant.Check(names.Add(name) == number, "an account's name and its state have different numbers");
        numbers.Add(name, number);
        return AccountStatus.Ok;
    }

    /// <summary>Applies a batch in order; the event at index i has the timestamp <paramref name="timestampNs"/> + i.</summary>
    /// <param name="timestampNs">Later than <see cref="LastTimestampNs"/>.</param>
    /// <param name="results">As many as events.</param>
    /// <exception cref="ArgumentException">The batch is too long, or its timestamp or its results do not fit.</exception>
    /// <exception cref="LedgerInvariantException">The book contradicts itself; it must not be used any more.</exception>
    public void Apply(ReadOnlySpan<TransferEvent> batch, ulong timestampNs, Span<TransferStatus> results)
    {
        if (batch.Length > BatchMax || results.Length != batch.Length)
        {
            throw new ArgumentException($"a batch has at most {BatchMax} transfers and as many results", nameof(batch));
        }
        if (timestampNs <= LastTimestampNs || timestampNs > ulong.MaxValue - BatchMax)
        {
            throw new ArgumentException($"the timestamp {timestampNs} is not later than {LastTimestampNs}", nameof(timestampNs));
        }
        Expire(timestampNs);
        var chainStart = -1;
        var chainBroken = false;
        for (var i = 0; i < batch.Length; i++)
        {
            var linked = (batch[i].Flags & TransferFlags.Linked) != 0;
            if (linked && chainStart < 0)
            {
                chainStart = i;
                chainBroken = false;
                BeginChain();
            }
            results[i] = chainBroken ? TransferStatus.LinkedEventFailed
                : linked && i == batch.Length - 1 ? TransferStatus.LinkedEventChainOpen
                : Execute(batch[i], timestampNs + (ulong)i);
            if (chainStart < 0)
            {
                continue;
            }
            if (!chainBroken && results[i] is not (TransferStatus.Ok or TransferStatus.Exists))
            {
                chainBroken = true;
                UndoChain();
                results[chainStart..i].Fill(TransferStatus.LinkedEventFailed);
            }
            if (!linked)
            {
                EndChain();
                chainStart = -1;
                chainBroken = false;
            }
        }
        // A chain that the batch leaves open has been refused and undone.
        if (chainStart >= 0)
        {
            EndChain();
        }
        LastTimestampNs = timestampNs + (ulong)Math.Max(0, batch.Length - 1);
        CheckConservation();
    }

    static bool AreValid(AccountFlags flags)
    {
        const AccountFlags known = AccountFlags.DebitsMustNotExceedCredits | AccountFlags.CreditsMustNotExceedDebits
            | AccountFlags.Mint | AccountFlags.Burn;
        return (flags & ~known) == 0 && (flags == AccountFlags.None || System.Numerics.BitOperations.IsPow2((uint)flags));
    }

    void Expire(ulong timestampNs)
    {
        for (var i = 0; i < ExpiriesPerBatchMax && expiries.TryPeek(out var number, out var expiresNs) && expiresNs <= timestampNs; i++)
        {
            _ = expiries.Dequeue();
            ref var transfer = ref transfers[number];
            if (transfer.State != PendingState.Pending)
            {
                continue;
            }
            transfer.State = PendingState.Expired;
            Release(transfer);
        }
    }

    void Release(in TransferRecord pending)
    {
        var debit = accounts[pending.Debit];
        var credit = accounts[pending.Credit];
        debit.DebitsPending = checked(debit.DebitsPending - pending.Amount);
        credit.CreditsPending = checked(credit.CreditsPending - pending.Amount);
        SetAccount(pending.Debit, debit);
        SetAccount(pending.Credit, credit);
    }

    // Every change of an account passes here, so that the sums over all accounts follow from the states and from nothing else.
    void SetAccount(int number, in AccountState state)
    {
        ref var account = ref accounts[number];
        unchecked
        {
            debitsPending += state.DebitsPending - account.DebitsPending;
            debitsPosted += state.DebitsPosted - account.DebitsPosted;
            creditsPending += state.CreditsPending - account.CreditsPending;
            creditsPosted += state.CreditsPosted - account.CreditsPosted;
        }
        Invariant.Check(state.Flags == account.Flags, "an account's flags changed");
        Invariant.Check(LimitProblem(state) is null, "an account passed its limit");
        if (chainOpen)
        {
            accountsBefore.Add((number, account));
        }
        account = state;
    }

    void CheckConservation() =>
        Invariant.Check(
            debitsPending == creditsPending && debitsPosted == creditsPosted && !chainOpen, "debits and credits do not sum to the same");
}
