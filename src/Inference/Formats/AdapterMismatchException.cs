namespace OpenLedger.Inference;

/// <summary>An adapter made for another base model.</summary>
public sealed class AdapterMismatchException(string adapter, string expectedBase, string actualBase) : UserErrorException(
    $"{adapter}: the adapter was made for the base model '{actualBase}', not for '{expectedBase}': deploy it over its own base.")
{
    /// <summary>The base over which the adapter was to be used.</summary>
    public string ExpectedBase { get; } = expectedBase;

    /// <summary>The base that the adapter names.</summary>
    public string ActualBase { get; } = actualBase;
}
