namespace OpenLedger.Ledger;

/// <summary>An account to open.</summary>
public readonly record struct OpenAccount(string Name, AccountFlags Flags = AccountFlags.DebitsMustNotExceedCredits);

/// <summary>A transfer with accounts by name.</summary>
/// <param name="Debit">Pays; empty on a post or a void takes it from the pending transfer.</param>
/// <param name="Credit">Receives; empty as for <paramref name="Debit"/>.</param>
/// <param name="PendingId">The pending transfer that is posted or voided.</param>
/// <param name="TimeoutSeconds">Life of a pending transfer; 0 never expires.</param>
/// <param name="Code">The caller's reason; see <see cref="TransferCodes"/>.</param>
public readonly record struct Transfer(
    TransferId Id, string Debit, string Credit, Amount Amount, TransferFlags Flags = TransferFlags.None,
    TransferId PendingId = default, uint TimeoutSeconds = 0, ushort Code = 0)
{
    /// <summary>Reserves an amount.</summary>
    public static Transfer Hold(TransferId id, string debit, string credit, Amount amount, uint timeoutSeconds = 0, ushort code = 0) =>
        new(id, debit, credit, amount, TransferFlags.Pending, default, timeoutSeconds, code);

    /// <summary>Posts a hold: a part of it, the rest being released, or all of it where no amount is given.</summary>
    public static Transfer Post(TransferId id, TransferId pendingId, Amount? amount = null) =>
        new(id, "", "", amount ?? Amount.MaxValue, TransferFlags.PostPending, pendingId);

    /// <summary>Releases a hold.</summary>
    public static Transfer Void(TransferId id, TransferId pendingId) =>
        new(id, "", "", Amount.Zero, TransferFlags.VoidPending, pendingId);
}

/// <summary>A receipt to append.</summary>
/// <param name="Canonical">Canonical bytes of a draft, with the sequence 0; the ledger sets the sequence.</param>
/// <param name="Salt">16 random bytes, held by the parties.</param>
public readonly record struct ReceiptDraft(byte[] Canonical, byte[] Salt);

/// <summary>
/// What one caller asks for: accounts are opened first, then transfers applied in order, then receipts appended. Receipts are appended
/// only if every transfer stands (<see cref="TransferStatus.Ok"/> or <see cref="TransferStatus.Exists"/>).
/// </summary>
public sealed record LedgerRequest
{
    /// <summary>Receipts of one request.</summary>
    public const int ReceiptsMax = 1024;

    string[]? receiptIds;

    public IReadOnlyList<OpenAccount> Accounts { get; init; } = [];

    public IReadOnlyList<Transfer> Transfers { get; init; } = [];

    public IReadOnlyList<ReceiptDraft> Receipts
    {
        get;
        init
        {
            field = value;
            receiptIds = null;
        }
    }
    = [];

    /// <summary>The ids of the receipts, once <see cref="Validate"/> has read them.</summary>
    internal IReadOnlyList<string> ReceiptIds => receiptIds ?? throw new InvalidOperationException("the request has not been validated");

    /// <summary>Links all transfers to one chain, and applies none if a receipt conflicts with one of the same id.</summary>
    public bool AllOrNothing { get; init; }

    /// <summary>Refuses a request that breaks a bound or carries a receipt that is not canonical, before anything is applied.</summary>
    /// <exception cref="LedgerRequestException">Says what is wrong with it.</exception>
    public void Validate()
    {
        if (Accounts.Count > Book.BatchMax || Transfers.Count > Book.BatchMax || Receipts.Count > ReceiptsMax)
        {
            throw new LedgerRequestException(
                $"a request has at most {Book.BatchMax} accounts, {Book.BatchMax} transfers and {ReceiptsMax} receipts: send several");
        }
        if (receiptIds is not null)
        {
            // Validated before, on the caller's thread.
            return;
        }
        var ids = new string[Receipts.Count];
        long sizeBytes = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            var receipt = Receipts[i];
            if (receipt.Canonical is null || receipt.Salt is not { Length: LogLeaf.SaltSizeBytes })
            {
                throw new LedgerRequestException($"a receipt comes with a salt of {LogLeaf.SaltSizeBytes} bytes");
            }
            var draft = DraftOf(receipt);
            if (draft.Sequence != 0)
            {
                throw new LedgerRequestException("a receipt comes with the sequence 0: the ledger sets it");
            }
            ids[i] = draft.Id;
            sizeBytes += receipt.Canonical.Length;
        }
        foreach (var account in Accounts)
        {
            if (!Book.IsAccountName(account.Name))
            {
                throw new LedgerRequestException(
                    $"'{account.Name}' cannot name an account: write 1 to {Book.AccountNameLengthMax} characters a-z, 0-9, "
                    + "'_', '-' or '.', beginning with a letter");
            }
        }
        if (sizeBytes > Receipt.SizeBytesMax * 16L)
        {
            throw new LedgerRequestException("the receipts of a request have at most 16 MiB together: send several requests");
        }
        receiptIds = ids;
    }

    static Receipt DraftOf(ReceiptDraft receipt)
    {
        try
        {
            return Receipt.FromBytes(receipt.Canonical);
        }
        catch (CanonicalFormatException exception)
        {
            throw new LedgerRequestException($"a receipt is not canonical: {exception.Message}");
        }
    }
}

/// <summary>A request that breaks a rule of its form; nothing of it was applied.</summary>
public sealed class LedgerRequestException(string message) : UserErrorException(message);

/// <summary>What became of a receipt.</summary>
public enum ReceiptStatus : byte
{
    Ok,

    /// <summary>The same receipt was appended before: a retry.</summary>
    Exists,
    ExistsWithDifferentBody,

    /// <summary>A transfer of the request does not stand.</summary>
    TransfersRefused,
}

/// <summary>A receipt's place in the log, where it has one.</summary>
/// <param name="Index">Index of its entry in the log.</param>
public readonly record struct ReceiptResult(string Id, ReceiptStatus Status, ulong Index)
{
    public bool Stands => Status is ReceiptStatus.Ok or ReceiptStatus.Exists;
}

/// <summary>What became of a request; the lists are parallel to the request's.</summary>
public sealed record LedgerReply(
    IReadOnlyList<AccountStatus> Accounts, IReadOnlyList<TransferStatus> Transfers, IReadOnlyList<ReceiptResult> Receipts)
{
    /// <summary>Whether every transfer of the request stands.</summary>
    public bool TransfersStand => Transfers.All(status => status is TransferStatus.Ok or TransferStatus.Exists);
}

/// <summary>An account's balance.</summary>
public sealed record AccountBalance(
    string Name, AccountFlags Flags, Amount DebitsPending, Amount DebitsPosted, Amount CreditsPending, Amount CreditsPosted)
{
    /// <summary>Posted credits less posted debits; zero when overdrawn.</summary>
    public Amount Posted => CreditsPosted > DebitsPosted ? CreditsPosted - DebitsPosted : Amount.Zero;

    /// <summary>Posted debits less posted credits, when overdrawn: what a mint account has put into the world.</summary>
    public Amount Overdraft => DebitsPosted > CreditsPosted ? DebitsPosted - CreditsPosted : Amount.Zero;

    /// <summary>Reserved by holds that are neither posted nor released.</summary>
    public Amount Held => DebitsPending;

    /// <summary>What can be spent: posted, less what is held.</summary>
    public Amount Available => Posted > DebitsPending ? Posted - DebitsPending : Amount.Zero;
}

/// <summary>A line of an account's history.</summary>
/// <param name="State">Of a pending transfer; None for the others.</param>
public sealed record AccountEntry(
    TransferId Id, ulong TimestampNs, string Debit, string Credit, Amount Amount, TransferFlags Flags, TransferId PendingId,
    PendingState State, ushort Code);

/// <summary>A receipt as the ledger keeps it.</summary>
/// <param name="Canonical">Canonical bytes, with the sequence.</param>
/// <param name="Leaf">Its entry in the log.</param>
public sealed record StoredReceipt(string Id, byte[] Canonical, byte[] Salt, LogLeaf Leaf)
{
    /// <summary>Index of its entry in the log.</summary>
    public ulong Index => Leaf.Sequence;
}

/// <summary>Reasons of transfers, so that a history reads well. Any other number may be used.</summary>
public static class TransferCodes
{
    public const ushort Genesis = 1;
    public const ushort FeeHold = 10;
}

/// <summary>How the accounts that every network has are opened.</summary>
public static class SystemAccountOpenings
{
    public static IReadOnlyList<OpenAccount> All { get; } =
    [
        new(SystemAccounts.Mint, AccountFlags.Mint),
        new(SystemAccounts.Burn, AccountFlags.Burn),
        new(SystemAccounts.Treasury),
        new(SystemAccounts.Escrow),
        new(SystemAccounts.Platform),
        new(SystemAccounts.Stakers),
        new(SystemAccounts.Reserve),
        new(SystemAccounts.Ecosystem),
        new(SystemAccounts.Investors),
        new(SystemAccounts.Team),
        new(SystemAccounts.Liquidity),
        new(SystemAccounts.VestingCommunity),
        new(SystemAccounts.VestingEcosystem),
        new(SystemAccounts.VestingInvestors),
        new(SystemAccounts.VestingTeam),
        new(SystemAccounts.Votes),
    ];
}
