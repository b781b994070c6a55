namespace OpenLedger.Datanets;

/// <summary>What a Datanet refuses: an unknown version, a missing grant, a command that is not the caller's to give.</summary>
public sealed class DatanetException : UserErrorException
{
    public DatanetException(string message)
        : base(message)
    {
    }

    public DatanetException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
