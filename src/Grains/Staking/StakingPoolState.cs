using System.Globalization;
using OpenLedger.Economy;
using OpenLedger.Grains.Identity;

namespace OpenLedger.Grains.Staking;

/// <summary>What a pool's grain keeps. Amounts are decimal text.</summary>
[GenerateSerializer, Alias("openledger.staking.state")]
public sealed class StakingPoolState
{
    [Id(0)] public List<StoredPosition> Positions { get; set; } = [];

    [Id(1)] public string Undistributed { get; set; } = "0";

    [Id(2)] public string Rewarded { get; set; } = "0";

    /// <summary>Money that is under way and may have to be moved again, or null.</summary>
    [Id(3)] public StoredOperation? Pending { get; set; }

    /// <summary>Counts operations; ids of their transfers follow from it.</summary>
    [Id(4)] public long Sequence { get; set; }

    /// <summary>Commands that were carried out, the latest last, with what they paid.</summary>
    [Id(5)] public List<StoredResult> Recent { get; set; } = [];

    [Id(6)] public NonceMemory Nonces { get; set; } = new();

    public StakingPool ToPool()
    {
        var pool = new StakingPool();
        pool.Restore(Amount.Parse(Undistributed), Amount.Parse(Rewarded));
        foreach (var each in Positions)
        {
            pool.RestorePosition(
                each.Staker,
                Amount.Parse(each.Bonded),
                each.BondedSinceSeconds,
                UInt128.Parse(each.Weight, CultureInfo.InvariantCulture),
                each.WeighedSeconds,
                Amount.Parse(each.Reward),
                each.Unbonding.Select(part => new Unbonding(Amount.Parse(part.Amount), part.ReleaseSeconds)),
                each.Disputes);
        }

        return pool;
    }

    public void Take(StakingPool pool)
    {
        Positions =
        [
            .. pool.Positions.Select(each => new StoredPosition(
                each.Staker,
                each.Bonded.ToString(),
                each.BondedSinceSeconds,
                each.Weight.ToString(CultureInfo.InvariantCulture),
                each.WeighedSeconds,
                each.Reward.ToString(),
                [.. each.Unbonding.Select(part => new StoredUnbonding(part.Amount.ToString(), part.ReleaseSeconds))],
                [.. each.Disputes])),
        ];
        Undistributed = pool.Undistributed.ToString();
        Rewarded = pool.Rewarded.ToString();
    }
}

[GenerateSerializer, Immutable, Alias("openledger.staking.state.position")]
public sealed record StoredPosition(
    [property: Id(0)] string Staker,
    [property: Id(1)] string Bonded,
    [property: Id(2)] long BondedSinceSeconds,
    [property: Id(3)] string Weight,
    [property: Id(4)] long WeighedSeconds,
    [property: Id(5)] string Reward,
    [property: Id(6)] List<StoredUnbonding> Unbonding,
    [property: Id(7)] List<string> Disputes);

[GenerateSerializer, Immutable, Alias("openledger.staking.state.unbonding")]
public sealed record StoredUnbonding([property: Id(0)] string Amount, [property: Id(1)] long ReleaseSeconds);

public enum PoolOperation
{
    None,

    /// <summary>Money comes from a staker, and is bonded when it is here.</summary>
    Stake,

    /// <summary>Money comes from the stakers' account, and is divided when it is here.</summary>
    Reward,

    /// <summary>The pool owes it no more; it is being paid.</summary>
    Payment,
}

/// <param name="Id">The command's id, or the reward's.</param>
/// <param name="Transfers">What is moved, all or nothing.</param>
/// <param name="SpenderHeader">The staker's authorisation, as <see cref="AuthorizationHeader"/> writes it; empty for the network's.</param>
/// <param name="SpenderTarget">What the authorisation was signed for.</param>
/// <param name="SpenderBody">Hash of what it was signed over.</param>
[GenerateSerializer, Immutable, Alias("openledger.staking.state.operation")]
public sealed record StoredOperation(
    [property: Id(0)] PoolOperation Kind,
    [property: Id(1)] string Id,
    [property: Id(2)] string Staker,
    [property: Id(3)] string Amount,
    [property: Id(4)] List<StoredTransfer> Transfers,
    [property: Id(5)] string SpenderHeader,
    [property: Id(6)] string SpenderTarget,
    [property: Id(7)] string SpenderBody);

[GenerateSerializer, Immutable, Alias("openledger.staking.state.transfer")]
public sealed record StoredTransfer(
    [property: Id(0)] string Id,
    [property: Id(1)] string Debit,
    [property: Id(2)] string Credit,
    [property: Id(3)] string Amount);

[GenerateSerializer, Immutable, Alias("openledger.staking.state.result")]
public sealed record StoredResult([property: Id(0)] string Id, [property: Id(1)] string Amount);
