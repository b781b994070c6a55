namespace OpenLedger.Economy;

/// <summary>
/// How the supply is allocated at genesis and released after it; docs/open.md has the table and where it comes from. A bucket has an
/// account for what circulates and, where anything of it is locked, one for that.
/// </summary>
public sealed record Allocation
{
    Allocation(string name, Amount total, Amount atGenesis, VestingSchedule? schedule, string account, string lockedAccount)
    {
        Name = name;
        Total = total;
        AtGenesis = atGenesis;
        Schedule = schedule;
        Account = account;
        LockedAccount = lockedAccount;
    }

    /// <summary>51.71 %: 145.5M at genesis, the rest linear over 48 months. Its account is the treasury.</summary>
    public static Allocation Community { get; } = new(
        "community",
        Amount.FromOpen(517_100_000),
        Amount.FromOpen(145_500_000),
        new VestingSchedule(Amount.FromOpen(371_600_000), CliffMonths: 0, LinearMonths: 48),
        SystemAccounts.Treasury,
        SystemAccounts.VestingCommunity);

    /// <summary>10 %: 20M at genesis, the rest linear over 48 months.</summary>
    public static Allocation Ecosystem { get; } = new(
        "ecosystem",
        Amount.FromOpen(100_000_000),
        Amount.FromOpen(20_000_000),
        new VestingSchedule(Amount.FromOpen(80_000_000), CliffMonths: 0, LinearMonths: 48),
        SystemAccounts.Ecosystem,
        SystemAccounts.VestingEcosystem);

    /// <summary>18.29 %: nothing for 12 months, then linear over 36.</summary>
    public static Allocation Investors { get; } = new(
        "investors",
        Amount.FromOpen(182_900_000),
        Amount.Zero,
        new VestingSchedule(Amount.FromOpen(182_900_000), CliffMonths: 12, LinearMonths: 36),
        SystemAccounts.Investors,
        SystemAccounts.VestingInvestors);

    /// <summary>15 %: nothing for 12 months, then linear over 36.</summary>
    public static Allocation Team { get; } = new(
        "team",
        Amount.FromOpen(150_000_000),
        Amount.Zero,
        new VestingSchedule(Amount.FromOpen(150_000_000), CliffMonths: 12, LinearMonths: 36),
        SystemAccounts.Team,
        SystemAccounts.VestingTeam);

    /// <summary>5 %: all of it circulates at genesis.</summary>
    public static Allocation Liquidity { get; } = new(
        "liquidity", Amount.FromOpen(50_000_000), Amount.FromOpen(50_000_000), schedule: null, SystemAccounts.Liquidity, "");

    /// <summary>All buckets; their totals sum to the supply.</summary>
    public static IReadOnlyList<Allocation> All { get; } = [Community, Ecosystem, Investors, Team, Liquidity];

    /// <summary><c>community</c>, <c>ecosystem</c>, <c>investors</c>, <c>team</c> or <c>liquidity</c>.</summary>
    public string Name { get; }

    /// <summary>What the bucket gets in all.</summary>
    public Amount Total { get; }

    /// <summary>What of it circulates at once.</summary>
    public Amount AtGenesis { get; }

    /// <summary>How the rest is released; null where nothing is locked.</summary>
    public VestingSchedule? Schedule { get; }

    /// <summary>Where what circulates of it is paid.</summary>
    public string Account { get; }

    /// <summary>Where what is locked of it lies, or empty.</summary>
    public string LockedAccount { get; }

    /// <summary>What has been released of it when so many whole months have passed since genesis, genesis included.</summary>
    public Amount ReleasedAfter(int months) => Schedule is { } schedule ? AtGenesis + schedule.VestedAfter(months) : AtGenesis;
}
