using System.Globalization;
using OpenLedger;
using OpenLedger.Ledger;

namespace Simulation.Tests.Kills;

/// <summary>What one client asks for, in order: settlements with receipts, and holds that it later posts or voids.</summary>
sealed class KillLoad(int client, Dice dice)
{
    int made;
    TransferId? hold;

    public static LedgerRequest Genesis { get; } = new()
    {
        Accounts =
        [
            new OpenAccount(SystemAccounts.Mint, AccountFlags.Mint), new OpenAccount(SystemAccounts.Escrow),
            new OpenAccount(SystemAccounts.Platform), new OpenAccount("ada"),
        ],
        Transfers = [new Transfer(TransferId.From("genesis"), SystemAccounts.Mint, "ada", Amount.FromOpen(500_000_000))],
    };

    public LedgerRequest Next()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{client}/{++made}");
        if (hold is { } open && dice.OneIn(2))
        {
            hold = null;
            var id = TransferId.From(name + "/end");
            return One(dice.OneIn(2) ? Transfer.Void(id, open) : Transfer.Post(id, open, Amount.One));
        }
        if (hold is null && dice.OneIn(3))
        {
            hold = TransferId.From(name + "/hold");
            return One(Transfer.Hold(hold.Value, "ada", SystemAccounts.Platform, Amount.FromOpen(3)));
        }
        return Settlement(name);
    }

    static LedgerRequest One(Transfer transfer) => new() { Transfers = [transfer], AllOrNothing = true };

    static LedgerRequest Settlement(string name)
    {
        var ids = new[] { "/hold", "/post", "/split" }.Select(part => TransferId.From(name + part)).ToArray();
        var receipt = new Receipt
        {
            Id = "rc_" + name.Replace('/', '_'),
            TimeMs = 1,
            Payer = "ada",
            RequestHash = ContentHash.OfText(name),
            ResponseHash = ContentHash.OfText("response"),
            ModelId = "md_tiny",
            ModelHash = ContentHash.OfText("model"),
            PromptTokens = 1,
            CompletionTokens = 2,
            Price = Amount.One,
            Split = [new ReceiptSplit(SystemAccounts.Platform, "platform", Amount.One)],
            Transfers = [ids[2]],
        };
        return new LedgerRequest
        {
            Transfers =
            [
                Transfer.Hold(ids[0], "ada", SystemAccounts.Escrow, Amount.FromOpen(2)),
                Transfer.Post(ids[1], ids[0], Amount.One),
                new Transfer(ids[2], SystemAccounts.Escrow, SystemAccounts.Platform, Amount.One),
            ],
            Receipts = [new ReceiptDraft(receipt.ToBytes(), new byte[LogLeaf.SaltSizeBytes])],
            AllOrNothing = true,
        };
    }
}
