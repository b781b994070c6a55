using OpenLedger.Economy;

namespace OpenLedger.Grains.Governance;

/// <summary>What a new network's parameters are. Once its governance has begun, a proposal changes them and nothing else.</summary>
public sealed record GenesisParameters(NetworkParameters Parameters)
{
    /// <summary>The defaults with values by name, as a configuration gives them.</summary>
    /// <exception cref="UserErrorException">A name is unknown, or a value cannot be.</exception>
    public static GenesisParameters Of(IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ParameterChange[] changes = [.. values.Select(pair => ParameterChange.Parse(pair.Key, pair.Value))];
        return new GenesisParameters(ParameterChange.Apply(NetworkParameters.Default, changes));
    }
}
