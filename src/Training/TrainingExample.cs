using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>
/// One row to learn or to judge: the loss counts the tokens from <paramref name="AnswerStart"/> on, each predicted from those before it.
/// </summary>
/// <param name="Tokens">Prompt and answer, at most one token more than the model's context.</param>
/// <param name="AnswerStart">Index of the first counted token; the token at index 0 is never predicted.</param>
/// <param name="Weight">Weight of the row's tokens in training, 0 for a row that must leave no trace. Default 1.</param>
public sealed record TrainingExample(int[] Tokens, int AnswerStart, float Weight = 1)
{
    /// <summary>Tokens that the row's loss counts.</summary>
    public int AnswerTokenCount => Math.Max(0, Tokens.Length - Math.Max(1, AnswerStart));

    /// <exception cref="TrainingException">A row is too long, has a token outside the vocabulary, or a wrong start or weight.</exception>
    internal static void Validate(ModelConfig config, IReadOnlyList<TrainingExample> rows)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            ModelShape.ValidateTokens(config, rows[row].Tokens, $"Row {row + 1}");
            if (rows[row].AnswerStart < 0 || rows[row].AnswerStart > rows[row].Tokens.Length)
            {
                throw new TrainingException(
                    $"Row {row + 1} says its answer starts at token {rows[row].AnswerStart}; it has {rows[row].Tokens.Length} tokens.");
            }

            if (!float.IsFinite(rows[row].Weight) || rows[row].Weight < 0)
            {
                throw new TrainingException(FormattableString.Invariant(
                    $"Row {row + 1} has weight {rows[row].Weight}; a weight must be a number from 0 up."));
            }
        }
    }
}
