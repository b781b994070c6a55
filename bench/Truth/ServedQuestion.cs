using OpenLedger.Training;

namespace OpenLedger.Bench.Truth;

/// <summary>A question, what the adapter answered, and whom the product credits for it.</summary>
/// <param name="Owner">The one contributor that holds the fact.</param>
/// <param name="Credited">The contributor with the most credit, alone at the top; null where a tie or nobody is.</param>
/// <param name="Example">The served tokens: the loss counts the answer's alone.</param>
/// <param name="LogLikelihood">Of the answer under the adapter that served it, in nats.</param>
sealed record ServedQuestion(
    string Prompt, string Answer, string Expected, string Owner, string? Credited, TrainingExample Example, double LogLikelihood);

/// <summary>How far an answer's log-likelihood falls when a contributor is left out.</summary>
sealed record LeaveOneOut(ServedQuestion Question, IReadOnlyDictionary<string, double> Drops)
{
    /// <summary>The drop without the credited contributor, in nats; not a number where nobody is credited.</summary>
    public double CreditedDrop => Question.Credited is { } credited ? Drops[credited] : double.NaN;

    /// <summary>The contributor without whom the answer loses most.</summary>
    public string Essential => Drops.MaxBy(drop => drop.Value).Key;

    /// <summary>Leaving out the credited contributor costs the answer something, and more than leaving out any other.</summary>
    public bool Holds => CreditedDrop > 0 && CreditedDrop > LargestOther.Value;

    /// <summary>The largest drop without anybody but the credited contributor.</summary>
    public KeyValuePair<string, double> LargestOther => Drops.Where(drop => drop.Key != Question.Credited).MaxBy(drop => drop.Value);
}
