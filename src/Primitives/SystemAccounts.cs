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

    /// <summary>What circulates of the community's allocation: it pays early contributions and what governance decides.</summary>
    public const string Treasury = "sys_treasury";

    /// <summary>What circulates of the ecosystem's allocation.</summary>
    public const string Ecosystem = "sys_ecosystem";

    /// <summary>What circulates of the investors' allocation.</summary>
    public const string Investors = "sys_investors";

    /// <summary>What circulates of the team's allocation.</summary>
    public const string Team = "sys_team";

    /// <summary>The allocation for liquidity, all of which circulates.</summary>
    public const string Liquidity = "sys_liquidity";

    /// <summary>What is locked of the community's allocation, until its month comes.</summary>
    public const string VestingCommunity = "sys_vesting_community";

    /// <summary>What is locked of the ecosystem's allocation.</summary>
    public const string VestingEcosystem = "sys_vesting_ecosystem";

    /// <summary>What is locked of the investors' allocation.</summary>
    public const string VestingInvestors = "sys_vesting_investors";

    /// <summary>What is locked of the team's allocation.</summary>
    public const string VestingTeam = "sys_vesting_team";

    /// <summary>OPEN that its holders have locked for voting.</summary>
    public const string Votes = "sys_votes";

    /// <summary>Holds are made out to it, and settlement pays every line of a split out of it: between settlements it is empty.</summary>
    public const string Escrow = "sys_escrow";

    /// <summary>The platform's part of fees.</summary>
    public const string Platform = "sys_platform";

    /// <summary>The stakers' part of fees, until rewards are paid.</summary>
    public const string Stakers = "sys_stakers";

    /// <summary>The base reserve: what adapters did not earn against their base.</summary>
    public const string Reserve = "sys_reserve";
}
