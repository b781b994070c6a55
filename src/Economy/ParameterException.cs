namespace OpenLedger.Economy;

/// <summary>
/// A governed parameter that is unknown, cannot be read, or is outside its bounds: the message says which, and what it takes.
/// </summary>
public sealed class ParameterException : UserErrorException
{
    public ParameterException(string message)
        : base(message)
    {
    }
}
