using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Ledger;

/// <summary>The single writer of one book and its log; the key is the book's id (<c>bk_main</c>).</summary>
[Alias("openledger.ledger"), KeyPrefix(GrainKeys.Book)]
public interface ILedgerGrain : IGrainWithStringKey
{
    /// <summary>Opens the network's own accounts and mints the supply and allocates it. A second genesis changes nothing.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("genesis")]
    Task Genesis(Authorization authorization);

    /// <summary>Opens accounts, none of which can be overdrawn; those that are open stay as they are.</summary>
    /// <param name="authorization">Any account's, or the network's.</param>
    [Alias("open-accounts")]
    Task OpenAccounts(IReadOnlyList<string> accounts, Authorization authorization);

    /// <summary>Opens pools of the network, whose names <see cref="PoolAccounts"/> makes; those that are open stay as they are.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("open-pools")]
    Task OpenPools(IReadOnlyList<string> pools, Authorization authorization);

    /// <summary>Applies transfers in order, written to the journal before this answers. Idempotent by transfer id.</summary>
    /// <param name="authorizations">
    /// Of every account that a key holds and that is debited, its own: over this call, or over a request to another grain that allows to
    /// spend so much, beside the network's. The network's for its own accounts, and for holds.
    /// </param>
    [Alias("transfer")]
    Task<IReadOnlyList<TransferOutcome>> Transfer(
        IReadOnlyList<TransferOrder> transfers, IReadOnlyList<Authorization> authorizations);

    /// <summary>Posts a hold, pays the lines and appends the receipt, all or nothing. Idempotent by receipt id.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("settle")]
    Task<SettledReceipt> Settle(SettlementOrder order, Authorization authorization);

    [Alias("balances")]
    Task<IReadOnlyList<AccountBalance>> GetBalances(IReadOnlyList<string> accounts);

    /// <summary>The log's origin, which is the network's name: every signature covers it.</summary>
    [Alias("origin")]
    Task<string> GetOrigin();

    /// <summary>When genesis minted the supply, in milliseconds since 1970: vesting counts from here.</summary>
    [Alias("genesis-time")]
    Task<long> GetGenesisTime();

    [Alias("summary")]
    Task<BookSummary> GetSummary();

    /// <summary>The receipt's canonical bytes and leaf; refused when unknown.</summary>
    [Alias("receipt")]
    Task<StoredReceipt> GetReceipt(string receiptId);

    /// <summary>As <see cref="GetReceipt"/>, or null when unknown.</summary>
    [Alias("receipt-or-none")]
    Task<StoredReceipt?> GetReceiptOrNone(string receiptId);

    /// <summary>The receipt with inclusion proof and signed checkpoint, as a C2SP <c>tlog-proof</c> file.</summary>
    [Alias("export-receipt")]
    Task<byte[]> ExportReceipt(string receiptId);

    /// <summary>The newest receipts in short, the newest first.</summary>
    /// <param name="count">0 to 100.</param>
    [Alias("latest-receipts")]
    Task<LatestReceipts> GetLatestReceipts(int count);

    /// <summary>
    /// A part of what an account was credited, with proofs against one checkpoint: a bounded number of receipts is looked at. See
    /// <see cref="StatementExport"/>, which asks for one part after the other.
    /// </summary>
    [Alias("credits")]
    Task<CreditPage> GetCredits(CreditQuery query);
}

/// <param name="Account">Whose credits.</param>
/// <param name="FromMs">First millisecond since 1970-01-01 UTC.</param>
/// <param name="ToMs">The first one after it.</param>
/// <param name="FromReceipt">-1 for the first part; then what the part before gave.</param>
/// <param name="TreeSize">0 for the first part; then what the part before gave.</param>
[GenerateSerializer, Immutable, Alias("openledger.ledger.credit-query")]
public sealed record CreditQuery(
    [property: Id(0)] string Account,
    [property: Id(1)] long FromMs,
    [property: Id(2)] long ToMs,
    [property: Id(3)] long FromReceipt = -1,
    [property: Id(4)] long TreeSize = 0);

/// <param name="TreeSize">Size of the tree that the proofs are for.</param>
/// <param name="Checkpoint">The signed checkpoint of that size, on the first part; empty on the others.</param>
/// <param name="NextReceipt">Where the next part begins; -1 after the last.</param>
[GenerateSerializer, Immutable, Alias("openledger.ledger.credit-page")]
public sealed record CreditPage(
    [property: Id(0)] IReadOnlyList<ProvenCredit> Credits,
    [property: Id(1)] long TreeSize,
    [property: Id(2)] string Checkpoint,
    [property: Id(3)] long NextReceipt);

/// <param name="Receipt">Canonical bytes.</param>
/// <param name="Salt">16 bytes.</param>
/// <param name="Proof">The hashes of the inclusion proof, 32 bytes each, one after the other.</param>
[GenerateSerializer, Immutable, Alias("openledger.ledger.proven-credit")]
public sealed record ProvenCredit(
    [property: Id(0)] long LogIndex,
    [property: Id(1)] ReadOnlyMemory<byte> Receipt,
    [property: Id(2)] ReadOnlyMemory<byte> Salt,
    [property: Id(3)] ReadOnlyMemory<byte> Proof);

public enum TransferKind
{
    /// <summary>Moves the amount at once.</summary>
    Posted,

    /// <summary>Reserves the amount until it is posted, voided, or expires.</summary>
    Pending,

    /// <summary>Posts a pending transfer, wholly or in part.</summary>
    PostPending,

    /// <summary>Releases a pending transfer.</summary>
    VoidPending,
}

/// <param name="Id">128-bit client-made id, 32 hexadecimal digits.</param>
/// <param name="PendingId">The pending transfer that is posted or voided; empty otherwise.</param>
/// <param name="TimeoutSeconds">Life of a pending transfer; 0 never expires.</param>
/// <param name="Linked">Succeeds or fails together with the next order.</param>
[GenerateSerializer, Immutable, Alias("openledger.ledger.order")]
public sealed record TransferOrder(
    [property: Id(0)] string Id,
    [property: Id(1)] TransferKind Kind,
    [property: Id(2)] string Debit,
    [property: Id(3)] string Credit,
    [property: Id(4)] Amount Amount,
    [property: Id(5)] string PendingId = "",
    [property: Id(6)] int TimeoutSeconds = 0,
    [property: Id(7)] bool Linked = false);

/// <param name="Accepted">True also for a repetition of the same transfer.</param>
/// <param name="Repeated">A transfer of this id was accepted before, with this body or another; nothing moved this time.</param>
/// <param name="Result">The ledger's name for what happened.</param>
[GenerateSerializer, Immutable, Alias("openledger.ledger.outcome")]
public sealed record TransferOutcome(
    [property: Id(0)] string Id,
    [property: Id(1)] bool Accepted,
    [property: Id(2)] string Result,
    [property: Id(3)] bool Repeated = false);

/// <param name="Receipt">Canonical bytes of the receipt.</param>
/// <param name="Salt">16 bytes held by the parties.</param>
[GenerateSerializer, Immutable, Alias("openledger.ledger.settlement-order")]
public sealed record SettlementOrder(
    [property: Id(0)] string ReceiptId,
    [property: Id(1)] IReadOnlyList<TransferOrder> Transfers,
    [property: Id(2)] ReadOnlyMemory<byte> Receipt,
    [property: Id(3)] ReadOnlyMemory<byte> Salt);

[GenerateSerializer, Immutable, Alias("openledger.ledger.settled")]
public sealed record SettledReceipt([property: Id(0)] string ReceiptId, [property: Id(1)] long LogIndex);

[GenerateSerializer, Immutable, Alias("openledger.ledger.balance")]
public sealed record AccountBalance(
    [property: Id(0)] string Account,
    [property: Id(1)] bool Open,
    [property: Id(2)] Amount Available,
    [property: Id(3)] Amount Held,
    [property: Id(4)] Amount DebitsPosted,
    [property: Id(5)] Amount CreditsPosted);

/// <param name="Conserved">Sum of debits equals sum of credits, posted and pending, recomputed over all accounts.</param>
/// <param name="LogKey">The signed-note verifier key.</param>
[GenerateSerializer, Immutable, Alias("openledger.ledger.summary")]
public sealed record BookSummary(
    [property: Id(0)] long AccountCount,
    [property: Id(1)] bool Conserved,
    [property: Id(2)] long LogSize,
    [property: Id(3)] string LogRoot,
    [property: Id(4)] string LogOrigin,
    [property: Id(5)] string LogKey,
    [property: Id(6)] string Checkpoint);

[GenerateSerializer, Immutable, Alias("openledger.ledger.stored-receipt")]
public sealed record StoredReceipt(
    [property: Id(0)] ReadOnlyMemory<byte> Receipt,
    [property: Id(1)] ReadOnlyMemory<byte> Salt,
    [property: Id(2)] ReadOnlyMemory<byte> Leaf,
    [property: Id(3)] long LogIndex);

/// <param name="ReceiptCount">Receipts that the book holds in all.</param>
/// <param name="Receipts">The newest first.</param>
[GenerateSerializer, Immutable, Alias("openledger.ledger.latest-receipts")]
public sealed record LatestReceipts([property: Id(0)] long ReceiptCount, [property: Id(1)] IReadOnlyList<ReceiptSummary> Receipts);

/// <summary>What an operator sees of a receipt: its split by role, not each of its up to thousands of accounts.</summary>
/// <param name="TimeMs">When it was settled, in milliseconds since 1970.</param>
/// <param name="AdapterId">Empty where the base model answered.</param>
[GenerateSerializer, Immutable, Alias("openledger.ledger.receipt-summary")]
public sealed record ReceiptSummary(
    [property: Id(0)] string ReceiptId,
    [property: Id(1)] long LogIndex,
    [property: Id(2)] long TimeMs,
    [property: Id(3)] string Payer,
    [property: Id(4)] string ModelId,
    [property: Id(5)] string AdapterId,
    [property: Id(6)] int PromptTokenCount,
    [property: Id(7)] int CompletionTokenCount,
    [property: Id(8)] Amount Fee,
    [property: Id(9)] IReadOnlyList<RoleShare> Shares);

/// <param name="Role"><c>platform</c>, <c>owner</c>, <c>stakers</c>, <c>contributor</c> or <c>reserve</c>.</param>
/// <param name="Amount">What the role's accounts got together.</param>
/// <param name="LargestAccount">The account of the role that got most.</param>
[GenerateSerializer, Immutable, Alias("openledger.ledger.role-share")]
public sealed record RoleShare(
    [property: Id(0)] string Role,
    [property: Id(1)] Amount Amount,
    [property: Id(2)] int AccountCount,
    [property: Id(3)] string LargestAccount);
