using OpenLedger.Grains.Identity;
using Orleans.Concurrency;

namespace OpenLedger.Grains.Staking;

/// <summary>
/// One staking pool; the key is <c>sp_network</c>, or <c>sp_</c> and the id of an adapter or a Datanet. Its account holds stakes and
/// unclaimed rewards, to the last atto.
/// </summary>
[Alias("openledger.staking-pool"), KeyPrefix(GrainKeys.StakingPool)]
public interface IStakingPoolGrain : IGrainWithStringKey
{
    /// <summary>Bonds an amount of the staker's. Idempotent by <see cref="StakeCommand.CommandId"/>.</summary>
    /// <param name="authorization">The staker's; its <see cref="Authorization.SpendMax"/> is at least the amount.</param>
    [Alias("stake")]
    Task<StakeCard> Stake(StakeCommand command, Authorization authorization);

    /// <summary>Begins to take bonded stake out. Idempotent by <see cref="StakeCommand.CommandId"/>.</summary>
    /// <param name="authorization">The staker's.</param>
    [Alias("unstake")]
    Task<StakeCard> Unstake(StakeCommand command, Authorization authorization);

    /// <summary>Pays what has unbonded. Idempotent by <see cref="StakePayout.CommandId"/>.</summary>
    /// <param name="authorization">The staker's.</param>
    /// <returns>What was paid.</returns>
    [Alias("withdraw")]
    Task<Amount> Withdraw(StakePayout command, Authorization authorization);

    /// <summary>Pays the rewards so far. Idempotent by <see cref="StakePayout.CommandId"/>.</summary>
    /// <param name="authorization">The staker's.</param>
    /// <returns>What was paid.</returns>
    [Alias("claim")]
    Task<Amount> Claim(StakePayout command, Authorization authorization);

    /// <summary>Takes a reward out of the stakers' account and divides it. Idempotent by <see cref="PoolReward.RewardId"/>.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("reward")]
    Task Reward(PoolReward reward, Authorization authorization);

    /// <summary>Pays nothing out of a stake until its dispute ends. A repetition changes nothing.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("freeze")]
    Task Freeze(string staker, string disputeId, Authorization authorization);

    /// <summary>Ends a freeze in the staker's favour. A repetition changes nothing.</summary>
    /// <param name="authorization">The network's.</param>
    [Alias("unfreeze")]
    Task Unfreeze(string staker, string disputeId, Authorization authorization);

    /// <summary>Ends a freeze by slashing the stake: a part to the challenger, the rest to the reserve. Once a freeze.</summary>
    /// <param name="authorization">The network's.</param>
    /// <returns>What was slashed.</returns>
    [Alias("slash")]
    Task<Amount> Slash(StakeSlash slash, Authorization authorization);

    [ReadOnly]
    [Alias("position")]
    Task<StakeCard> GetPosition(string staker);

    /// <summary>What a staker's vote weighs in a vote that began then.</summary>
    [ReadOnly]
    [Alias("vote-weight")]
    Task<Amount> GetVoteWeight(string staker, long beganSeconds);

    [ReadOnly]
    [Alias("summary")]
    Task<PoolSummary> GetSummary();
}

/// <summary>Keys of pools that every network has.</summary>
public static class StakingPools
{
    /// <summary>The network's own pool; its stakers vote on disputes.</summary>
    public const string Network = GrainKeys.StakingPool + "network";
}

/// <param name="CommandId">Client-made idempotency id, 1 to 100 characters.</param>
/// <param name="Staker">Account that stakes.</param>
[GenerateSerializer, Immutable, Alias("openledger.staking.stake")]
public sealed record StakeCommand(
    [property: Id(0)] string CommandId,
    [property: Id(1)] string Staker,
    [property: Id(2)] Amount Amount);

/// <param name="CommandId">Client-made idempotency id, 1 to 100 characters.</param>
/// <param name="Staker">Account that is paid.</param>
[GenerateSerializer, Immutable, Alias("openledger.staking.payout")]
public sealed record StakePayout([property: Id(0)] string CommandId, [property: Id(1)] string Staker);

/// <param name="RewardId">Id of the transfer, 32 hexadecimal digits.</param>
[GenerateSerializer, Immutable, Alias("openledger.staking.reward")]
public sealed record PoolReward([property: Id(0)] string RewardId, [property: Id(1)] Amount Amount);

/// <param name="BasisPoints">The part of the stake, bonded and unbonding alike.</param>
[GenerateSerializer, Immutable, Alias("openledger.staking.slash")]
public sealed record StakeSlash(
    [property: Id(0)] string DisputeId,
    [property: Id(1)] string Staker,
    [property: Id(2)] int BasisPoints,
    [property: Id(3)] string Challenger);

/// <summary>One staker's place in a pool.</summary>
/// <param name="Reward">What can be claimed.</param>
/// <param name="Withdrawable">What has unbonded and can be withdrawn.</param>
/// <param name="Disputes">Disputes that freeze it.</param>
[GenerateSerializer, Immutable, Alias("openledger.staking.position")]
public sealed record StakeCard(
    [property: Id(0)] string PoolId,
    [property: Id(1)] string Staker,
    [property: Id(2)] Amount Bonded,
    [property: Id(3)] IReadOnlyList<UnbondingPart> Unbonding,
    [property: Id(4)] Amount Reward,
    [property: Id(5)] Amount Withdrawable,
    [property: Id(6)] IReadOnlyList<string> Disputes);

/// <param name="ReleaseSeconds">When it can be withdrawn, in seconds since 1970.</param>
[GenerateSerializer, Immutable, Alias("openledger.staking.unbonding")]
public sealed record UnbondingPart([property: Id(0)] Amount Amount, [property: Id(1)] long ReleaseSeconds);

/// <param name="Account">The account that holds it all.</param>
/// <param name="Held">What the account must hold: stakes, bonded and unbonding, and unclaimed rewards.</param>
/// <param name="Rewarded">All rewards ever given.</param>
/// <param name="Undistributed">Rewards that wait for a stake.</param>
[GenerateSerializer, Immutable, Alias("openledger.staking.summary")]
public sealed record PoolSummary(
    [property: Id(0)] string PoolId,
    [property: Id(1)] string Account,
    [property: Id(2)] int StakerCount,
    [property: Id(3)] Amount Bonded,
    [property: Id(4)] Amount Held,
    [property: Id(5)] Amount Rewarded,
    [property: Id(6)] Amount Undistributed);
