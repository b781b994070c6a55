namespace OpenLedger.Attribution;

/// <summary>A stored index that cannot be read: damaged, cut short, of another version, or made to mislead.</summary>
public sealed class ArtefactFormatException : UserErrorException
{
    public ArtefactFormatException(string message)
        : base(message)
    {
    }

    public ArtefactFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
