namespace OpenLedger.Attribution;

/// <summary>How the scores of a contributor's rows make the contributor's score.</summary>
public enum RankingRule
{
    /// <summary>The sum of all scores, negative ones included.</summary>
    Sum,

    /// <summary>The sum of what each row has above zero.</summary>
    PositiveSum,

    /// <summary>The best row's score.</summary>
    BestRow,
}

/// <summary>Ranks contributors by the scores of their rows, and tells whether the right one is first.</summary>
public static class ContributorRanking
{
    /// <summary>Scores by account, in ordinal order of account.</summary>
    public static IReadOnlyList<KeyValuePair<string, double>> Scores(
        IReadOnlyList<double> rowScores, IReadOnlyList<string> owners, RankingRule rule)
    {
        ArgumentNullException.ThrowIfNull(rowScores);
        ArgumentNullException.ThrowIfNull(owners);
        if (rowScores.Count != owners.Count)
        {
            throw new ArgumentException($"there are {rowScores.Count} scores and {owners.Count} owners", nameof(owners));
        }
        var scores = new SortedDictionary<string, double>(StringComparer.Ordinal);
        for (var row = 0; row < owners.Count; row++)
        {
            var score = rule == RankingRule.PositiveSum ? Math.Max(0, rowScores[row]) : rowScores[row];
            if (!scores.TryGetValue(owners[row], out var known))
            {
                scores.Add(owners[row], score);
            }
            else
            {
                scores[owners[row]] = rule == RankingRule.BestRow ? Math.Max(known, score) : known + score;
            }
        }
        return [.. scores];
    }

    /// <summary>Whether the owner's score is above every other's: a tie is not first, so that scoring nothing earns nothing.</summary>
    public static bool IsFirst(IReadOnlyList<KeyValuePair<string, double>> scores, string owner)
    {
        ArgumentNullException.ThrowIfNull(scores);
        double? own = null;
        var other = double.NegativeInfinity;
        foreach (var (account, score) in scores)
        {
            if (string.Equals(account, owner, StringComparison.Ordinal))
            {
                own = score;
            }
            else
            {
                other = Math.Max(other, score);
            }
        }
        return own > other;
    }

    /// <summary>The account whose score is above every other's, or null where the highest is shared.</summary>
    public static string? First(IReadOnlyList<KeyValuePair<string, double>> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        foreach (var (account, _) in scores)
        {
            if (IsFirst(scores, account))
            {
                return account;
            }
        }
        return null;
    }

    /// <summary>Scores drawn evenly from 0 to 1 by seed: what ranking by chance reaches.</summary>
    public static double[] RandomScores(int rowCount, int seed)
    {
        var random = new Random(seed);
        var scores = new double[rowCount];
        for (var row = 0; row < rowCount; row++)
        {
            scores[row] = random.NextDouble();
        }
        return scores;
    }
}

/// <summary>Counts, signal by signal, for how many answers the owner of the asked fact came first.</summary>
public sealed class OwnerFirst
{
    readonly SortedDictionary<string, (int First, int Count)> tallies = new(StringComparer.Ordinal);

    /// <summary>Signals seen so far, in ordinal order.</summary>
    public IReadOnlyList<string> Signals => [.. tallies.Keys];

    /// <summary>Adds one answer, ranked by one signal.</summary>
    public void Add(string signal, string owner, IReadOnlyList<KeyValuePair<string, double>> scores)
    {
        var (first, count) = tallies.GetValueOrDefault(signal);
        tallies[signal] = (first + (ContributorRanking.IsFirst(scores, owner) ? 1 : 0), count + 1);
    }

    /// <summary>Answers added for a signal.</summary>
    public int Count(string signal) => tallies.GetValueOrDefault(signal).Count;

    /// <summary>The share of answers whose owner came first, from 0 to 1; 0 where there were none.</summary>
    public double Share(string signal)
    {
        var (first, count) = tallies.GetValueOrDefault(signal);
        return count == 0 ? 0 : (double)first / count;
    }
}
