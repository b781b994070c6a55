namespace OpenLedger.Economy;

/// <summary>
/// How an inference fee is divided, in basis points (1/10,000). Governed; the parts sum to 10,000.
/// The reserve (what the adapter did not earn against its base) comes out of the contributors' part.
/// </summary>
public sealed record FeeSplit
{
    /// <summary>Basis points of a whole.</summary>
    public const int Whole = 10_000;

    /// <summary>Denominator of the reserve's share: a million is everything.</summary>
    public const int ReserveWhole = 1_000_000;

    /// <summary>The most contributors that one fee is split over.</summary>
    public const int ContributorCountMax = 100_000;

    /// <summary>10 % platform, 20 % model and adapter owner, 20 % stakers, 50 % contributors.</summary>
    public static FeeSplit Default { get; } = new(1_000, 2_000, 2_000, 5_000);

    /// <exception cref="FeeSplitException">A part is negative, or the parts do not sum to 10,000.</exception>
    public FeeSplit(int platform, int owner, int stakers, int contributors)
    {
        if (platform < 0 || owner < 0 || stakers < 0 || contributors < 0)
        {
            throw new FeeSplitException($"a fee split has no negative part, but got {platform}, {owner}, {stakers}, {contributors}");
        }
        var sum = (long)platform + owner + stakers + contributors;
        if (sum != Whole)
        {
            throw new FeeSplitException(
                $"the parts of a fee split sum to {Whole} basis points, but these sum to {sum}; change one of them by {Whole - sum}");
        }
        Platform = platform;
        Owner = owner;
        Stakers = stakers;
        Contributors = contributors;
    }

    /// <summary>Basis points of the platform.</summary>
    public int Platform { get; }

    /// <summary>Basis points of the model's and adapter's owner.</summary>
    public int Owner { get; }

    /// <summary>Basis points of the stakers.</summary>
    public int Stakers { get; }

    /// <summary>Basis points of the contributors, the reserve included.</summary>
    public int Contributors { get; }

    /// <summary>
    /// Divides a fee; the lines sum to it to the last atto-OPEN. Two steps of <see cref="LargestRemainder"/>: the fee over platform,
    /// owner, stakers and contributors (ties in this order), then the contributors' part over the reserve and the contributors
    /// (ties by account, in ordinal order). Lines of nothing are left out. Where nobody has weight the whole part is the reserve's.
    /// </summary>
    /// <param name="fee">The fee, in atto-OPEN.</param>
    /// <param name="accounts">Who takes the parts that no contributor gets.</param>
    /// <param name="contributors">Integer weights, each account at most once.</param>
    /// <param name="baseReserve">The reserve's share of the contributors' part, in millionths.</param>
    /// <returns>Platform, owner, stakers, reserve, then contributors in ordinal order of account.</returns>
    /// <exception cref="FeeSplitException">An account occurs twice, or there are too many.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The reserve is not from 0 to 1,000,000.</exception>
    public IReadOnlyList<SplitLine> Split(
        Amount fee, SplitAccounts accounts, IReadOnlyList<ContributorWeight> contributors, int baseReserve)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        ArgumentNullException.ThrowIfNull(contributors);
        ArgumentOutOfRangeException.ThrowIfNegative(baseReserve);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(baseReserve, ReserveWhole);
        var ordered = Ordered(contributors);

        var parts = LargestRemainder.Split(fee.Atto, new[] { (UInt128)Platform, (UInt128)Owner, (UInt128)Stakers, (UInt128)Contributors });
        var lines = new List<SplitLine>(ordered.Length + 4);
        Add(lines, accounts.Platform, SplitRole.Platform, parts[0]);
        Add(lines, accounts.Owner, SplitRole.Owner, parts[1]);
        Add(lines, accounts.Stakers, SplitRole.Stakers, parts[2]);
        var earned = ordered.Any(contributor => contributor.Weight > UInt128.Zero);
        if (!earned)
        {
            Add(lines, accounts.Reserve, SplitRole.Reserve, parts[3]);
            return lines;
        }
        var halves = LargestRemainder.Split(parts[3], new[] { (ulong)baseReserve, (ulong)(ReserveWhole - baseReserve) });
        Add(lines, accounts.Reserve, SplitRole.Reserve, halves[0]);
        var shares = LargestRemainder.Split(halves[1], Array.ConvertAll(ordered, contributor => contributor.Weight));
        for (var i = 0; i < ordered.Length; i++)
        {
            Add(lines, ordered[i].Account, SplitRole.Contributor, shares[i]);
        }
        return lines;
    }

    static ContributorWeight[] Ordered(IReadOnlyList<ContributorWeight> contributors)
    {
        if (contributors.Count > ContributorCountMax)
        {
            throw new FeeSplitException($"a fee is split over at most {ContributorCountMax} contributors, but got {contributors.Count}");
        }
        var ordered = contributors.OrderBy(contributor => contributor.Account, StringComparer.Ordinal).ToArray();
        for (var i = 1; i < ordered.Length; i++)
        {
            if (string.Equals(ordered[i - 1].Account, ordered[i].Account, StringComparison.Ordinal))
            {
                throw new FeeSplitException($"contributor {ordered[i].Account} occurs twice in a fee split; add its weights up first");
            }
        }
        return ordered;
    }

    static void Add(List<SplitLine> lines, string account, SplitRole role, UInt128 atto)
    {
        if (atto > UInt128.Zero)
        {
            lines.Add(new SplitLine(account, role, Amount.FromAtto(atto)));
        }
    }
}

/// <summary>Why an account gets a line of a fee.</summary>
public enum SplitRole
{
    Platform,
    Owner,
    Stakers,
    Reserve,
    Contributor,
    Royalty,
}

/// <summary>Names of roles on receipts and in JSON.</summary>
public static class SplitRoles
{
    /// <summary><c>platform</c>, <c>owner</c>, <c>stakers</c>, <c>reserve</c>, <c>contributor</c> or <c>royalty</c>.</summary>
    public static string Name(this SplitRole role) => role switch
    {
        SplitRole.Platform => "platform",
        SplitRole.Owner => "owner",
        SplitRole.Stakers => "stakers",
        SplitRole.Reserve => "reserve",
        SplitRole.Contributor => "contributor",
        SplitRole.Royalty => "royalty",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "unknown role"),
    };
}

/// <summary>One line of a divided fee.</summary>
public sealed record SplitLine(string Account, SplitRole Role, Amount Amount);

/// <summary>The accounts that take the parts of platform, owner, stakers and reserve.</summary>
public sealed record SplitAccounts(string Platform, string Owner, string Stakers, string Reserve);

/// <summary>A contributor's integer weight in the split of the contributors' part.</summary>
public sealed record ContributorWeight(string Account, UInt128 Weight);

/// <summary>A fee split that cannot be: the message says which part, and what to change.</summary>
public sealed class FeeSplitException : UserErrorException
{
    public FeeSplitException(string message)
        : base(message)
    {
    }
}
