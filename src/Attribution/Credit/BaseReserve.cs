namespace OpenLedger.Attribution;

/// <summary>How much of the contributors' part the base model would have earned without the adapter.</summary>
public static class BaseReserve
{
    /// <summary>Everything, in millionths.</summary>
    public const int Whole = 1_000_000;

    /// <summary>
    /// The base's probability of an answer token over the adapter's, as geometric mean over the answer and at most 1:
    /// min(1, exp((log p(base) − log p(adapter)) / tokens)). An answer that the base gives as readily is all reserve; at two nats a
    /// token in the adapter's favour the reserve is 13.5 %.
    /// </summary>
    /// <param name="adapterLogProbability">log p of the answer under base and adapter, in nats, summed over tokens.</param>
    /// <param name="baseLogProbability">log p of the same tokens under the base alone.</param>
    /// <param name="answerTokenCount">Tokens of the answer; without any the adapter earned nothing.</param>
    /// <returns>Millionths, rounded to nearest.</returns>
    public static int Millionths(double adapterLogProbability, double baseLogProbability, int answerTokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(answerTokenCount);
        if (double.IsNaN(adapterLogProbability) || double.IsNaN(baseLogProbability))
        {
            throw new ArgumentException("a log probability is not a number");
        }
        if (answerTokenCount == 0 || baseLogProbability >= adapterLogProbability)
        {
            return Whole;
        }
        var ratio = Math.Exp((baseLogProbability - adapterLogProbability) / answerTokenCount);
        return (int)Math.Round(Math.Clamp(ratio, 0, 1) * Whole);
    }
}
