namespace OpenLedger.Grains.Ledger;

/// <summary>
/// Accounts that belong to the network itself. Their addresses are made from their names' hashes: no key opens them, only the
/// rules of settlement move money in, and only governance moves it out.
/// </summary>
public static class SystemAccounts
{
    /// <summary>Where the supply comes from: the only account that may go below zero, by exactly the supply.</summary>
    public static string Mint { get; } = Named("mint");

    /// <summary>Holds what genesis minted until it is given out.</summary>
    public static string Treasury { get; } = Named("treasury");

    /// <summary>Holds are made out to it, and settlement pays every line of a split out of it: between settlements it is empty.</summary>
    public static string Clearing { get; } = Named("clearing");

    /// <summary>Receives the platform's part of every fee.</summary>
    public static string Platform { get; } = Named("platform");

    /// <summary>Receives the stakers' part of every fee.</summary>
    public static string Stakers { get; } = Named("stakers");

    /// <summary>Receives the base reserve: what adapters did not earn against their base.</summary>
    public static string Reserve { get; } = Named("reserve");

    /// <summary>Every system account but the mint.</summary>
    public static IReadOnlyList<string> WithoutOverdraft { get; } = [Treasury, Clearing, Platform, Stakers, Reserve];

    static string Named(string name) => AccountAddress.FromPublicKey(ContentHash.OfText($"openledger/system/{name}").ToArray()).ToString();
}
