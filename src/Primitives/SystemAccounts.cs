namespace OpenLedger;

/// <summary>
/// Accounts that every network has. No key opens them: only settlement moves money in, and only governance moves it out.
/// Other accounts are addresses (<c>acct_…</c>).
/// </summary>
public static class SystemAccounts
{
    /// <summary>Where money comes from: genesis is a transfer from here.</summary>
    public const string Mint = "sys_mint";

    /// <summary>Where money goes that is gone.</summary>
    public const string Burn = "sys_burn";

    /// <summary>Holds what genesis minted until it is given out.</summary>
    public const string Treasury = "sys_treasury";

    /// <summary>Holds are made out to it, and settlement pays every line of a split out of it: between settlements it is empty.</summary>
    public const string Escrow = "sys_escrow";

    /// <summary>The platform's part of fees.</summary>
    public const string Platform = "sys_platform";

    /// <summary>The stakers' part of fees, until rewards are paid.</summary>
    public const string Stakers = "sys_stakers";

    /// <summary>The base reserve: what adapters did not earn against their base.</summary>
    public const string Reserve = "sys_reserve";
}
