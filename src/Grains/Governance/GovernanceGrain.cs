using OpenLedger.Economy;

namespace OpenLedger.Grains.Governance;

/// <summary>The parameters of a network, and how they change.</summary>
sealed class GovernanceGrain : Grain, IGovernanceGrain
{
    readonly IPersistentState<GovernanceState> _state;
    NetworkParameters _parameters = NetworkParameters.Default;

    public GovernanceGrain([PersistentState("governance")] IPersistentState<GovernanceState> state) => _state = state;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        GrainKeys.Require(this.GetPrimaryKeyString(), GrainKeys.Network, "a network");
        _parameters = ParameterMessages.FromTexts(_state.State.Parameters);
        await base.OnActivateAsync(cancellationToken);
    }

    public Task<GovernedParameters> GetParameters() =>
        Task.FromResult(ParameterMessages.ToMessage(_parameters, _state.State.ParametersVersion));
}

/// <summary>What a network's governance keeps.</summary>
[GenerateSerializer, Alias("openledger.governance.state")]
public sealed class GovernanceState
{
    /// <summary>Texts of the parameters by name; empty before the first change.</summary>
    [Id(0)] public Dictionary<string, string> Parameters { get; set; } = [];

    /// <summary>Changes of parameters so far.</summary>
    [Id(1)] public long ParametersVersion { get; set; }
}
