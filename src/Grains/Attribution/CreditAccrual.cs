using OpenLedger.Economy;
using OpenLedger.Grains.Hosting;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Grains.Attribution;

/// <summary>
/// One adapter's credits between the log and the grain's states. A receipt is announced, in a small document, before it is settled; its
/// credits are added in memory when it is; and every so many answers the sums are written, with the ids of the receipts that are in them.
/// Whatever a crash loses in between is in the log, and is read from there. So a settled receipt is added exactly once, and nothing that
/// is written for an answer grows with the number of contributors. For one activation: its calls interleave and never run at once.
/// </summary>
sealed class CreditAccrual
{
    /// <summary>Answers after which the sums are written.</summary>
    public const int FoldAnswers = 256;

    /// <summary>Receipts announced and not folded in; one more is refused.</summary>
    public const int OpenMax = 16_384;

    /// <summary>Seconds after which an announced receipt that never came is looked for: longer than a hold lives.</summary>
    public const int StaleSeconds = 900;

    /// <summary>Epochs that are remembered.</summary>
    public const int EpochsMax = 64;

    /// <summary>Folded receipts that are remembered, so that a late repetition is recognised.</summary>
    const int RecentMax = 1_024;

    readonly string _adapterId;
    readonly IPersistentState<AttributionState> _credits;
    readonly IPersistentState<OpenReceiptsState> _open;
    readonly ICreditLedger _ledger;
    readonly TimeProvider _clock;
    readonly TurnSequence _sequence = new();
    readonly List<string> _unfolded = [];
    readonly HashSet<string> _unfoldedIds = new(StringComparer.Ordinal);
    Dictionary<string, OpenReceipt> _receipts = new(StringComparer.Ordinal);
    List<string> _recent = [];
    HashSet<string> _recentIds = new(StringComparer.Ordinal);
    CreditBook? _book;
    bool _poolIsOpen;
    Task? _recovering;
    Task _flushing = Task.CompletedTask;
    long _openVersion;
    long _flushedVersion;

    public CreditAccrual(
        string adapterId,
        IPersistentState<AttributionState> credits,
        IPersistentState<OpenReceiptsState> open,
        ICreditLedger ledger,
        TimeProvider clock)
    {
        _adapterId = adapterId;
        _credits = credits;
        _open = open;
        _ledger = ledger;
        _clock = clock;
    }

    /// <summary>The account that holds exactly what is owed.</summary>
    public string Pool => PoolAccounts.OfAdapter(_adapterId);

    /// <summary>Whether answers were added that no state holds yet.</summary>
    public bool HasUnfolded => _unfolded.Count > 0;

    /// <summary>Whether nothing is owed and nothing expected.</summary>
    public bool IsIdle => _receipts.Count == 0 && _book is { Paying: null, StakersUnpaid.IsZero: true, Accumulator.UnpaidSum: var unpaid }
        && unpaid == UInt128.Zero;

    CreditBook Book => _book ?? throw new InvalidOperationException("The credits are not recovered yet.");

    /// <summary>Announces a receipt: durable when this returns, and then it may be settled.</summary>
    /// <exception cref="BusyException">Too many are open.</exception>
    public async Task Expect(string receiptId, string holdId)
    {
        await Recovered();
        if (_receipts.ContainsKey(receiptId) || _recentIds.Contains(receiptId))
        {
            return;
        }

        if (_receipts.Count >= OpenMax)
        {
            throw new BusyException($"Adapter {_adapterId} settles {OpenMax:N0} answers at this moment; try again.");
        }

        if (!_poolIsOpen)
        {
            await _ledger.OpenPool(Pool);
            _poolIsOpen = true;
        }

        _receipts.TryAdd(receiptId, new OpenReceipt(holdId, NowSeconds()));
        _openVersion++;
        await Flush();
    }

    /// <summary>Adds a settled receipt's credits, once. One that was not announced, or is folded in, changes nothing.</summary>
    public async Task Add(string receiptId, IReadOnlyList<Credit> credits, Amount stakers)
    {
        await Recovered();
        AddOnce(receiptId, credits, stakers);
        if (_unfolded.Count >= FoldAnswers)
        {
            await Fold();
        }
    }

    /// <summary>Writes the sums, where answers came since the last time.</summary>
    public Task Fold() => _sequence.Run(async () =>
    {
        await Recovered();
        if (HasUnfolded)
        {
            await Save();
        }
    });

    /// <summary>The book as it stands.</summary>
    public async Task<T> Read<T>(Func<CreditBook, IReadOnlyList<StoredEpoch>, T> question)
    {
        await Recovered();
        return question(Book, _credits.State.Epochs);
    }

    /// <summary>
    /// Ends the epoch if it is due and pays it, or goes on paying one that a crash interrupted.
    /// </summary>
    /// <param name="parameters">Epoch length and dust threshold.</param>
    /// <param name="now">Whether an epoch that is not due ends all the same.</param>
    /// <param name="pools">Asked once an epoch: who shares the stakers' part, and by which weights.</param>
    /// <param name="reward">Gives a pool its part; may be called again with the same id.</param>
    /// <returns>The epoch that was paid, or null where none was.</returns>
    public Task<StoredEpoch?> Settle(
        NetworkParameters parameters,
        bool now,
        Func<Task<IReadOnlyList<ContributorWeight>>> pools,
        Func<TransferId, Credit, Task> reward) => _sequence.Run(async () =>
    {
        await Recovered();
        await Sweep();
        if (Book.Paying is null)
        {
            if (!Book.IsDue(parameters, NowSeconds()) && !(now && Book.EpochStartedSeconds > 0))
            {
                return null;
            }

            // What is to be paid is written before the first transfer, so that a repetition pays the same.
            var weights = Book.StakersUnpaid.IsZero ? [] : await pools();
            Book.Begin(parameters.DustThreshold, weights);
            await Save();
        }

        await Pay(Book.Paying!, reward);
        var paid = Book.Complete();
        var epoch = new StoredEpoch(
            paid.Epoch,
            NowSeconds(),
            paid.Payments.Count,
            paid.Sum.ToString(),
            Amount.Sum(paid.Rewards.Select(each => each.Amount)).ToString(),
            paid.AnswerCount);
        await Save(epoch);
        return epoch;
    });

    /// <summary>Sets credit aside while it is in dispute; a repetition answers what stands.</summary>
    public Task<FrozenCredit> Freeze(string disputeId, string contributor, Amount? amount) => _sequence.Run(async () =>
    {
        await Recovered();
        var frozen = Book.Freeze(disputeId, contributor, amount);
        await Save();
        return frozen;
    });

    /// <summary>Ends a freeze: the credit is the contributor's again, or is paid to another account.</summary>
    /// <param name="beneficiary">Who gets it, or null for the contributor.</param>
    /// <returns>What another account was paid; zero where the freeze had ended before.</returns>
    public Task<Amount> EndFreeze(string disputeId, string? beneficiary) => _sequence.Run(async () =>
    {
        await Recovered();
        if (beneficiary is null)
        {
            Book.Release(disputeId, NowSeconds());
            await Save();
            return Amount.Zero;
        }

        if (Book.Gather(disputeId) is not { } frozen)
        {
            return Amount.Zero;
        }

        await Save();
        if (!frozen.Amount.IsZero)
        {
            await Transfer([Order(TransferId.From($"{_adapterId}/forfeit/{disputeId}"), Pool, beneficiary, frozen.Amount)]);
        }

        Book.Forfeit(disputeId);
        await Save();
        return frozen.Amount;
    });

    /// <summary>Reads the states and, from the log, what they do not know yet. Once; again after a failure.</summary>
    async Task Recovered()
    {
        if (_book is not null)
        {
            return;
        }

        var recovering = _recovering ??= Recover();
        try
        {
            await recovering;
        }
        catch
        {
            _recovering = _recovering == recovering ? null : _recovering;
            throw;
        }
    }

    async Task Recover()
    {
        var book = _credits.State.ToBook();
        _recent = [.. _credits.State.RecentReceipts];
        _recentIds = [.. _recent];
        _unfolded.Clear();
        _unfoldedIds.Clear();
        _receipts = _open.State.Receipts.Where(pair => !_recentIds.Contains(pair.Key))
            .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        if (_receipts.Count < _open.State.Receipts.Count)
        {
            _openVersion++;
        }

        foreach (var receiptId in _receipts.Keys.Order(StringComparer.Ordinal).ToList())
        {
            if (await _ledger.FindReceipt(receiptId) is { } receipt)
            {
                AddTo(book, receiptId, CreditsOf(receipt), StakersOf(receipt));
            }
        }

        _book = book;
    }

    void AddOnce(string receiptId, IReadOnlyList<Credit> credits, Amount stakers)
    {
        if (_receipts.ContainsKey(receiptId) && !_unfoldedIds.Contains(receiptId))
        {
            AddTo(Book, receiptId, credits, stakers);
        }
    }

    void AddTo(CreditBook book, string receiptId, IReadOnlyList<Credit> credits, Amount stakers)
    {
        book.Add(credits, stakers, NowSeconds());
        _unfolded.Add(receiptId);
        _unfoldedIds.Add(receiptId);
    }

    /// <summary>Looks for receipts that were announced long ago. Their hold is released first, so that they can no longer come.</summary>
    async Task Sweep()
    {
        var before = NowSeconds() - StaleSeconds;
        foreach (var (receiptId, open) in _receipts.Where(pair => pair.Value.SinceSeconds <= before).ToList())
        {
            if (_unfoldedIds.Contains(receiptId))
            {
                continue;
            }

            // Refused where it was posted or has expired, and either is an answer.
            await _ledger.Transfer(
            [
                new TransferOrder(
                    TransferId.From($"{open.HoldId}/void").ToString(), TransferKind.VoidPending, "", "", Amount.Zero, open.HoldId),
            ]);
            if (await _ledger.FindReceipt(receiptId) is { } receipt)
            {
                AddOnce(receiptId, CreditsOf(receipt), StakersOf(receipt));
            }
            else
            {
                _receipts.Remove(receiptId);
                _openVersion++;
            }
        }
    }

    async Task Pay(EpochPayout payout, Func<TransferId, Credit, Task> reward)
    {
        foreach (var batch in payout.Payments.Chunk(EpochTransfers.BatchMax))
        {
            await _ledger.OpenAccounts([.. batch.Select(payment => payment.Contributor)]);
            await Transfer(
            [
                .. batch.Select(payment => Order(
                    EpochTransfers.PaymentId(_adapterId, payout.Epoch, payment.Contributor), Pool, payment.Contributor, payment.Amount)),
            ]);
        }

        foreach (var each in payout.Rewards)
        {
            await reward(EpochTransfers.RewardId(_adapterId, payout.Epoch, each.Contributor), each);
        }
    }

    async Task Transfer(IReadOnlyList<TransferOrder> orders)
    {
        var outcomes = await _ledger.Transfer(orders);
        if (outcomes.FirstOrDefault(outcome => !outcome.Accepted) is { } refused)
        {
            throw new UnavailableException(
                $"A payment of adapter {_adapterId} was refused ({refused.Result}); the epoch is paid when it is asked for again.");
        }
    }

    /// <summary>
    /// Writes the sums. Receipts that the last writing folded in have left the small document by then, so that forgetting their ids in
    /// the order of arrival never adds one twice.
    /// </summary>
    async Task Save(StoredEpoch? epoch = null)
    {
        await Flush();
        var folded = _unfolded.ToList();
        var recent = _recent.Concat(folded).ToList();
        recent.RemoveRange(0, Math.Max(0, recent.Count - Math.Max(RecentMax, folded.Count)));
        List<StoredEpoch> epochs = epoch is null ? _credits.State.Epochs : [.. _credits.State.Epochs.TakeLast(EpochsMax - 1), epoch];
        _credits.State = AttributionState.Of(Book, recent, epochs);
        await _credits.WriteStateAsync();
        _recent = recent;
        _recentIds = [.. recent];
        _unfolded.RemoveRange(0, folded.Count);
        foreach (var receiptId in folded)
        {
            _unfoldedIds.Remove(receiptId);
            _receipts.Remove(receiptId);
        }

        _openVersion += folded.Count > 0 ? 1 : 0;
    }

    /// <summary>Writes the small document as it is now. Those that arrive while a write is in flight ride the next one.</summary>
    async Task Flush()
    {
        var mine = _openVersion;
        while (_flushedVersion < mine)
        {
            if (_flushing.IsCompleted)
            {
                _flushing = WriteOpen();
            }

            await _flushing;
        }
    }

    async Task WriteOpen()
    {
        var version = _openVersion;
        _open.State = new OpenReceiptsState { Receipts = new Dictionary<string, OpenReceipt>(_receipts, StringComparer.Ordinal) };
        await _open.WriteStateAsync();
        _flushedVersion = version;
    }

    static List<Credit> CreditsOf(Receipt receipt) =>
    [
        .. receipt.Split.Where(line => line.Role == SplitRole.Contributor.Name())
            .Select(line => new Credit(line.Account, line.Amount)),
    ];

    static Amount StakersOf(Receipt receipt) =>
        Amount.Sum(receipt.Split.Where(line => line.Role == SplitRole.Stakers.Name()).Select(line => line.Amount));

    static TransferOrder Order(TransferId id, string debit, string credit, Amount amount) =>
        new(id.ToString(), TransferKind.Posted, debit, credit, amount);

    long NowSeconds() => _clock.GetUtcNow().ToUnixTimeSeconds();
}
