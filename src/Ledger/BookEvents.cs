namespace OpenLedger.Ledger;

/// <summary>What an account may do.</summary>
[Flags]
public enum AccountFlags : ushort
{
    /// <summary>No limit: the account may be overdrawn.</summary>
    None = 0,

    /// <summary>Debits, posted and pending, may not exceed posted credits: an ordinary account.</summary>
    DebitsMustNotExceedCredits = 1,

    /// <summary>Credits, posted and pending, may not exceed posted debits.</summary>
    CreditsMustNotExceedDebits = 2,

    /// <summary>Money comes from here: debits less credits may not exceed <see cref="Amount.Supply"/>.</summary>
    Mint = 4,

    /// <summary>Money that arrives here is gone: the account takes no debits.</summary>
    Burn = 8,
}

/// <summary>How a transfer moves money.</summary>
[Flags]
public enum TransferFlags : ushort
{
    /// <summary>At once.</summary>
    None = 0,

    /// <summary>Succeeds or fails together with the next one of the batch.</summary>
    Linked = 1,

    /// <summary>Reserves the amount until it is posted, voided, or expires.</summary>
    Pending = 2,

    /// <summary>Posts a pending transfer, all or part of it; the rest is released.</summary>
    PostPending = 4,

    /// <summary>Releases a pending transfer.</summary>
    VoidPending = 8,

    /// <summary>The ledger's own line in a history: it released a pending transfer whose time had passed. Nobody may send it.</summary>
    Expired = 128,
}

/// <summary>What became of the opening of an account.</summary>
public enum AccountStatus : byte
{
    /// <summary>Opened.</summary>
    Ok,

    /// <summary>It is open already, with the same flags.</summary>
    Exists,
    ExistsWithDifferentFlags,

    /// <summary>Not 1 to 96 characters a–z, 0–9, '_', '-', '.', beginning with a letter.</summary>
    NameInvalid,

    /// <summary>Unknown flags, or flags that contradict each other.</summary>
    FlagsInvalid,

    /// <summary>The book holds as many accounts as it can.</summary>
    BookFull,
}

/// <summary>
/// What became of a transfer. <see cref="Ok"/> and <see cref="Exists"/> mean that it stands; the others that nothing changed.
/// </summary>
public enum TransferStatus : byte
{
    Ok,

    /// <summary>The same transfer was applied before: a retry.</summary>
    Exists,

    /// <summary>Another transfer of its chain was refused.</summary>
    LinkedEventFailed,

    /// <summary>The batch ended within a chain.</summary>
    LinkedEventChainOpen,
    IdInvalid,
    FlagsInvalid,
    ExistsWithDifferentFlags,
    ExistsWithDifferentDebitAccount,
    ExistsWithDifferentCreditAccount,
    ExistsWithDifferentAmount,
    ExistsWithDifferentPendingId,
    ExistsWithDifferentTimeout,
    ExistsWithDifferentCode,
    DebitAccountNotFound,
    CreditAccountNotFound,
    AccountsMustBeDifferent,
    AmountMustNotBeZero,
    TimeoutReservedForPending,
    PendingIdMustBeZero,
    PendingIdMustNotBeZero,
    PendingIdMustBeDifferent,
    PendingTransferNotFound,
    PendingTransferNotPending,
    PendingTransferHasDifferentDebitAccount,
    PendingTransferHasDifferentCreditAccount,
    PendingTransferHasDifferentCode,
    PendingTransferHasDifferentAmount,
    ExceedsPendingTransferAmount,
    PendingTransferAlreadyPosted,
    PendingTransferAlreadyVoided,
    PendingTransferExpired,

    /// <summary>Insufficient funds.</summary>
    ExceedsCredits,
    ExceedsDebits,

    /// <summary>More would be minted than the supply.</summary>
    ExceedsSupply,

    /// <summary>The debit account only burns.</summary>
    DebitAccountTakesNoDebits,

    /// <summary>The amount is above <see cref="Book.AmountMax"/>, or a sum of the account would pass <see cref="Book.SumMax"/>.</summary>
    Overflows,

    /// <summary>The book holds as many transfers as it can.</summary>
    BookFull,
}

/// <summary>A transfer as the book takes it: accounts by number. See <see cref="Transfer"/> for the form with names.</summary>
/// <param name="Debit">Number of the account that pays; 0 lets a post or a void take it from the pending transfer.</param>
/// <param name="Credit">Number of the account that receives; 0 as for <paramref name="Debit"/>.</param>
/// <param name="Amount">Atto-OPEN; <see cref="UInt128.MaxValue"/> posts all of a pending transfer.</param>
/// <param name="PendingId">The pending transfer that is posted or voided.</param>
/// <param name="TimeoutSeconds">Life of a pending transfer; 0 never expires.</param>
/// <param name="Code">The caller's reason.</param>
public readonly record struct TransferEvent(
    TransferId Id, int Debit, int Credit, UInt128 Amount, TransferId PendingId, uint TimeoutSeconds, ushort Code, TransferFlags Flags)
{
    /// <summary>Bytes in the journal.</summary>
    public const int SizeBytes = 64;

    internal bool Resolves => (Flags & (TransferFlags.PostPending | TransferFlags.VoidPending)) != 0;
}

/// <summary>Whether a pending transfer still is.</summary>
public enum PendingState : byte
{
    /// <summary>The transfer never was pending.</summary>
    None,
    Pending,
    Posted,
    Voided,
    Expired,
}

/// <summary>A transfer as it stands in the book, immutable but for <see cref="State"/>.</summary>
public struct TransferRecord
{
    /// <summary>Zero for the line of an expiry.</summary>
    public TransferId Id;

    /// <summary>What moved, in atto-OPEN: for a post, the part that was posted.</summary>
    public UInt128 Amount;

    /// <summary>The pending transfer that this one posted, voided or released.</summary>
    public TransferId PendingId;
    public ulong TimestampNs;
    public int Debit;
    public int Credit;
    public uint TimeoutSeconds;
    public ushort Code;
    public TransferFlags Flags;
    public PendingState State;
}

/// <summary>An account as it stands in the book; sums in atto-OPEN, each at most <see cref="Book.SumMax"/>.</summary>
public struct AccountState
{
    public UInt128 DebitsPending;
    public UInt128 DebitsPosted;
    public UInt128 CreditsPending;
    public UInt128 CreditsPosted;
    public AccountFlags Flags;

    /// <summary>Number of the account's latest transfer, or −1.</summary>
    public long LastTransfer;
}
