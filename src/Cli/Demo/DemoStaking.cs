using OpenLedger.Grains;
using OpenLedger.Grains.Attribution;
using OpenLedger.Grains.Staking;
using OpenLedger.Silo;

namespace OpenLedger.Cli.Demo;

/// <summary>What staking and the epoch came to; amounts in OPEN with all decimals.</summary>
/// <param name="Staked">Stakes of the demo's stakers together.</param>
/// <param name="Epoch">The epoch that was settled.</param>
/// <param name="Answers">Answers that it counts.</param>
/// <param name="Accrued">What contributors were owed before it.</param>
/// <param name="Paid">What it paid them.</param>
/// <param name="PaidContributors">How many it paid.</param>
/// <param name="CarriedOver">What was below the dust threshold and stays owed.</param>
/// <param name="Rewards">The stakers' part of the fees.</param>
/// <param name="Claimed">What the stakers claimed of it.</param>
/// <param name="Exact">Whether every balance is what was accrued, and every pool holds what it owes, to the last atto.</param>
sealed record DemoStakingResult(
    string Staked,
    long Epoch,
    long Answers,
    string Accrued,
    string Paid,
    int PaidContributors,
    string CarriedOver,
    string Rewards,
    string Claimed,
    bool Exact);

/// <summary>Two contributors stake; later an epoch is settled, what accrued is paid, and the stakers claim their part.</summary>
sealed class DemoStaking
{
    static readonly Amount stake = Amount.FromOpen(5);
    static readonly TimeSpan secondsMin = TimeSpan.FromSeconds(1.5);

    readonly DemoNetwork _network;
    readonly IDemoNarrator _narrator;

    public DemoStaking(DemoNetwork network, IDemoNarrator narrator)
    {
        _network = network;
        _narrator = narrator;
    }

    /// <summary>Who stakes where.</summary>
    IReadOnlyList<(string Staker, string Pool)> Stakes =>
    [
        (_network.Contributors[0].Address, StakingPools.Network),
        (_network.Contributors[^1].Address, GrainKeys.OfStakingPool(_network.DatanetId)),
    ];

    public async Task Stake(EmbeddedSilo silo, DemoIdentity identity)
    {
        foreach (var (staker, pool) in Stakes)
        {
            await identity.Fund(silo, staker, stake);
            await _network.Client.Staking.Stake(pool, new StakeCommand("demo stake", staker, stake));
            _narrator.Note($"{_network.Names[staker]} stakes {stake} OPEN in {pool}.");
        }
    }

    public async Task<DemoStakingResult> Settle(CancellationToken cancellationToken)
    {
        // Stake counts by whole seconds: a reward within the second in which it was bonded would wait for the next one.
        await Task.Delay(secondsMin, cancellationToken);
        var client = _network.Client;
        var before = await _network.Balances();
        var totals = await client.GetContributorTotals(_network.AdapterId);
        var epoch = await client.SettleEpoch(_network.AdapterId, cancellationToken)
            ?? throw new InvalidOperationException("No answer came since the last epoch.");
        var after = await _network.Balances();
        var owed = (await client.GetContributorTotals(_network.AdapterId))
            .ToDictionary(total => total.Contributor, total => total.Unpaid, StringComparer.Ordinal);
        var exact = totals.All(total =>
            after[total.Contributor].Available - before[total.Contributor].Available == total.Unpaid - owed[total.Contributor]);
        var credits = await client.GetCredits(_network.AdapterId);
        exact &= (await client.Ledger.GetBalances([credits.Pool], cancellationToken))[0].Available == credits.Owed;
        Report(epoch, credits);

        var claimed = Amount.Zero;
        foreach (var (staker, pool) in Stakes)
        {
            var reward = await client.Staking.Claim(pool, new StakePayout("demo claim", staker));
            claimed += reward;
            _narrator.Note($"{_network.Names[staker]} claims {reward} OPEN of the stakers' part.");
            var summary = await client.Staking.GetSummary(pool);
            exact &= (await client.Ledger.GetBalances([summary.Account], cancellationToken))[0].Available == summary.Held;
        }

        return new DemoStakingResult(
            (stake * Stakes.Count).ToString(),
            epoch.Epoch,
            epoch.AnswerCount,
            Amount.Sum(totals.Select(total => total.Unpaid)).ToString(),
            epoch.Paid.ToString(),
            epoch.PaidCount,
            credits.Owed.ToString(),
            epoch.Rewards.ToString(),
            claimed.ToString(),
            exact && claimed == epoch.Rewards);
    }

    void Report(EpochSummary epoch, CreditSummary credits)
    {
        _narrator.Note($"Epoch {epoch.Epoch} of {epoch.AnswerCount} answers pays {epoch.PaidCount} contributors {epoch.Paid} OPEN.");
        _narrator.Note($"{credits.Owed} OPEN below the dust threshold stay owed, and in the pool {credits.Pool}.");
    }
}
