namespace OpenLedger.Economy;

/// <summary>A new value for one governed parameter; the text is that of a value of the parameter's type, in its canonical form.</summary>
public sealed record ParameterChange
{
    ParameterChange(string parameter, string value)
    {
        Parameter = parameter;
        Value = value;
    }

    /// <summary>Name in <see cref="ParameterTable"/>.</summary>
    public string Parameter { get; }

    /// <summary>Canonical text of the new value.</summary>
    public string Value { get; }

    /// <exception cref="UserErrorException">There is no such parameter, or the text is no value of its type.</exception>
    public static ParameterChange Parse(string parameter, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var definition = ParameterTable.Find(parameter);
        return new ParameterChange(definition.Name, definition.Read(definition.Write(NetworkParameters.Default, value)));
    }

    /// <summary>
    /// Parameters with all changes made together: the result is checked as a whole, so changes that need each other may come in any order.
    /// </summary>
    /// <exception cref="ParameterException">Nothing was changed: one parameter twice, or a result that cannot stand.</exception>
    public static NetworkParameters Apply(NetworkParameters parameters, IReadOnlyList<ParameterChange> changes)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.GroupBy(change => change.Parameter, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ParameterException($"{twice.Key} is changed twice: say once what it shall be");
        }

        var changed = changes.Aggregate(parameters, (each, change) => ParameterTable.Find(change.Parameter).Write(each, change.Value));
        return changed.TreasuryBurnTotal >= parameters.TreasuryBurnTotal
            ? changed.Validate()
            : throw new ParameterException(
                $"treasury-burn-total is {parameters.TreasuryBurnTotal} and only rises: nothing that was burned comes back");
    }
}
