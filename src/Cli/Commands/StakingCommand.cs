using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenLedger.Client;
using OpenLedger.Grains;
using OpenLedger.Grains.Staking;

namespace OpenLedger.Cli.Commands;

/// <summary><c>openledger stake</c>, <c>unstake</c>, <c>withdraw</c>, <c>claim</c>, <c>pool</c>: the folder's own account stakes.</summary>
static class StakingCommand
{
    public static Command BuildStake() => WithAmount(
        "stake",
        "Stake own OPEN in a pool; it earns the stakers' part of fees, by amount and time.",
        (client, pool, command) => client.Staking.Stake(pool, command));

    public static Command BuildUnstake() => WithAmount(
        "unstake",
        "Begin to take stake out; it can be withdrawn when the unbonding time has passed.",
        (client, pool, command) => client.Staking.Unstake(pool, command));

    public static Command BuildWithdraw() => Payout(
        "withdraw", "Take out what has unbonded.", (client, pool, command) => client.Staking.Withdraw(pool, command));

    public static Command BuildClaim() => Payout(
        "claim", "Take out the rewards so far.", (client, pool, command) => client.Staking.Claim(pool, command));

    public static Command BuildPool()
    {
        var (pool, session, json) = (Pool(), new AccountSession(), CommonOptions.Json());
        var command = new Command("pool", "Show a staking pool, and what the folder's own account has in it.")
        {
            pool, session.Data, session.Key, session.Passphrase, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var poolId = PoolId(result.GetRequiredValue(pool));
            var view = await session.Run(
                result,
                async (client, account) => PoolView.Of(
                    await client.Staking.GetSummary(poolId), await client.Staking.GetPosition(poolId, account)),
                cancellationToken);
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(view, StakingJson.Default.PoolView));
                return ExitCodes.Success;
            }

            Console.WriteLine($"pool       {view.Pool}, {view.Stakers} stakers, account {view.Account}");
            Console.WriteLine($"bonded     {view.Bonded}");
            Console.WriteLine($"rewarded   {view.Rewarded}");
            Print(view.Own);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>A pool by its id, or by what it is of: <c>network</c>, an adapter, a Datanet.</summary>
    public static string PoolId(string text) => text == "network" ? StakingPools.Network
        : text.StartsWith(GrainKeys.StakingPool, StringComparison.Ordinal) ? text
        : text.StartsWith(GrainKeys.Adapter, StringComparison.Ordinal) || text.StartsWith(GrainKeys.Datanet, StringComparison.Ordinal)
            ? GrainKeys.OfStakingPool(text)
            : throw new UserErrorException($"'{text}' is no pool: write network, or the id of an adapter (ad_…) or a Datanet (dn_…).");

    static Command WithAmount(
        string name, string description, Func<OpenLedgerClient, string, StakeCommand, Task<StakeCard>> act)
    {
        var (pool, session, json) = (Pool(), new AccountSession(), CommonOptions.Json());
        var amount = new Argument<string>("amount") { Description = "OPEN, with at most 18 decimals." };
        var command = new Command(name, description) { pool, amount, session.Data, session.Key, session.Passphrase, json };
        command.SetAction(async (result, cancellationToken) =>
        {
            var poolId = PoolId(result.GetRequiredValue(pool));
            var open = Amount.Parse(result.GetRequiredValue(amount));
            var view = StakeView.Of(await session.Run(
                result,
                (client, account) => act(client, poolId, new StakeCommand(NewId(), account, open)),
                cancellationToken));
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(view, StakingJson.Default.StakeView));
            }
            else
            {
                Print(view);
            }

            return ExitCodes.Success;
        });
        return command;
    }

    static Command Payout(string name, string description, Func<OpenLedgerClient, string, StakePayout, Task<Amount>> act)
    {
        var (pool, session, json) = (Pool(), new AccountSession(), CommonOptions.Json());
        var command = new Command(name, description) { pool, session.Data, session.Key, session.Passphrase, json };
        command.SetAction(async (result, cancellationToken) =>
        {
            var poolId = PoolId(result.GetRequiredValue(pool));
            var paid = await session.Run(
                result,
                (client, account) => act(client, poolId, new StakePayout(NewId(), account)),
                cancellationToken);
            Console.WriteLine(result.GetValue(json)
                ? JsonSerializer.Serialize(new PaidView(poolId, paid.ToString()), StakingJson.Default.PaidView)
                : $"paid {paid} OPEN out of {poolId}");
            return ExitCodes.Success;
        });
        return command;
    }

    static void Print(StakeView view)
    {
        Console.WriteLine($"staker     {view.Staker}");
        Console.WriteLine($"own bonded {view.Bonded}");
        foreach (var part in view.Unbonding)
        {
            Console.WriteLine($"unbonding  {part.Amount} until {part.Release}");
        }

        Console.WriteLine($"reward     {view.Reward}");
        foreach (var dispute in view.Disputes)
        {
            Console.WriteLine($"in dispute {dispute}");
        }
    }

    static Argument<string> Pool() => new("pool") { Description = "network, an adapter (ad_…) or a Datanet (dn_…)." };

    static string NewId() => IdSource.Secure().Next("cmd");
}

sealed record UnbondingView(string Amount, string Release);

sealed record StakeView(
    string Pool,
    string Staker,
    string Bonded,
    IReadOnlyList<UnbondingView> Unbonding,
    string Withdrawable,
    string Reward,
    IReadOnlyList<string> Disputes)
{
    public static StakeView Of(StakeCard card) => new(
        card.PoolId,
        card.Staker,
        card.Bonded.ToString(),
        [.. card.Unbonding.Select(part => new UnbondingView(part.Amount.ToString(), GovernanceOutput.Time(part.ReleaseSeconds * 1_000)))],
        card.Withdrawable.ToString(),
        card.Reward.ToString(),
        card.Disputes);
}

sealed record PoolView(
    string Pool,
    string Account,
    int Stakers,
    string Bonded,
    string Held,
    string Rewarded,
    string Undistributed,
    StakeView Own)
{
    public static PoolView Of(PoolSummary summary, StakeCard own) => new(
        summary.PoolId,
        summary.Account,
        summary.StakerCount,
        summary.Bonded.ToString(),
        summary.Held.ToString(),
        summary.Rewarded.ToString(),
        summary.Undistributed.ToString(),
        StakeView.Of(own));
}

sealed record PaidView(string Pool, string Paid);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PoolView))]
[JsonSerializable(typeof(StakeView))]
[JsonSerializable(typeof(PaidView))]
sealed partial class StakingJson : JsonSerializerContext;
