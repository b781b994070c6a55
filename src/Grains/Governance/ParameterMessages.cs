using OpenLedger.Economy;

namespace OpenLedger.Grains.Governance;

/// <summary>Governed parameters to and from what grains send and keep.</summary>
static class ParameterMessages
{
    public static GovernedParameters ToMessage(NetworkParameters parameters, long version) => new(
        version,
        [.. ParameterTable.All.Select(each => new ParameterValue(each.Name, each.Read(parameters), each.Unit))]);

    public static NetworkParameters ToParameters(GovernedParameters message) =>
        FromTexts(message.Values.Select(each => KeyValuePair.Create(each.Name, each.Value)));

    public static Dictionary<string, string> ToTexts(NetworkParameters parameters) =>
        ParameterTable.All.ToDictionary(each => each.Name, each => each.Read(parameters), StringComparer.Ordinal);

    /// <summary>A name that this version does not know is left out; one that is missing keeps its default.</summary>
    public static NetworkParameters FromTexts(IEnumerable<KeyValuePair<string, string>> texts) => texts
        .Where(each => ParameterTable.Knows(each.Key))
        .Aggregate(NetworkParameters.Default, (parameters, each) => ParameterTable.Find(each.Key).Write(parameters, each.Value));
}
