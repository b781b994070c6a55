namespace OpenLedger.Grains.Ledger;

/// <summary>Keys of books.</summary>
public static class Books
{
    /// <summary>The book in which a network's money is kept.</summary>
    public const string Main = GrainKeys.Book + "main";
}
