using OpenLedger.Grains;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Staking;

namespace OpenLedger.Client;

/// <summary>Stakes, their rewards, and disputes about them.</summary>
public sealed class StakingClient
{
    readonly IGrainFactory _grains;
    readonly Repetition _repetition;
    readonly RequestSigner _signer;

    internal StakingClient(IGrainFactory grains, Repetition repetition, RequestSigner signer)
    {
        _grains = grains;
        _repetition = repetition;
        _signer = signer;
    }

    /// <summary>Bonds an amount in a pool; signed by the staker.</summary>
    /// <param name="poolId"><c>sp_network</c>, or <see cref="GrainKeys.OfStakingPool"/> of an adapter or a Datanet.</param>
    /// <exception cref="UserErrorException">The funds or the stake are too low, or the pool is full.</exception>
    public async Task<StakeCard> Stake(string poolId, StakeCommand command)
    {
        var signed = await _signer.Sign<IStakingPoolGrain>(
            command.Staker, poolId, nameof(IStakingPoolGrain.Stake), RequestBody.Of(command), command.Amount);
        return await _repetition.Run(() => Pool(poolId).Stake(command, signed));
    }

    /// <summary>Begins to take stake out; signed by the staker.</summary>
    public async Task<StakeCard> Unstake(string poolId, StakeCommand command)
    {
        var signed = await Sign(command.Staker, poolId, nameof(IStakingPoolGrain.Unstake), RequestBody.Of(command));
        return await _repetition.Run(() => Pool(poolId).Unstake(command, signed));
    }

    /// <summary>Pays what has unbonded; signed by the staker.</summary>
    public async Task<Amount> Withdraw(string poolId, StakePayout command)
    {
        var signed = await Sign(command.Staker, poolId, nameof(IStakingPoolGrain.Withdraw), RequestBody.Of(command));
        return await _repetition.Run(() => Pool(poolId).Withdraw(command, signed));
    }

    /// <summary>Pays the rewards so far; signed by the staker.</summary>
    public async Task<Amount> Claim(string poolId, StakePayout command)
    {
        var signed = await Sign(command.Staker, poolId, nameof(IStakingPoolGrain.Claim), RequestBody.Of(command));
        return await _repetition.Run(() => Pool(poolId).Claim(command, signed));
    }

    public Task<StakeCard> GetPosition(string poolId, string staker) => _repetition.Run(() => Pool(poolId).GetPosition(staker));

    public Task<PoolSummary> GetSummary(string poolId) => _repetition.Run(() => Pool(poolId).GetSummary());

    /// <summary>Accuses; signed by the challenger, who deposits a bond of at most an amount.</summary>
    /// <param name="disputeId"><c>ds_…</c>, made by the caller.</param>
    /// <exception cref="UserErrorException">There is nothing to dispute, or too little for the bond.</exception>
    public async Task<DisputeCard> OpenDispute(string disputeId, OpenDispute command, Amount bondMax)
    {
        var signed = await _signer.Sign<IDisputeGrain>(
            command.Challenger, disputeId, nameof(IDisputeGrain.Open), RequestBody.Of(command), bondMax);
        return await _repetition.Run(() => Dispute(disputeId).Open(command, signed));
    }

    /// <summary>Answers; signed by the accused.</summary>
    public async Task<DisputeCard> AnswerDispute(string disputeId, DisputeAnswer command)
    {
        var signed = await SignDispute(command.Account, disputeId, nameof(IDisputeGrain.Answer), RequestBody.Of(command));
        return await _repetition.Run(() => Dispute(disputeId).Answer(command, signed));
    }

    /// <summary>Calls the stakers to vote; signed by who would lose.</summary>
    public async Task<DisputeCard> AppealDispute(string disputeId, DisputeStep command)
    {
        var signed = await SignDispute(command.Account, disputeId, nameof(IDisputeGrain.Appeal), RequestBody.Of(command));
        return await _repetition.Run(() => Dispute(disputeId).Appeal(command, signed));
    }

    /// <summary>Votes; signed by a staker of the network pool.</summary>
    public async Task<DisputeCard> VoteOnDispute(string disputeId, DisputeVote command)
    {
        var signed = await SignDispute(command.Account, disputeId, nameof(IDisputeGrain.Vote), RequestBody.Of(command));
        return await _repetition.Run(() => Dispute(disputeId).Vote(command, signed));
    }

    /// <summary>Takes an accusation back; signed by the challenger.</summary>
    public async Task<DisputeCard> TakeDisputeBack(string disputeId, DisputeStep command)
    {
        var signed = await SignDispute(command.Account, disputeId, nameof(IDisputeGrain.TakeBack), RequestBody.Of(command));
        return await _repetition.Run(() => Dispute(disputeId).TakeBack(command, signed));
    }

    /// <summary>Carries out how a dispute ended; signed by a party.</summary>
    public async Task<DisputeCard> ConcludeDispute(string disputeId, DisputeStep command)
    {
        var signed = await SignDispute(command.Account, disputeId, nameof(IDisputeGrain.Conclude), RequestBody.Of(command));
        return await _repetition.Run(() => Dispute(disputeId).Conclude(command, signed));
    }

    public Task<DisputeCard> GetDispute(string disputeId) => _repetition.Run(() => Dispute(disputeId).GetCard());

    IDisputeGrain Dispute(string disputeId) => _grains.GetGrain<IDisputeGrain>(disputeId);

    Task<Authorization> SignDispute(string account, string disputeId, string method, ContentHash body) =>
        _signer.Sign<IDisputeGrain>(account, disputeId, method, body);

    IStakingPoolGrain Pool(string poolId) => _grains.GetGrain<IStakingPoolGrain>(poolId);

    Task<Authorization> Sign(string account, string poolId, string method, ContentHash body) =>
        _signer.Sign<IStakingPoolGrain>(account, poolId, method, body);
}
