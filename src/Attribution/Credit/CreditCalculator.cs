namespace OpenLedger.Attribution;

/// <summary>What one row earned of one answer.</summary>
/// <param name="Row">The row's number in the indexes.</param>
/// <param name="Influence">Standard score of τ over all rows.</param>
/// <param name="Span">Standard score of the overlap over all rows.</param>
/// <param name="Combined">The two, weighted: for ranking, before any threshold.</param>
/// <param name="InfluenceExcess">max(0, τ − noise multiple · median|τ|) in standard deviations of τ.</param>
/// <param name="SpanExcess">max(0, standard score − threshold).</param>
/// <param name="Weight">Integer weight in the split of the fee; 0 for most rows.</param>
public readonly record struct UnitCredit(
    int Row, double Influence, double Span, double Combined, double InfluenceExcess, double SpanExcess, long Weight);

/// <summary>What one contributor's rows earned of one answer: sums over rows, so dividing rows over accounts changes none.</summary>
/// <param name="Influence">Σ of <see cref="UnitCredit.InfluenceExcess"/>.</param>
/// <param name="Span">Σ of <see cref="UnitCredit.SpanExcess"/>.</param>
/// <param name="Combined"><paramref name="Weight"/> as a number in standard deviations.</param>
/// <param name="Weight">Σ of <see cref="UnitCredit.Weight"/>.</param>
/// <param name="RowCount">Rows of the contributor, credited or not.</param>
public sealed record ContributorCredit(string Account, double Influence, double Span, double Combined, long Weight, int RowCount);

/// <summary>
/// Turns scores of rows into credit. The calculation of a row's credit never sees owners, so relabelling them changes no bit of it;
/// owners enter only in <see cref="ByContributor"/>, which adds integers.
/// </summary>
public static class CreditCalculator
{
    /// <summary>Integer weight of one standard deviation.</summary>
    public const long FixedPoint = 1_000_000;

    // No finite set of a million rows reaches a standard score of 1,000 or more; with weights up to 1,000 a row stays below this.
    const double CombinedMax = 1e7;

    /// <summary>Name and version of the method, as written on receipts.</summary>
    public const string Method = "fisher-gram+ngram/1";

    /// <summary>
    /// Credit of every row: max(0, w_I · influence excess + w_S · max(0, span standard score) − threshold), in fixed point. Influence
    /// counts above the noise alone. Scores that are all equal tell nothing and give nothing.
    /// </summary>
    /// <param name="influence">τ of every row.</param>
    /// <param name="noiseScale">
    /// median|τ| where there is no influence: that of this answer over all rows, <see cref="MedianMagnitude"/>.
    /// </param>
    /// <param name="span">Overlap of every row.</param>
    /// <param name="policy">Weights and thresholds.</param>
    /// <exception cref="ArgumentException">The scores differ in number, or one is not finite.</exception>
    public static UnitCredit[] Compute(
        ReadOnlySpan<double> influence, double noiseScale, ReadOnlySpan<double> span, CreditPolicy? policy = null)
    {
        policy ??= CreditPolicy.Default;
        policy.Validate();
        if (influence.Length != span.Length)
        {
            throw new ArgumentException($"there are {influence.Length} influence scores and {span.Length} span scores", nameof(span));
        }
        if (!double.IsFinite(noiseScale) || noiseScale < 0)
        {
            throw new ArgumentException("the noise scale is a finite magnitude", nameof(noiseScale));
        }
        var influenceScale = Standard.Of(influence);
        var spanScale = Standard.Of(span);
        var floor = policy.NoiseMultiple * noiseScale;
        var credits = new UnitCredit[influence.Length];
        for (var row = 0; row < credits.Length; row++)
        {
            var influenceScore = influenceScale.Score(influence[row]);
            var spanScore = spanScale.Score(span[row]);
            var influenceExcess = Math.Max(0, influence[row] - floor) * influenceScale.InverseDeviation;
            var spanExcess = Math.Max(0, spanScore - policy.Threshold);
            var earned = (policy.InfluenceWeight * influenceExcess) + (policy.SpanWeight * Math.Max(0, spanScore)) - policy.Threshold;
            credits[row] = new UnitCredit(
                row,
                influenceScore,
                spanScore,
                (policy.InfluenceWeight * influenceScore) + (policy.SpanWeight * spanScore),
                influenceExcess,
                spanExcess,
                (long)Math.Round(Math.Clamp(earned, 0, CombinedMax) * FixedPoint, MidpointRounding.ToEven));
        }
        return credits;
    }

    /// <summary>
    /// median|τ| of one answer over all rows: the noise scale of that answer, where most rows have nothing to do with it. It moves with
    /// the size of the answer's gradient, which is small once the answer is learned; a scale from other answers does not.
    /// </summary>
    public static double MedianMagnitude(ReadOnlySpan<double> scores)
    {
        if (scores.Length == 0)
        {
            return 0;
        }
        var magnitudes = new double[scores.Length];
        for (var i = 0; i < magnitudes.Length; i++)
        {
            magnitudes[i] = Math.Abs(scores[i]);
        }
        Array.Sort(magnitudes);
        var middle = magnitudes.Length / 2;
        return magnitudes.Length % 2 == 1 ? magnitudes[middle] : (magnitudes[middle - 1] + magnitudes[middle]) / 2;
    }

    /// <summary>Sums by owner, every owner of a row included, in ordinal order of account.</summary>
    /// <param name="credits">One entry a row.</param>
    /// <param name="owners">Account of each row's contributor.</param>
    public static IReadOnlyList<ContributorCredit> ByContributor(IReadOnlyList<UnitCredit> credits, IReadOnlyList<string> owners)
    {
        ArgumentNullException.ThrowIfNull(credits);
        ArgumentNullException.ThrowIfNull(owners);
        if (credits.Count != owners.Count)
        {
            throw new ArgumentException($"there are {credits.Count} credits and {owners.Count} owners", nameof(owners));
        }
        var sums = new SortedDictionary<string, ContributorCredit>(StringComparer.Ordinal);
        for (var row = 0; row < owners.Count; row++)
        {
            var sum = sums.TryGetValue(owners[row], out var known) ? known : new ContributorCredit(owners[row], 0, 0, 0, 0, 0);
            sums[owners[row]] = sum with
            {
                Influence = sum.Influence + credits[row].InfluenceExcess,
                Span = sum.Span + credits[row].SpanExcess,
                Weight = checked(sum.Weight + credits[row].Weight),
                RowCount = sum.RowCount + 1,
            };
        }
        return [.. sums.Values.Select(sum => sum with { Combined = (double)sum.Weight / FixedPoint })];
    }

    /// <summary>Credited rows, highest weight first and then by row, at most <paramref name="countMax"/>.</summary>
    public static IReadOnlyList<UnitCredit> Highest(IReadOnlyList<UnitCredit> credits, int countMax) =>
        [.. credits.Where(credit => credit.Weight > 0)
            .OrderByDescending(credit => credit.Weight).ThenBy(credit => credit.Row).Take(countMax)];

    /// <summary>Mean and standard deviation of one answer's scores, summed in row order.</summary>
    readonly record struct Standard(double Mean, double InverseDeviation)
    {
        public static Standard Of(ReadOnlySpan<double> scores)
        {
            if (scores.Length == 0)
            {
                return default;
            }
            var sum = 0.0;
            foreach (var score in scores)
            {
                if (!double.IsFinite(score))
                {
                    throw new ArgumentException("a score is not finite", nameof(scores));
                }
                sum += score;
            }
            var mean = sum / scores.Length;
            var squares = 0.0;
            foreach (var score in scores)
            {
                squares += (score - mean) * (score - mean);
            }
            var deviation = Math.Sqrt(squares / scores.Length);
            // Rounding alone makes scores that are equal differ by some parts in 10¹⁶ of their size.
            var differ = deviation > 1e-12 * Math.Abs(mean) && double.IsNormal(1 / deviation);
            return new Standard(mean, differ ? 1 / deviation : 0);
        }

        public double Score(double value) => (value - Mean) * InverseDeviation;
    }
}
