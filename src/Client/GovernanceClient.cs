using OpenLedger.Grains;
using OpenLedger.Grains.Governance;
using OpenLedger.Grains.Identity;

namespace OpenLedger.Client;

/// <summary>Governed parameters, votes and proposals. What changes something is signed by the account that it names.</summary>
public sealed class GovernanceClient
{
    readonly IGrainFactory _grains;
    readonly Repetition _repetition;
    readonly RequestSigner _signer;

    internal GovernanceClient(IGrainFactory grains, Repetition repetition, RequestSigner signer)
    {
        _grains = grains;
        _repetition = repetition;
        _signer = signer;
    }

    IGovernanceGrain Grain => _grains.GetGrain<IGovernanceGrain>(Networks.Main);

    public Task<GovernedParameters> GetParameters() => _repetition.Run(Grain.GetParameters);

    public Task<VotingPowerCard> GetVotingPower(string account) => _repetition.Run(() => Grain.GetVotingPower(account));

    public Task<ProposalCard> GetProposal(string proposalId) => _repetition.Run(() => Grain.GetProposal(proposalId));

    /// <summary>What a proposal says, whole.</summary>
    public Task<ProposeChanges> GetContent(string proposalId) =>
        _repetition.Run(() => _grains.GetGrain<IProposalGrain>(proposalId).GetContent());

    /// <inheritdoc cref="IGovernanceGrain.GetProposals"/>
    public Task<ProposalPage> GetProposals(int skip = 0, int count = 20) => _repetition.Run(() => Grain.GetProposals(skip, count));

    /// <inheritdoc cref="IGovernanceGrain.Lock"/>
    public async Task<VotingPowerCard> Lock(LockVotes command)
    {
        var signed = await Sign(command.Account, nameof(IGovernanceGrain.Lock), RequestBody.Of(command), command.Amount);
        return await _repetition.Run(() => Grain.Lock(command, signed));
    }

    /// <inheritdoc cref="IGovernanceGrain.Unlock"/>
    public async Task<VotingPowerCard> Unlock(UnlockVotes command)
    {
        var signed = await Sign(command.Account, nameof(IGovernanceGrain.Unlock), RequestBody.Of(command));
        return await _repetition.Run(() => Grain.Unlock(command, signed));
    }

    /// <inheritdoc cref="IGovernanceGrain.Delegate"/>
    public async Task<VotingPowerCard> Delegate(DelegateVotes command)
    {
        var signed = await Sign(command.Account, nameof(IGovernanceGrain.Delegate), RequestBody.Of(command));
        return await _repetition.Run(() => Grain.Delegate(command, signed));
    }

    /// <inheritdoc cref="IGovernanceGrain.Propose"/>
    public async Task<ProposalCard> Propose(ProposeChanges command)
    {
        var signed = await Sign(command.Proposer, nameof(IGovernanceGrain.Propose), RequestBody.Of(command));
        return await _repetition.Run(() => Grain.Propose(command, signed));
    }

    /// <inheritdoc cref="IGovernanceGrain.Vote"/>
    public async Task<VoteCard> Vote(CastVote command)
    {
        var signed = await Sign(command.Account, nameof(IGovernanceGrain.Vote), RequestBody.Of(command));
        return await _repetition.Run(() => Grain.Vote(command, signed));
    }

    /// <summary>Signed by the client's first key: anybody may.</summary>
    /// <inheritdoc cref="IGovernanceGrain.Queue"/>
    public async Task<ProposalCard> Queue(string proposalId)
    {
        var signed = await Sign(null, nameof(IGovernanceGrain.Queue), RequestBody.Of(proposalId));
        return await _repetition.Run(() => Grain.Queue(proposalId, signed));
    }

    /// <summary>Signed by the client's first key: anybody may.</summary>
    /// <inheritdoc cref="IGovernanceGrain.Execute"/>
    public async Task<ProposalCard> Execute(string proposalId)
    {
        var signed = await Sign(null, nameof(IGovernanceGrain.Execute), RequestBody.Of(proposalId));
        return await _repetition.Run(() => Grain.Execute(proposalId, signed));
    }

    /// <param name="account">Who cancels; null for the client's first key.</param>
    /// <inheritdoc cref="IGovernanceGrain.Cancel"/>
    public async Task<ProposalCard> Cancel(string proposalId, string? account = null)
    {
        var signed = await Sign(account, nameof(IGovernanceGrain.Cancel), RequestBody.Of(proposalId));
        return await _repetition.Run(() => Grain.Cancel(proposalId, signed));
    }

    Task<Authorization> Sign(string? account, string method, ContentHash body, Amount? spendMax = null) =>
        _signer.Sign<IGovernanceGrain>(account, Networks.Main, method, body, spendMax);
}
