using OpenLedger.Economy;
using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Staking;

namespace OpenLedger.Grains.Attribution;

/// <summary>Where the stakers' part of an adapter's fees goes at the end of an epoch.</summary>
sealed class StakersShare
{
    readonly IGrainFactory _grains;
    readonly NetworkLedger _ledger;
    readonly NetworkAuthority _network;
    readonly ParameterCache _parameters;

    public StakersShare(IGrainFactory grains, NetworkLedger ledger, NetworkAuthority network, ParameterCache parameters)
    {
        _grains = grains;
        _ledger = ledger;
        _network = network;
        _parameters = parameters;
    }

    public ValueTask<NetworkParameters> GetParameters() => _parameters.Get();

    /// <summary>The pools of the network, the adapter and its Datanet that have a stake; the reserve where none has.</summary>
    public async Task<IReadOnlyList<ContributorWeight>> Weights(AdapterCard adapter)
    {
        var pools = new List<(string, int, Amount)>
        {
            await Pool(StakingPools.Network, StakersDivision.NetworkWeight),
            await Pool(GrainKeys.OfStakingPool(adapter.Id), StakersDivision.AdapterWeight),
        };
        if (adapter.Manifest is { } manifest)
        {
            pools.Add(await Pool(GrainKeys.OfStakingPool(manifest.DatanetId), StakersDivision.DatanetWeight));
        }

        return StakersDivision.Over(pools, SystemAccounts.Reserve);
    }

    /// <summary>Gives a pool its part; a repetition with the same id gives nothing again.</summary>
    public async Task Pay(TransferId id, string pool, Amount amount)
    {
        if (pool != SystemAccounts.Reserve)
        {
            var reward = new PoolReward(id.ToString(), amount);
            await _grains.GetGrain<IStakingPoolGrain>(pool).Reward(
                reward, _network.Authorize<IStakingPoolGrain>(pool, nameof(IStakingPoolGrain.Reward), RequestBody.Of(reward)));
            return;
        }

        var order = new TransferOrder(id.ToString(), TransferKind.Posted, SystemAccounts.Stakers, SystemAccounts.Reserve, amount);
        var outcome = (await _ledger.Transfer([order]))[0];
        if (!outcome.Accepted)
        {
            throw new UnavailableException($"The stakers' part could not be paid to the reserve ({outcome.Result}); it is tried again.");
        }
    }

    async Task<(string, int, Amount)> Pool(string pool, int weight) =>
        (pool, weight, (await _grains.GetGrain<IStakingPoolGrain>(pool).GetSummary()).Bonded);
}
