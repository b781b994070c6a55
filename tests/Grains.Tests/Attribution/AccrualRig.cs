using System.Text.Json;
using OpenLedger.Economy;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Ledger;
using OpenLedger.Ledger;
using OpenLedger.Testing;
using TransferOrder = OpenLedger.Grains.Ledger.TransferOrder;

namespace OpenLedger.Grains.Tests.Attribution;

/// <summary>
/// The accrual of one adapter over a real book, with states that outlive a crash. A crash comes at a chosen write, before it or after it,
/// and what was in memory is gone.
/// </summary>
sealed class AccrualRig : IDisposable
{
    public const string AdapterId = "ad_rig";

    readonly Ed25519PrivateKey _key = Ed25519PrivateKey.FromSeed(new byte[Ed25519.SeedSizeBytes]);
    readonly NoteSigner _signer;
    readonly LedgerCore _core;
    readonly Faults _faults = new();
    readonly Store<AttributionState> _credits;
    readonly Store<OpenReceiptsState> _open;
    readonly Dictionary<string, UInt128> _owed = new(StringComparer.Ordinal);
    CreditAccrual _accrual;
    UInt128 _notHandedOver;
    int _answers;

    public AccrualRig()
    {
        Clock.Advance(TimeSpan.FromDays(20_000));
        _signer = new NoteSigner("test.example/log", _key);
        _core = LedgerCore.Open(new MemoryJournal(), _signer, Clock, IdSource.FromSeed(1));
        _core.Commit(new LedgerRequest
        {
            Accounts = SystemAccountOpenings.All,
            Transfers = [new Transfer(TransferId.From("genesis"), SystemAccounts.Mint, SystemAccounts.Treasury, Amount.Supply)],
        });
        _credits = new Store<AttributionState>(_faults);
        _open = new Store<OpenReceiptsState>(_faults);
        _accrual = Restart();
    }

    public ManualTime Clock { get; } = new();

    /// <summary>Times that a crash came.</summary>
    public int Crashes { get; private set; }

    /// <summary>Writes so far.</summary>
    public int Writes => _faults.Writes;

    public CreditAccrual Accrual => _accrual;

    public int CreditWrites => _credits.Writes;

    public int LargestOpenBytes => _open.BytesMax;

    public static string Contributor(int number) => SampleNetwork.Account($"rig/{number}");

    public void Dispose()
    {
        _core.Dispose();
        _signer.Dispose();
        _key.Dispose();
    }

    /// <summary>Forgets everything but what was written.</summary>
    public CreditAccrual Restart()
    {
        // Whoever starts anew looks for every receipt that was announced.
        _notHandedOver = UInt128.Zero;
        _accrual = new CreditAccrual(AdapterId, _credits.Reopen(), _open.Reopen(), new RigLedger(_core, _faults), Clock);
        return _accrual;
    }

    /// <summary>Time passes until every announced receipt is looked for, and an epoch ends.</summary>
    public Task<StoredEpoch?> SettleAll()
    {
        Clock.Advance(TimeSpan.FromSeconds(CreditAccrual.StaleSeconds + 1));
        _notHandedOver = UInt128.Zero;
        return SettleEpoch(Amount.Zero);
    }

    /// <summary>Does something with a crash at its n-th write, after which the accrual starts anew; whether it came to its end.</summary>
    /// <param name="crashAt">0 for no crash.</param>
    public async Task<bool> Try(int crashAt, bool afterWrite, Func<Task> work)
    {
        _faults.Arm(crashAt, afterWrite);
        try
        {
            await work();
            return true;
        }
        catch (CrashException)
        {
            Crashes++;
            Restart();
            return false;
        }
        finally
        {
            _faults.Arm(0, false);
        }
    }

    /// <summary>An answer as the request's grain settles it: announced, settled, handed over.</summary>
    public async Task Answer(IReadOnlyList<Credit> credits, Amount stakers, bool handOver = true)
    {
        var number = _answers++;
        var receiptId = $"rc_{number}";
        await _accrual.Expect(receiptId, TransferId.From($"hold/{number}").ToString());
        Settle(number, receiptId, credits, stakers);
        if (handOver)
        {
            await _accrual.Add(receiptId, credits, stakers);
            return;
        }

        _notHandedOver += Amount.Sum(credits.Select(credit => credit.Amount)).Atto;
    }

    public Task<StoredEpoch?> SettleEpoch(Amount threshold) => _accrual.Settle(
        NetworkParameters.Default with { DustThreshold = threshold },
        now: true,
        () => Task.FromResult<IReadOnlyList<ContributorWeight>>([new ContributorWeight(SystemAccounts.Reserve, 1)]),
        (id, reward) => new RigLedger(_core, _faults).Transfer(
        [
            new TransferOrder(id.ToString(), TransferKind.Posted, SystemAccounts.Stakers, reward.Contributor, reward.Amount),
        ]));

    /// <summary>
    /// The invariant: the pool holds what is owed, less what an interrupted payout has paid already, and what was settled and not handed
    /// over yet; and each contributor has had what was credited less what is owed.
    /// </summary>
    public async Task Check()
    {
        var (owed, paying) = await _accrual.Read((book, _) => (book.OwedSum, book.Paying));
        var paid = Amount.Sum((paying?.Payments ?? []).Where(payment => IsPaid(paying!, payment)).Select(payment => payment.Amount));
        (Posted(_accrual.Pool) + paid.Atto).Should().Be(owed + _notHandedOver);
        if (paying is not null || _notHandedOver > UInt128.Zero)
        {
            return;
        }

        Posted(SystemAccounts.Stakers).Should().Be(await _accrual.Read((book, _) => book.StakersUnpaid.Atto));
        foreach (var (contributor, credited) in _owed)
        {
            var unpaid = await _accrual.Read((book, _) => book.Accumulator.TryNumberOf(contributor, out var number)
                ? book.Accumulator.Unpaid(number) : UInt128.Zero);
            var frozen = await _accrual.Read((book, _) =>
                Amount.Sum(book.Frozen.Where(each => each.Contributor == contributor).Select(each => each.Amount)).Atto);
            (Posted(contributor) + unpaid + frozen + Forfeited(contributor)).Should().Be(credited);
        }
    }

    public UInt128 Posted(string account) => _core.FindBalance(account)?.Posted.Atto ?? UInt128.Zero;

    public Dictionary<string, UInt128> ForfeitedBy { get; } = new(StringComparer.Ordinal);

    bool IsPaid(EpochPayout payout, Credit payment) =>
        _core.FindTransfer(EpochTransfers.PaymentId(AdapterId, payout.Epoch, payment.Contributor)) is not null;

    UInt128 Forfeited(string contributor) => ForfeitedBy.GetValueOrDefault(contributor);

    void Settle(int number, string receiptId, IReadOnlyList<Credit> credits, Amount stakers)
    {
        var whole = Amount.Sum(credits.Select(credit => credit.Amount));
        Transfer[] transfers =
        [
            new(TransferId.From($"pay/{number}/pool"), SystemAccounts.Treasury, PoolAccounts.OfAdapter(AdapterId), whole),
            new(TransferId.From($"pay/{number}/stakers"), SystemAccounts.Treasury, SystemAccounts.Stakers, stakers),
        ];
        var receipt = new Receipt
        {
            Id = receiptId,
            TimeMs = 1,
            Payer = "payer",
            RequestHash = ContentHash.OfText("q"),
            ResponseHash = ContentHash.OfText("a"),
            ModelId = "md_m",
            ModelHash = ContentHash.OfText("m"),
            PromptTokens = 1,
            CompletionTokens = 1,
            Price = whole + stakers,
            Split =
            [
                new ReceiptSplit(SystemAccounts.Stakers, "stakers", stakers),
                .. credits.Select(credit => new ReceiptSplit(credit.Contributor, "contributor", credit.Amount)),
            ],
        };
        var reply = _core.Commit(new LedgerRequest
        {
            AllOrNothing = true,
            Transfers = transfers,
            Receipts = [new ReceiptDraft(receipt.ToBytes(), new byte[16])],
        });
        reply.TransfersStand.Should().BeTrue();
        foreach (var credit in credits)
        {
            _owed[credit.Contributor] = _owed.GetValueOrDefault(credit.Contributor) + credit.Amount.Atto;
        }
    }
}

/// <summary>The process ended here.</summary>
sealed class CrashException : Exception;

/// <summary>Counts writes and crashes at one of them.</summary>
sealed class Faults
{
    int _left;
    bool _after;

    public int Writes { get; private set; }

    public void Arm(int crashAt, bool afterWrite) => (_left, _after) = (crashAt, afterWrite);

    public T Write<T>(Func<T> write)
    {
        Writes++;
        var crash = _left > 0 && --_left == 0;
        if (crash && !_after)
        {
            throw new CrashException();
        }

        var result = write();
        return crash ? throw new CrashException() : result;
    }
}

/// <summary>A state in a store, kept as the text that a serializer makes of it.</summary>
sealed class Store<T>(Faults faults) : IPersistentState<T>
    where T : new()
{
    string _written = JsonSerializer.Serialize(new T());

    public int Writes { get; private set; }

    public int BytesMax { get; private set; }

    public T State { get; set; } = new();

    public string? Etag => null;

    public bool RecordExists => true;

    public Store<T> Reopen()
    {
        State = JsonSerializer.Deserialize<T>(_written)!;
        return this;
    }

    public Task ClearStateAsync() => throw new NotSupportedException();

    public Task ReadStateAsync() => Task.CompletedTask;

    public Task WriteStateAsync()
    {
        var text = JsonSerializer.Serialize(State);
        Writes++;
        BytesMax = Math.Max(BytesMax, text.Length);
        faults.Write(() => _written = text);
        return Task.CompletedTask;
    }
}

/// <summary>The rig's book behind the accrual's own interface.</summary>
sealed class RigLedger(LedgerCore core, Faults faults) : ICreditLedger
{
    public Task OpenPool(string account) => OpenAccounts([account]);

    public Task OpenAccounts(IReadOnlyList<string> accounts)
    {
        core.Commit(new LedgerRequest { Accounts = [.. accounts.Select(account => new OpenAccount(account))] });
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<TransferOutcome>> Transfer(IReadOnlyList<TransferOrder> transfers)
    {
        var reply = faults.Write(() => core.Commit(new LedgerRequest { Transfers = [.. transfers.Select(TransferOrders.ToTransfer)] }));
        return Task.FromResult<IReadOnlyList<TransferOutcome>>(
            [.. transfers.Select((order, index) => TransferOrders.ToOutcome(order.Id, reply.Transfers[index]))]);
    }

    public Task<Receipt?> FindReceipt(string receiptId) => Task.FromResult(
        core.FindReceipt(receiptId) is { } stored ? Receipt.FromBytes(stored.Canonical) : null);
}
