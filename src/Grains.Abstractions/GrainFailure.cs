namespace OpenLedger.Grains;

/// <summary>A request that a grain refused for the caller's own reason: unknown name, missing grant, funds too low.</summary>
/// <remarks>It crosses silos with its message; a prompt shows the message alone and exits with 2.</remarks>
public sealed class RefusedException : UserErrorException
{
    public RefusedException(string message)
        : base(message)
    {
    }
}

/// <summary>A bounded queue is full; the request was not taken and may be repeated.</summary>
public sealed class BusyException : Exception
{
    public BusyException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// A grain could not answer for a passing reason: its database is away, or another activation has taken its place. Whether the call
/// took effect is unknown, as after a timeout: repeat it with the same id.
/// </summary>
public sealed class UnavailableException : Exception
{
    public UnavailableException(string message)
        : base(message)
    {
    }
}
