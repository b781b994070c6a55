using OpenLedger.Economy;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Models;

namespace OpenLedger.Grains.Attribution;

/// <summary>Holds one adapter's artefacts while it is active, and what its contributors are owed.</summary>
sealed class AttributionGrain : Grain, IAttributionGrain, IRemindable
{
    /// <summary>Wakes an adapter that owes something when its epoch may be due.</summary>
    internal const string EpochReminder = "epoch";

    static readonly TimeSpan foldPeriod = TimeSpan.FromSeconds(5);
    static readonly TimeSpan reminderPeriodMin = TimeSpan.FromMinutes(1);
    static readonly TimeSpan reminderPeriodMax = TimeSpan.FromDays(1);

    readonly IPersistentState<AttributionState> _credits;
    readonly IPersistentState<OpenReceiptsState> _open;
    readonly AttributionHost _host;
    readonly NetworkLedger _ledger;
    readonly StakersShare _stakers;
    readonly RequestVerifier _requests;
    readonly TimeProvider _clock;
    CreditAccrual? _accrualOpen;
    Task<AnswerAttributor>? _attributor;
    bool _watched;
    bool _ended;

    public AttributionGrain(
        [PersistentState("attribution")] IPersistentState<AttributionState> credits,
        [PersistentState("attribution-open")] IPersistentState<OpenReceiptsState> open,
        AttributionHost host,
        NetworkLedger ledger,
        StakersShare stakers,
        RequestVerifier requests,
        TimeProvider clock)
    {
        _credits = credits;
        _open = open;
        _host = host;
        _ledger = ledger;
        _stakers = stakers;
        _requests = requests;
        _clock = clock;
    }

    CreditAccrual Accrual => _accrualOpen ?? throw new InvalidOperationException("The grain is not active.");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var adapterId = this.GetPrimaryKeyString();
        GrainKeys.Require(adapterId, GrainKeys.Adapter, "an adapter");
        _accrualOpen = new CreditAccrual(adapterId, _credits, _open, new CreditLedger(_ledger), _clock);
        return base.OnActivateAsync(cancellationToken);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // What a failed write leaves in memory is not to be trusted; the next activation reads the log.
        if (Accrual.HasUnfolded && !_ended)
        {
            await Accrual.Fold();
        }

        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    public Task Prepare()
    {
        _attributor ??= Load();
        return Task.CompletedTask;
    }

    public async Task<AttributionResult> Attribute(AttributionQuery query)
    {
        var loading = _attributor ??= Load();
        try
        {
            return await _host.Attribute(await loading, query);
        }
        catch when (loading.IsFaulted)
        {
            // A failed load is forgotten, so that the next answer tries again.
            _attributor = _attributor == loading ? null : _attributor;
            throw;
        }
    }

    public async Task Expect(ExpectedReceipt receipt, Authorization authorization)
    {
        Verify(nameof(Expect), authorization, RequestBody.Of(receipt)).RequireNetwork();
        await Watch();
        await Guard(() => Accrual.Expect(receipt.ReceiptId, receipt.HoldId));
    }

    public Task Accumulate(SettledCredit credit, Authorization authorization)
    {
        Verify(nameof(Accumulate), authorization, RequestBody.Of(credit)).RequireNetwork();
        return Guard(() => Accrual.Add(
            credit.ReceiptId, [.. credit.Payments.Select(payment => new Credit(payment.Contributor, payment.Amount))], credit.Stakers));
    }

    public Task<IReadOnlyList<ContributorTotal>> GetTotals() => Guard(() => Accrual.Read<IReadOnlyList<ContributorTotal>>((book, _) =>
    [
        .. Enumerable.Range(0, book.Accumulator.Count).Select(number => new ContributorTotal(
                book.Accumulator.NameOf(number),
                Amount.FromAtto(book.Accumulator.Credited(number)),
                book.Accumulator.Answers(number),
                Amount.FromAtto(book.Accumulator.Unpaid(number))))
            .OrderByDescending(total => total.Amount).ThenBy(total => total.Contributor, StringComparer.Ordinal),
    ]));

    public async Task<EpochSummary?> SettleEpoch(SettleEpoch command, Authorization authorization)
    {
        var request = Verify(nameof(SettleEpoch), authorization, RequestBody.Of(command));
        var adapter = await GetAdapter();
        request.RequireAccount(adapter.Manifest?.Owner ?? "", "the adapter's owner", orNetwork: true);
        return await SettleEpoch(adapter, command.Now);
    }

    Task<EpochSummary?> SettleEpoch(AdapterCard adapter, bool now) => Guard(async () =>
    {
        var parameters = await _stakers.GetParameters();
        var epoch = await Accrual.Settle(
            parameters, now, () => _stakers.Weights(adapter), (id, reward) => _stakers.Pay(id, reward.Contributor, reward.Amount));
        return epoch is null ? null : Summary(epoch);
    });

    public Task<CreditSummary> GetCredits() => Guard(() => Accrual.Read((book, epochs) => new CreditSummary(
        this.GetPrimaryKeyString(),
        Accrual.Pool,
        book.Epoch,
        book.EpochStartedSeconds,
        book.EpochAnswerCount,
        Amount.FromAtto(book.OwedSum),
        Amount.Sum(book.Frozen.Select(each => each.Amount)),
        book.StakersUnpaid,
        [.. epochs.Select(Summary)],
        book.FirstSeconds,
        book.AnswerCount)));

    public async Task<Amount> Freeze(CreditFreeze freeze, Authorization authorization)
    {
        Verify(nameof(Freeze), authorization, RequestBody.Of(freeze)).RequireNetwork();
        return (await Guard(() => Accrual.Freeze(freeze.DisputeId, freeze.Contributor, freeze.Amount))).Amount;
    }

    public Task<Amount> EndFreeze(string disputeId, string beneficiary, Authorization authorization)
    {
        Verify(nameof(EndFreeze), authorization, RequestBody.Of(disputeId, beneficiary)).RequireNetwork();
        return Guard(() => Accrual.EndFreeze(disputeId, beneficiary.Length == 0 ? null : beneficiary));
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        await SettleEpoch(await GetAdapter(), now: false);
        if (Accrual.IsIdle && await this.GetReminder(EpochReminder) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
            _watched = false;
        }
    }

    /// <summary>From the first receipt on: sums are written every few seconds, and a reminder looks for an epoch that is due.</summary>
    async Task Watch()
    {
        if (_watched)
        {
            return;
        }

        _watched = true;
        try
        {
            var parameters = await _stakers.GetParameters();
            var period = TimeSpan.FromSeconds(Math.Clamp(
                parameters.EpochSeconds, (long)reminderPeriodMin.TotalSeconds, (long)reminderPeriodMax.TotalSeconds));
            await this.RegisterOrUpdateReminder(EpochReminder, period, period);
            this.RegisterGrainTimer(_ => Fold(), new GrainTimerCreationOptions(foldPeriod, foldPeriod));
        }
        catch
        {
            _watched = false;
            throw;
        }
    }

    async Task Fold()
    {
        if (!_ended)
        {
            await Guard(Accrual.Fold);
            if (await Accrual.Read((book, _) => book.EpochStartedSeconds) > 0)
            {
                await SettleEpoch(await GetAdapter(), now: false);
            }
        }
    }

    /// <summary>Ends the activation after a failure that leaves an outcome unknown: the next one reads states and log.</summary>
    async Task<T> Guard<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is not (UserErrorException or BusyException))
        {
            _ended = true;
            DeactivateOnIdle();
            throw exception is UnavailableException or TimeoutException
                ? exception
                : new UnavailableException($"The credits of {this.GetPrimaryKeyString()} are read anew ({exception.Message}).");
        }
    }

    Task Guard(Func<Task> work) => Guard(async () =>
    {
        await work();
        return true;
    });

    EpochSummary Summary(StoredEpoch epoch) => new(
        this.GetPrimaryKeyString(),
        epoch.Epoch,
        epoch.EndedSeconds,
        epoch.PaidCount,
        Amount.Parse(epoch.Paid),
        Amount.Parse(epoch.Rewards),
        epoch.AnswerCount);

    VerifiedRequest Verify(string method, Authorization authorization, ContentHash body) =>
        _requests.Verify<IAttributionGrain>(this.GetPrimaryKeyString(), method, authorization, body);

    Task<AdapterCard> GetAdapter() => GrainFactory.GetGrain<IAdapterGrain>(this.GetPrimaryKeyString()).GetCard();

    async Task<AnswerAttributor> Load()
    {
        var adapter = await GetAdapter();
        var manifest = adapter.Manifest ?? throw new RefusedException($"Adapter {adapter.Id} is not published.");
        var model = await GrainFactory.GetGrain<IModelGrain>(manifest.ModelId).GetCard();
        return await _host.Load(model, manifest, CancellationToken.None);
    }
}
