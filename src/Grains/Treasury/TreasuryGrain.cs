using OpenLedger.Economy;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;

namespace OpenLedger.Grains.Treasury;

/// <summary>
/// Releases what vests, burns what governance decides and pays early contributions. What has been released is what the book says has left
/// the locked accounts, so a month is released once however often and from wherever it is asked for.
/// </summary>
sealed class TreasuryGrain : Grain, ITreasuryGrain, IRemindable
{
    /// <summary>Wakes the treasury to release what has come due.</summary>
    internal const string ReleaseReminder = "release";

    /// <summary>Ids of contributions kept to recognise repetitions; older ones are forgotten in order of arrival.</summary>
    const int RecentContributionsMax = 4 * Emission.ContributorsMax;

    static readonly TimeSpan releasePeriod = TimeSpan.FromHours(1);

    readonly IPersistentState<TreasuryState> _state;
    readonly NetworkLedger _ledger;
    readonly ParameterCache _parameters;
    readonly RequestVerifier _requests;
    long? _genesisMs;

    public TreasuryGrain(
        [PersistentState("treasury")] IPersistentState<TreasuryState> state,
        NetworkLedger ledger,
        ParameterCache parameters,
        RequestVerifier requests)
    {
        _state = state;
        _ledger = ledger;
        _parameters = parameters;
        _requests = requests;
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Network, "a network");
        await this.RegisterOrUpdateReminder(ReleaseReminder, releasePeriod, releasePeriod);
        await base.OnActivateAsync(cancellationToken);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => DoWhatIsDue();

    public async Task<SupplyCard> Release(Authorization authorization)
    {
        // Anybody may, by name: what is due moves once.
        Verify(nameof(Release), authorization, RequestBody.Nothing);
        await DoWhatIsDue();
        return await GetSupply();
    }

    public async Task Burn(BurnOpen command, Authorization authorization)
    {
        var request = Verify(nameof(Burn), authorization, RequestBody.Of(command))
            .RequireAccount(command.Account, "the account that burns");
        ProposalMessages.CheckCommandId(command.CommandId);
        if (command.Amount.IsZero || request.SpendMax < command.Amount)
        {
            throw new RefusedException($"The request allows spending {request.SpendMax} OPEN, and {command.Amount} shall be burned.");
        }

        var id = TransferId.From($"burn/{command.Account}/{command.CommandId}").ToString();
        IReadOnlyList<TransferOrder> orders = [new(id, TransferKind.Posted, command.Account, SystemAccounts.Burn, command.Amount)];
        var outcome = (await _ledger.Transfer(orders, authorization))[0];
        if (!outcome.Accepted)
        {
            throw new RefusedException($"The book refused to burn {command.Amount} OPEN of {command.Account}: {outcome.Result}.");
        }
    }

    public async Task RecordContribution(AcceptedContribution contribution, Authorization authorization)
    {
        Verify(nameof(RecordContribution), authorization, RequestBody.Of(contribution)).RequireNetwork();
        var state = _state.State;
        if (state.RecentContributions.Contains(contribution.ContributionId) || contribution.RowCount <= 0)
        {
            return;
        }

        if (state.Rows.Count >= Emission.ContributorsMax && !state.Rows.ContainsKey(contribution.Account))
        {
            await PayEpoch(await _parameters.Get(), isFull: true);
        }

        state = _state.State;
        state.EpochStartMs = state.EpochStartMs == 0 ? _requests.NowMs : state.EpochStartMs;
        state.Rows[contribution.Account] = state.Rows.GetValueOrDefault(contribution.Account) + contribution.RowCount;
        state.RecentContributions.Add(contribution.ContributionId);
        if (state.RecentContributions.Count > RecentContributionsMax)
        {
            state.RecentContributions.RemoveAt(0);
        }

        await Save();
    }

    public async Task<SupplyCard> GetSupply()
    {
        var genesisMs = await GenesisMs();
        var months = Months(genesisMs);
        string[] accounts =
        [
            SystemAccounts.Mint, SystemAccounts.Burn, .. Allocation.All.Select(bucket => bucket.Account),
            .. Allocation.All.Select(bucket => bucket.LockedAccount).Where(account => account.Length > 0),
        ];
        var balances = (await _ledger.GetBalances(accounts)).ToDictionary(balance => balance.Account, StringComparer.Ordinal);
        var buckets = Allocation.All.Select(bucket => Card(bucket, months, balances)).ToList();
        var (minted, burned) = (balances[SystemAccounts.Mint].DebitsPosted, balances[SystemAccounts.Burn].CreditsPosted);
        var locked = Amount.Sum(buckets.Select(bucket => bucket.Locked));
        return new SupplyCard(
            genesisMs, months, minted, burned, locked, minted - burned - locked, Amount.Parse(_state.State.Emitted), buckets);
    }

    static BucketCard Card(Allocation bucket, int months, Dictionary<string, AccountBalance> balances)
    {
        var (released, due, locked) = (bucket.AtGenesis, Amount.Zero, Amount.Zero);
        if (bucket.Schedule is { } schedule)
        {
            var account = balances[bucket.LockedAccount];
            released += account.DebitsPosted;
            due = schedule.Releasable(months, account.DebitsPosted);
            locked = account.CreditsPosted - account.DebitsPosted;
        }

        return new BucketCard(bucket.Name, bucket.Total, released, due, locked, bucket.Account, balances[bucket.Account].Available);
    }

    async Task DoWhatIsDue()
    {
        await ReleaseVested();
        var parameters = await _parameters.Get();
        await BurnDecided(parameters);
        await FinishPayment();
        if (_state.State.EpochStartMs > 0 && _requests.NowMs - _state.State.EpochStartMs >= parameters.EpochSeconds * 1_000)
        {
            await PayEpoch(parameters, isFull: false);
        }
    }

    async Task ReleaseVested()
    {
        var months = Months(await GenesisMs());
        var buckets = Allocation.All.Where(bucket => bucket.Schedule is not null).ToList();
        var balances = await _ledger.GetBalances([.. buckets.Select(bucket => bucket.LockedAccount)]);
        var orders = buckets
            .Zip(balances, (bucket, balance) => (Bucket: bucket, Due: bucket.Schedule!.Releasable(months, balance.DebitsPosted)))
            .Where(each => !each.Due.IsZero)
            .Select(each => Order($"vesting/{each.Bucket.Name}/{months}", each.Bucket.LockedAccount, each.Bucket.Account, each.Due))
            .ToList();
        if (orders.Count > 0)
        {
            RequireAccepted(await _ledger.Transfer(orders));
        }
    }

    /// <summary>
    /// The burn is written down before it is made: whatever governance decides meanwhile, its id and amount stay the same.
    /// </summary>
    async Task BurnDecided(NetworkParameters parameters)
    {
        var burned = Amount.Parse(_state.State.Burned);
        if (_state.State.BurnPending.Length == 0)
        {
            var due = parameters.TreasuryBurnTotal > burned ? parameters.TreasuryBurnTotal - burned : Amount.Zero;
            var treasury = (await _ledger.GetBalances([SystemAccounts.Treasury]))[0].Available;
            if (due.IsZero || due > treasury)
            {
                // What the treasury does not hold yet is burned when it does.
                return;
            }

            _state.State.BurnPending = parameters.TreasuryBurnTotal.ToString();
            await Save();
        }

        var pending = Amount.Parse(_state.State.BurnPending);
        var order = Order($"treasury-burn/{burned}/{pending}", SystemAccounts.Treasury, SystemAccounts.Burn, pending - burned);
        if ((await _ledger.Transfer([order]))[0].Accepted)
        {
            _state.State.Burned = pending.ToString();
        }

        _state.State.BurnPending = "";
        await Save();
    }

    /// <summary>Ends the open epoch: its rewards are planned and written down, then paid.</summary>
    async Task PayEpoch(NetworkParameters parameters, bool isFull)
    {
        await FinishPayment();
        var state = _state.State;
        if (state.Payment.Count > 0)
        {
            // Still owed: an epoch is not planned on money that is.
            if (isFull)
            {
                throw new BusyException("The treasury owes rewards of early contributions that it cannot pay yet, and can take no more.");
            }

            return;
        }

        var treasury = (await _ledger.GetBalances([SystemAccounts.Treasury]))[0].Available;
        var emitted = Amount.Parse(state.Emitted);
        var lines = Emission.Divide(Emission.Budget(parameters, emitted, treasury), state.Rows);
        state.Payment = [.. lines.Select(line => new StoredReward(line.Account, line.Amount.ToString()))];
        state.PaymentEpoch = state.Epoch;
        state.Emitted = (emitted + Amount.Sum(lines.Select(line => line.Amount))).ToString();
        state.Epoch++;
        state.EpochStartMs = 0;
        state.Rows = [];
        await Save();
        await FinishPayment();
    }

    async Task FinishPayment()
    {
        var state = _state.State;
        if (state.Payment.Count == 0)
        {
            return;
        }

        List<TransferOrder> orders =
        [
            .. state.Payment.Select(reward => Order(
                $"emission/{state.PaymentEpoch}/{reward.Account}", SystemAccounts.Treasury, reward.Account, Amount.Parse(reward.Amount))),
        ];
        var outcomes = await _ledger.Transfer(orders);
        state.Payment = [.. state.Payment.Zip(outcomes).Where(each => !each.Second.Accepted).Select(each => each.First)];
        await Save();
    }

    async Task<long> GenesisMs() => _genesisMs ??= await _ledger.GetGenesisTime();

    int Months(long genesisMs) => VestingCalendar.MonthsBetween(
        DateTimeOffset.FromUnixTimeMilliseconds(genesisMs), DateTimeOffset.FromUnixTimeMilliseconds(_requests.NowMs));

    async Task Save()
    {
        try
        {
            await _state.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }

    VerifiedRequest Verify(string method, Authorization authorization, ContentHash body) =>
        _requests.Verify<ITreasuryGrain>(this.GetPrimaryKeyString(), method, authorization, body);

    static TransferOrder Order(string seed, string debit, string credit, Amount amount) =>
        new(TransferId.From(seed).ToString(), TransferKind.Posted, debit, credit, amount);

    static void RequireAccepted(IReadOnlyList<TransferOutcome> outcomes)
    {
        if (outcomes.FirstOrDefault(outcome => !outcome.Accepted) is { } refused)
        {
            throw new InvalidOperationException($"The book refused a release that is due: {refused.Result}.");
        }
    }
}
