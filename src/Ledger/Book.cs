using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace OpenLedger.Ledger;

/// <summary>
/// The book: accounts and transfers as a pure state machine in TigerBeetle's manner. The same batches with the same timestamps give the
/// same state and the same results, always: no clock, no randomness. Memory grows with accounts and open holds, not with transfers: older
/// ones are in <see cref="ILedgerFiles"/>, where their ids are still found. Not safe for several threads.
/// </summary>
public sealed partial class Book : IDisposable
{
    /// <summary>Accounts or transfers in one batch.</summary>
    public const int BatchMax = 8190;

    /// <summary>Accounts of a book.</summary>
    public const int AccountsMax = 1 << 26;

    /// <summary>Transfers of a book, lines of expiries included.</summary>
    public const long TransfersMax = TransferEntry.NumberMax;

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

    // Transfers ahead of the one that is executed for which memory is asked.
    const int PrefetchDistance = 12;

    // 262,144 accounts a chunk: 16 MiB.
    readonly SteppedList<PackedAccount> accounts = new(18, LargePages.Allocate<PackedAccount>);
    readonly SteppedList<string> names = new();
    readonly NameIndex numbers = new();
    readonly RecordTable<TransferEntry> transfers;
    readonly ulong[] keys = new ulong[BatchMax];
    readonly bool[] mayBeOld = new bool[BatchMax];

    // Sums over all accounts, modulo 2¹²⁸: equality of two sums is exact all the same.
    UInt128 debitsPending;
    UInt128 debitsPosted;
    UInt128 creditsPending;
    UInt128 creditsPosted;
    long expiredCount;

    /// <summary>A book that keeps its old transfers in memory.</summary>
    public Book()
        : this(new MemoryLedgerFiles(), new BackgroundWork(atOnce: true), RecordSizes.Default)
    {
    }

    /// <summary>A book that keeps its old transfers in files, which it writes on other threads; the files stay the caller's.</summary>
    public Book(ILedgerFiles files)
        : this(files, new BackgroundWork(atOnce: false), RecordSizes.Default)
    {
    }

    internal Book(ILedgerFiles files, BackgroundWork work, RecordSizes sizes)
    {
        transfers = new RecordTable<TransferEntry>(files, "transfers", work, sizes);
        // Number 0 stands for no account.
        _ = accounts.Add(PackedAccount.Of(new AccountState { LastTransfer = -1 }));
        _ = names.Add("");
    }

    /// <summary>The largest amount of a transfer, in atto-OPEN: 2⁹⁶ − 1, some 79 times the supply.</summary>
    public static UInt128 AmountMax => (UInt128.One << 96) - 1;

    /// <summary>The largest sum of an account's debits or credits, posted and pending together, in atto-OPEN: 2¹¹² − 1.</summary>
    public static UInt128 SumMax => (UInt128.One << 112) - 1;

    /// <summary>Open accounts.</summary>
    public int AccountCount => accounts.Count - 1;

    /// <summary>Transfers that stand.</summary>
    public long TransferCount => transfers.Count - expiredCount;

    /// <summary>Pending transfers that are neither posted, voided nor expired.</summary>
    public int OpenHoldCount => openHolds.Count;

    /// <summary>Timestamp of the latest event, nanoseconds since 1970-01-01 UTC.</summary>
    public ulong LastTimestampNs { get; private set; }

    /// <summary>Number of an account, or <see cref="UnknownAccount"/>; <see cref="NoAccount"/> for an empty name.</summary>
    public int NumberOf(string? name) =>
        string.IsNullOrEmpty(name) ? NoAccount : numbers.TryGet(name, out var number) ? number : UnknownAccount;

    public string NameOf(int number) => names[number];

    /// <summary>A copy of an account's state.</summary>
    public AccountState Account(int number) => accounts[number].Unpack();

    public bool TryFindTransfer(TransferId id, out TransferRecord transfer)
    {
        var number = id.IsValid ? transfers.Find(new IdMatch(id.Value)) : -1;
        transfer = number >= 0 ? RecordOf(number) : default;
        return number >= 0;
    }

    /// <summary>The account's transfers and expiries, latest first.</summary>
    public IEnumerable<TransferRecord> History(int account)
    {
        var at = accounts[account].Unpack().LastTransfer;
        while (at >= 0)
        {
            yield return RecordOf(at);
            var entry = transfers[at];
            at = entry.Debit == account ? entry.PreviousOfDebit : entry.PreviousOfCredit;
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
        if (numbers.TryGet(name, out var existing))
        {
            return accounts[existing].Unpack().Flags == flags ? AccountStatus.Exists : AccountStatus.ExistsWithDifferentFlags;
        }
        if (accounts.Count > AccountsMax)
        {
            return AccountStatus.BookFull;
        }
        var number = accounts.Add(PackedAccount.Of(new AccountState { Flags = flags, LastTransfer = -1 }));
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
        // Two keys for each transfer at most, its own and that of what it resolves, and one for each expiry.
        transfers.BeginBatch((2 * batch.Length) + Math.Min(ExpiriesPerBatchMax, expiries.Count + sortedOut.Count));
        Expire(timestampNs);
        LookAhead(batch);
        ApplyChains(batch, timestampNs, results);
        LastTimestampNs = timestampNs + (ulong)Math.Max(0, batch.Length - 1);
        CheckConservation();
    }

    /// <summary>
    /// Writes the transfers that fill a file to one. Call it once what was applied is durable: files never hold what the journal does not.
    /// </summary>
    public void Seal() => transfers.EndBatch();

    public void Dispose() => transfers.Dispose();

    static bool AreValid(AccountFlags flags)
    {
        const AccountFlags known = AccountFlags.DebitsMustNotExceedCredits | AccountFlags.CreditsMustNotExceedDebits
            | AccountFlags.Mint | AccountFlags.Burn;
        return (flags & ~known) == 0 && (flags == AccountFlags.None || System.Numerics.BitOperations.IsPow2((uint)flags));
    }

    // The keys, and which of them the archive may hold: independent questions, so that the processor waits for many lines at once.
    void LookAhead(ReadOnlySpan<TransferEvent> batch)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            keys[i] = RecordKeys.OfId(batch[i].Id.Value);
        }
        var marks = mayBeOld.AsSpan(0, batch.Length);
        marks.Clear();
        transfers.MarkOld(keys.AsSpan(0, batch.Length), marks);
    }

    void ApplyChains(ReadOnlySpan<TransferEvent> batch, ulong timestampNs, Span<TransferStatus> results)
    {
        var chainStart = -1;
        var chainBroken = false;
        for (var i = 0; i < batch.Length; i++)
        {
            if (i + PrefetchDistance < batch.Length)
            {
                Prefetch(batch[i + PrefetchDistance], keys[i + PrefetchDistance]);
            }
            var linked = (batch[i].Flags & TransferFlags.Linked) != 0;
            if (linked && chainStart < 0)
            {
                chainStart = i;
                chainBroken = false;
                BeginChain();
            }
            results[i] = chainBroken ? TransferStatus.LinkedEventFailed
                : linked && i == batch.Length - 1 ? TransferStatus.LinkedEventChainOpen
                : Execute(batch[i], timestampNs + (ulong)i, keys[i], mayBeOld[i]);
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
    }

    unsafe void Prefetch(in TransferEvent transfer, ulong key)
    {
        transfers.Prefetch(key);
        if (Sse.IsSupported && (uint)transfer.Debit < (uint)accounts.Count && (uint)transfer.Credit < (uint)accounts.Count)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref accounts[transfer.Debit]));
            Sse.Prefetch0(Unsafe.AsPointer(ref accounts[transfer.Credit]));
        }
    }

    // Every change of an account passes here, so that the sums over all accounts follow from the states and from nothing else.
    void SetAccount(int number, in AccountState before, in AccountState state)
    {
        unchecked
        {
            debitsPending += state.DebitsPending - before.DebitsPending;
            debitsPosted += state.DebitsPosted - before.DebitsPosted;
            creditsPending += state.CreditsPending - before.CreditsPending;
            creditsPosted += state.CreditsPosted - before.CreditsPosted;
        }
        Invariant.Check(state.Flags == before.Flags, "an account's flags changed");
        Invariant.Check(LimitProblem(state) == TransferStatus.Ok, "an account passed its limit");
        if (chainOpen)
        {
            accountsBefore.Add((number, before));
        }
        copying?.BeforeChange(accounts, number);
        accounts[number] = PackedAccount.Of(state);
    }

    void CheckConservation() =>
        Invariant.Check(
            debitsPending == creditsPending && debitsPosted == creditsPosted && !chainOpen, "debits and credits do not sum to the same");

    /// <summary>The transfer of an id.</summary>
    readonly struct IdMatch(UInt128 id, ulong key) : IRecordMatch<TransferEntry>
    {
        public IdMatch(UInt128 id)
            : this(id, RecordKeys.OfId(id))
        {
        }

        public ulong Key => key;

        public bool Is(in TransferEntry record) => record.Id == id;
    }

    /// <summary>The entry that resolved a pending transfer.</summary>
    readonly struct ResolutionMatch(long pendingNumber) : IRecordMatch<TransferEntry>
    {
        public ulong Key { get; } = RecordKeys.OfResolution(pendingNumber);

        public bool Is(in TransferEntry record) => record.Resolves && record.PendingNumber == pendingNumber;
    }
}
