using OpenLedger.Ledger;

namespace OpenLedger.Ledger.Tests;

/// <summary>A clock that stands still until it is moved.</summary>
sealed class StillClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.Ticks;
}

/// <summary>What the tests of the core need again and again.</summary>
static class Samples
{
    public static NoteSigner Signer(byte seed = 1, string name = "test.example/log") =>
        new(name, Ed25519PrivateKey.FromSeed([.. new byte[31], seed]));

    public static LedgerCore Open(IJournal journal, NoteSigner signer, TimeProvider? clock = null) =>
        LedgerCore.Open(journal, signer, clock ?? new StillClock(), IdSource.FromSeed(3));

    static readonly OpenAccount[] openings =
    [
        new(SystemAccounts.Mint, AccountFlags.Mint), new(SystemAccounts.Burn, AccountFlags.Burn), new(SystemAccounts.Escrow),
        new(SystemAccounts.Platform),
    ];

    public static LedgerRequest Genesis { get; } = new()
    {
        Accounts = [.. openings, new OpenAccount("ada"), new OpenAccount("ben")],
        Transfers =
        [
            new Transfer(TransferId.From("genesis"), SystemAccounts.Mint, "ada", Amount.FromOpen(1000), Code: TransferCodes.Genesis),
        ],
    };

    public static Receipt Receipt(string id, string fee = "1") => new()
    {
        Id = id,
        TimeMs = 1,
        Payer = "ada",
        RequestHash = ContentHash.OfText("request"),
        ResponseHash = ContentHash.OfText("response"),
        ModelId = "md_tiny",
        ModelHash = ContentHash.OfText("model"),
        PromptTokens = 1,
        CompletionTokens = 2,
        Price = Amount.Parse(fee),
        Split = [new ReceiptSplit(SystemAccounts.Platform, "platform", Amount.Parse(fee))],
        Transfers = [TransferId.From(id + "/split")],
    };

    /// <summary>A fee of an answer: held and posted, split, and a receipt; all or nothing.</summary>
    public static LedgerRequest Settlement(string id, string fee = "1", byte salt = 1) => new()
    {
        Transfers =
        [
            Transfer.Hold(TransferId.From(id + "/hold"), "ada", SystemAccounts.Escrow, Amount.FromOpen(2), code: TransferCodes.FeeHold),
            Transfer.Post(TransferId.From(id + "/post"), TransferId.From(id + "/hold"), Amount.Parse(fee)),
            new Transfer(TransferId.From(id + "/split"), SystemAccounts.Escrow, SystemAccounts.Platform, Amount.Parse(fee)),
        ],
        Receipts = [new ReceiptDraft(Receipt(id, fee).ToBytes(), [.. new byte[15], salt])],
        AllOrNothing = true,
    };
}
