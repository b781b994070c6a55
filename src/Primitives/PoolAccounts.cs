namespace OpenLedger;

/// <summary>
/// Accounts that hold money which the network owes to several: credits of an adapter's contributors, stakes and their rewards, bonds of
/// disputes. No key opens them; the grain that keeps the list of those who are owed moves money in and out.
/// </summary>
public static class PoolAccounts
{
    /// <summary>What the names of all pools begin with.</summary>
    public const string Prefix = "pool_";

    /// <summary>Characters of a pool's name: what the book takes for an account.</summary>
    public const int NameLengthMax = 96;

    /// <summary>Bonds of open disputes.</summary>
    public const string Bonds = Prefix + "bonds";

    const int HashLength = 32;

    /// <summary>Credits of an adapter's contributors that are not paid yet.</summary>
    /// <param name="adapterId"><c>ad_…</c></param>
    public static string OfAdapter(string adapterId) => Name(adapterId);

    /// <summary>Stakes in a pool, bonded and unbonding, and rewards that are not claimed yet.</summary>
    /// <param name="poolId">The staking pool's id, <c>sp_…</c>.</param>
    public static string OfStakes(string poolId) => Name(poolId);

    /// <summary>Whether a text can be the name of a pool's account.</summary>
    public static bool IsPool(string? name) =>
        name is not null && name.Length > Prefix.Length && name.Length <= NameLengthMax
        && name.StartsWith(Prefix, StringComparison.Ordinal) && name.All(IsNameCharacter);

    // An id that the book would not take for a name is replaced by its hash; the '.' keeps such a name apart from every other id.
    static string Name(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return Prefix.Length + id.Length <= NameLengthMax && id.All(IsIdCharacter)
            ? Prefix + id
            : $"{Prefix}.{Convert.ToHexStringLower(ContentHash.OfText(id).ToArray())[..HashLength]}";
    }

    static bool IsIdCharacter(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-';

    static bool IsNameCharacter(char c) => IsIdCharacter(c) || c == '.';
}
