namespace OpenLedger;

/// <summary>
/// A mistake of the user, in one plain sentence that says what was wrong, where, and what to do.
/// A prompt shows the message alone and ends with exit code 2; a gateway answers 400 with it.
/// </summary>
public class UserErrorException : Exception
{
    public UserErrorException(string message)
        : base(message)
    {
    }

    public UserErrorException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
