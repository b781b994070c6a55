using OpenLedger.Ledger;

namespace OpenLedger.Storage.Tests;

static class Samples
{
    public static NoteSigner Signer() => new("test.example/log", Ed25519PrivateKey.FromSeed(new byte[32]));

    public static LedgerCore Open(IJournal journal, NoteSigner signer, ITileStore? tiles = null) =>
        LedgerCore.Open(journal, signer, TimeProvider.System, IdSource.FromSeed(3), tiles);

    static readonly OpenAccount[] openings =
    [
        new(SystemAccounts.Mint, AccountFlags.Mint), new(SystemAccounts.Burn, AccountFlags.Burn), new(SystemAccounts.Escrow),
        new(SystemAccounts.Platform),
    ];

    public static LedgerRequest Genesis { get; } = new()
    {
        Accounts = [.. openings, new OpenAccount("ada")],
        Transfers = [new Transfer(TransferId.From("genesis"), SystemAccounts.Mint, "ada", Amount.FromOpen(1_000_000))],
    };

    /// <summary>One OPEN from ada to the platform, and a receipt of it.</summary>
    public static LedgerRequest Settlement(int number) => new()
    {
        Transfers = [new Transfer(TransferId.From($"t{number}"), "ada", SystemAccounts.Platform, Amount.One)],
        Receipts = [new ReceiptDraft(Receipt(number).ToBytes(), new byte[16])],
        AllOrNothing = true,
    };

    static Receipt Receipt(int number) => new()
    {
        Id = $"rc_{number}",
        TimeMs = number,
        Payer = "ada",
        RequestHash = ContentHash.OfText("request"),
        ResponseHash = ContentHash.OfText("response"),
        ModelId = "md_tiny",
        ModelHash = ContentHash.OfText("model"),
        PromptTokens = 1,
        CompletionTokens = 2,
        Price = Amount.One,
        Split = [new ReceiptSplit(SystemAccounts.Platform, "platform", Amount.One)],
        Transfers = [TransferId.From($"t{number}")],
    };
}
