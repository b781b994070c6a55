namespace OpenLedger.Economy;

/// <summary>
/// Rewards of early contributions. Out of the treasury, which holds no more than what the community's allocation has released, an epoch
/// pays a governed sum, as long as all epochs together stay below a governed total; it is divided by the rows that were accepted of each
/// contributor in the epoch. An epoch without contributions pays nothing, and what it might have paid stays where it is.
/// </summary>
public static class Emission
{
    /// <summary>Contributors that an epoch remembers; when there are as many it ends early.</summary>
    public const int ContributorsMax = 5_000;

    /// <summary>What an epoch may pay: the least of the governed sum, the rest of the governed total, and the treasury's funds.</summary>
    public static Amount Budget(NetworkParameters parameters, Amount emitted, Amount treasury)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var left = parameters.EmissionTotalMax > emitted ? parameters.EmissionTotalMax - emitted : Amount.Zero;
        return Amount.Min(parameters.EmissionPerEpoch, Amount.Min(left, treasury));
    }

    /// <summary>
    /// Divides a budget by largest remainder, ties by account in ordinal order; the lines sum to it to the last atto-OPEN. Lines of nothing
    /// are left out. Without contributions there are no lines.
    /// </summary>
    public static IReadOnlyList<EmissionLine> Divide(Amount budget, IReadOnlyDictionary<string, long> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var ordered = rows.Where(pair => pair.Value > 0).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        if (ordered.Count == 0 || budget.IsZero)
        {
            return [];
        }

        var parts = LargestRemainder.Split(budget.Atto, [.. ordered.Select(pair => (UInt128)(ulong)pair.Value)]);
        return
        [
            .. ordered.Zip(parts, (pair, part) => new EmissionLine(pair.Key, Amount.FromAtto(part))).Where(line => !line.Amount.IsZero),
        ];
    }
}

/// <summary>What a contributor is paid for an epoch's contributions.</summary>
public sealed record EmissionLine(string Account, Amount Amount);
