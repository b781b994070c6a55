namespace OpenLedger.Economy.Governance;

/// <summary>Something that the rules of governance do not allow: the message says which rule, and what to do.</summary>
public sealed class GovernanceException : UserErrorException
{
    public GovernanceException(string message)
        : base(message)
    {
    }
}
