namespace Orleans.Storage;

/// <summary>A grain asks for a store that is not there.</summary>
public sealed class BadProviderConfigException(string msg) : OrleansException(msg);

/// <summary>Somebody else has changed the stored state since it was read. If it leaves a grain, the activation ends.</summary>
public class InconsistentStateException(string errorMsg, string storedEtag, string currentEtag) : OrleansException(errorMsg)
{
    public InconsistentStateException(string message)
        : this(message, "", "")
    {
    }

    public string StoredEtag => storedEtag;
    public string CurrentEtag => currentEtag;

    // Only the activation whose write failed is stale: callers further up, whom the exception reaches too, are not.
    internal bool IsSourceActivation { get; set; } = true;
}
