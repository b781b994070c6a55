using Orleans.Concurrency;

namespace OpenLedger.Grains.Governance;

/// <summary>How a network is governed; the key is the network's id (<c>nw_main</c>).</summary>
[Alias("openledger.governance"), KeyPrefix(GrainKeys.Network)]
public interface IGovernanceGrain : IGrainWithStringKey
{
    /// <summary>The parameters in force. Cheap; services of a silo ask for them by way of its cache.</summary>
    [AlwaysInterleave]
    [Alias("parameters")]
    Task<GovernedParameters> GetParameters();
}

/// <summary>Every governed parameter as text: a silo that does not know one of them leaves it out, and takes its own default for one that
/// is not among them, so that silos of two versions can share a network.</summary>
/// <param name="Version">Rises by one with every executed proposal that changes parameters.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.parameters")]
public sealed record GovernedParameters(
    [property: Id(0)] long Version,
    [property: Id(1)] IReadOnlyList<ParameterValue> Values);

/// <param name="Name">Lower-case words with hyphens: <c>fee-split</c>.</param>
/// <param name="Value">Canonical text: <c>1000/2000/2000/5000</c>.</param>
/// <param name="Unit">What it counts, for display.</param>
[GenerateSerializer, Immutable, Alias("openledger.governance.parameter")]
public sealed record ParameterValue(
    [property: Id(0)] string Name,
    [property: Id(1)] string Value,
    [property: Id(2)] string Unit = "");
