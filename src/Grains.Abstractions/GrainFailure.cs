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
