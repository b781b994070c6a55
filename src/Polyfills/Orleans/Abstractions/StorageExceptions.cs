namespace Orleans.Storage;

/// <summary>A grain asks for a store that is not there.</summary>
public sealed class BadProviderConfigException(string msg) : OrleansException(msg);

/// <summary>Somebody else has changed the stored state since it was read. If it leaves a grain, the activation ends.</summary>
public class InconsistentStateException : OrleansException
{
    public InconsistentStateException(string message)
        : base(message)
    {
    }

    public InconsistentStateException(string errorMsg, string storedEtag, string currentEtag)
        : base(errorMsg)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    public string StoredEtag { get; } = "";
    public string CurrentEtag { get; } = "";

    // Only the activation whose write failed is stale: callers further up, whom the exception reaches too, are not.
    internal bool IsSourceActivation { get; set; } = true;
}
