using System.Globalization;
using OpenLedger;
using OpenLedger.Ledger;

namespace Simulation.Tests.Running;

/// <summary>What clients ask for: all kinds of transfers, right and wrong ones, and again what was asked before.</summary>
sealed class Workload(Dice dice, bool isBulky)
{
    const int RememberedMax = 200;

    static readonly OpenAccount[] genesisAccounts =
    [
        new(SystemAccounts.Mint, AccountFlags.Mint), new(SystemAccounts.Burn, AccountFlags.Burn), new(SystemAccounts.Escrow),
        new(SystemAccounts.Platform), new("ada"), new("ben"), new("cleo"), new("dan"), new("lender", AccountFlags.None),
        new("owing", AccountFlags.CreditsMustNotExceedDebits),
    ];

    readonly List<string> names = [.. genesisAccounts.Select(account => account.Name)];
    readonly List<TransferId> ids = [];
    readonly List<TransferId> holds = [];
    readonly List<LedgerRequest> sent = [];
    int made;

    public static LedgerRequest Genesis { get; } = new()
    {
        Accounts = genesisAccounts,
        Transfers =
        [
            new Transfer(TransferId.From("genesis"), SystemAccounts.Mint, "ada", Amount.FromOpen(1_000), Code: TransferCodes.Genesis),
            new Transfer(TransferId.From("genesis/2"), SystemAccounts.Mint, "ben", Amount.FromOpen(10)),
        ],
    };

    /// <summary>A request that no ledger takes: it must be refused whole, and change nothing.</summary>
    public LedgerRequest Malformed() => dice.Below(3) switch
    {
        0 => new() { Accounts = [new OpenAccount("Not a name")] },
        1 => new() { Receipts = [new ReceiptDraft([1, 2, 3], new byte[16])] },
        _ => new() { Receipts = [new ReceiptDraft(ReceiptOf("rc_x", Amount.One, []).ToBytes(), new byte[15])] },
    };

    /// <summary>Something new, or something again.</summary>
    public LedgerRequest Next()
    {
        if (sent.Count > 0 && dice.Percent(18))
        {
            return dice.Pick(sent);
        }
        var request = dice.Below(20) switch
        {
            0 => new LedgerRequest(),
            1 => Openings(),
            2 or 3 or 4 or 5 or 6 => Settlement(),
            7 => Conflict(),
            _ => Mixed(),
        };
        if (sent.Count == RememberedMax)
        {
            sent.RemoveAt(0);
        }
        sent.Add(request);
        return request;
    }

    LedgerRequest Openings()
    {
        var account = dice.Below(4) switch
        {
            0 => new OpenAccount(dice.Pick(names), (AccountFlags)dice.Below(20)),
            1 => new OpenAccount($"odd{++made}", (AccountFlags)dice.Below(40)),
            _ => new OpenAccount($"acct{++made}"),
        };
        if (!names.Contains(account.Name))
        {
            names.Add(account.Name);
        }
        return new LedgerRequest
        {
            Accounts = [account, new OpenAccount("ada")],
            Transfers = [new Transfer(NewId(), "ada", account.Name, Small())],
        };
    }

    // The fee of an answer: held, posted, split, and its receipt; all or nothing.
    LedgerRequest Settlement()
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"rc_{++made}");
        var fee = Small();
        var (hold, post, split) = (NewId(), NewId(), NewId());
        holds.Add(hold);
        var body = isBulky ? dice.Between(50, 400) : dice.Below(3);
        return new LedgerRequest
        {
            Transfers =
            [
                Transfer.Hold(hold, "ada", SystemAccounts.Escrow, fee + fee, code: TransferCodes.FeeHold),
                Transfer.Post(post, hold, fee),
                new Transfer(split, SystemAccounts.Escrow, SystemAccounts.Platform, fee),
            ],
            Receipts = [new ReceiptDraft(ReceiptOf(id, fee, [split], body).ToBytes(), dice.Bytes(16))],
            AllOrNothing = true,
        };
    }

    // The same receipt id with another body: refused, and with it the transfers where all or nothing was asked for.
    LedgerRequest Conflict()
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"rc_{Math.Max(1, dice.Below(made + 1))}");
        return new LedgerRequest
        {
            Transfers = [new Transfer(NewId(), "ada", "ben", Small()), new Transfer(NewId(), "ben", "ada", Small())],
            Receipts = [new ReceiptDraft(ReceiptOf(id, Amount.FromAtto(77), []).ToBytes(), dice.Bytes(16))],
            AllOrNothing = dice.OneIn(2),
        };
    }

    LedgerRequest Mixed()
    {
        var transfers = new Transfer[dice.Between(1, 6)];
        for (var i = 0; i < transfers.Length; i++)
        {
            transfers[i] = One();
        }
        return new LedgerRequest { Transfers = transfers, AllOrNothing = dice.OneIn(8) };
    }

    Transfer One()
    {
        var linked = dice.OneIn(5) ? TransferFlags.Linked : TransferFlags.None;
        var code = (ushort)(dice.OneIn(4) ? dice.Between(1, 2) : 0);
        var kind = dice.Below(20);
        if (kind < 8)
        {
            return new Transfer(AnId(), AName(), AName(), AnAmount(), linked, Code: code);
        }
        if (kind < 13)
        {
            var hold = AnId();
            holds.Add(hold);
            var timeout = (uint)(dice.OneIn(2) ? dice.Between(1, 4) : 0);
            return new Transfer(hold, AName(), AName(), AnAmount(), TransferFlags.Pending | linked, default, timeout, code);
        }
        if (kind < 19)
        {
            return Resolution(linked, code);
        }
        return new Transfer(
            AnId(), AName(), AName(), AnAmount(), (TransferFlags)dice.Below(32), new TransferId((UInt128)dice.Below(3)),
            (uint)dice.Below(2), code);
    }

    Transfer Resolution(TransferFlags linked, ushort code)
    {
        var isVoid = dice.OneIn(2);
        var hold = holds.Count > 0 && !dice.OneIn(10) ? dice.Pick(holds) : AnId();
        var inherits = !dice.OneIn(4);
        var amount = dice.Below(4) switch
        {
            0 => Small(),
            1 => isVoid ? Amount.Zero : Small(),
            _ => Amount.MaxValue,
        };
        return new Transfer(
            AnId(), inherits ? "" : AName(), inherits ? "" : AName(), amount,
            (isVoid ? TransferFlags.VoidPending : TransferFlags.PostPending) | linked, hold, dice.OneIn(20) ? 1u : 0,
            inherits ? (ushort)0 : code);
    }

    TransferId AnId() => dice.Below(30) switch
    {
        0 => new TransferId(dice.OneIn(2) ? UInt128.Zero : UInt128.MaxValue),
        1 or 2 when ids.Count > 0 => dice.Pick(ids),
        _ => NewId(),
    };

    TransferId NewId()
    {
        var id = new TransferId(new UInt128(dice.Next(), dice.Next()));
        ids.Add(id);
        return id;
    }

    string AName() => dice.Below(24) switch
    {
        0 => "",
        1 => "nobody",
        < 10 => "ada",
        _ => dice.Pick(names),
    };

    Amount AnAmount() => dice.Below(24) switch
    {
        0 => Amount.Zero,
        1 => Amount.MaxValue,
        2 => Amount.FromAtto(UInt128.MaxValue / 2),
        3 => Amount.Supply,
        _ => Small(),
    };

    Amount Small() => Amount.FromAtto((UInt128)dice.Between(1, 20) * (dice.OneIn(2) ? Amount.One.Atto : 1));

    static Receipt ReceiptOf(string id, Amount fee, TransferId[] transfers, int credits = 0) => new()
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
        Price = fee,
        Credits =
        [
            .. Enumerable.Range(0, credits).Select(row => new ReceiptCredit(
                "dn_sample", string.Create(CultureInfo.InvariantCulture, $"row/{row}"), "ben", row, row, row, Amount.Zero)),
        ],
        Split = [new ReceiptSplit(SystemAccounts.Platform, "platform", fee)],
        Transfers = transfers,
    };
}
