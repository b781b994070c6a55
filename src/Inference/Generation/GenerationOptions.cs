namespace OpenLedger.Inference;

/// <summary>How the next token is chosen.</summary>
public sealed record SamplingOptions
{
    /// <summary>Always the most probable token.</summary>
    public static SamplingOptions Greedy { get; } = new();

    /// <summary>Logits are divided by this; 0, the default, always takes the most probable token. 0…100.</summary>
    public float Temperature { get; init; }

    /// <summary>Only this many most probable tokens are drawn from; 0, the default, for all.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Only the fewest most probable tokens whose probabilities reach this sum are drawn from; 1, the default, for all. Above 0.
    /// </summary>
    public float TopP { get; init; } = 1;

    /// <summary>The same seed and request give the same tokens. Default 0.</summary>
    public int Seed { get; init; }
}

/// <summary>What to generate, and when to stop.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most stop strings of one request.</summary>
    public const int StopCountMax = 16;

    /// <summary>Longest stop string, in UTF-16 units; also bounds how much text is ever held back.</summary>
    public const int StopLengthMax = 256;

    /// <summary>Most tokens to generate. Default 128.</summary>
    public int TokenCountMax { get; init; } = 128;

    public SamplingOptions Sampling { get; init; } = SamplingOptions.Greedy;

    /// <summary>Texts at which the answer ends; they are not part of it. They may run over several tokens.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>Tokens at which the answer ends; null, the default, for the model's own.</summary>
    public IReadOnlyList<int>? EndTokenIds { get; init; }

    /// <exception cref="GenerationOptionsException">A value is out of range; it is named.</exception>
    public void Check()
    {
        Require(TokenCountMax >= 1, nameof(TokenCountMax), $"{TokenCountMax} is less than 1.");
        Require(Sampling.Temperature is >= 0 and <= 100, nameof(Sampling.Temperature), $"{Sampling.Temperature} is outside 0…100.");
        Require(Sampling.TopK >= 0, nameof(Sampling.TopK), $"{Sampling.TopK} is negative.");
        Require(Sampling.TopP is > 0 and <= 1, nameof(Sampling.TopP), $"{Sampling.TopP} is not above 0 and at most 1.");
        Require(Stops.Count <= StopCountMax, nameof(Stops), $"{Stops.Count} are more than {StopCountMax}.");
        Require(Stops.All(stop => stop.Length is >= 1 and <= StopLengthMax), nameof(Stops), $"each has 1…{StopLengthMax} characters.");

        static void Require(bool holds, string field, string problem)
        {
            if (!holds)
            {
                throw new GenerationOptionsException(field, problem);
            }
        }
    }
}

/// <summary>A generation option that is out of range.</summary>
public sealed class GenerationOptionsException(string field, string problem) : UserErrorException($"{field}: {problem}")
{
    public string Field { get; } = field;
}

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>It has not ended.</summary>
    None,

    /// <summary>The model gave an end token.</summary>
    EndToken,

    /// <summary>A stop string came.</summary>
    Stop,

    /// <summary>As many tokens as were asked for.</summary>
    TokenCount,

    /// <summary>The model's context is full.</summary>
    Context,
}

/// <summary>One generated token and the text that became certain with it.</summary>
/// <param name="TokenId">The token; an end token is a piece too.</param>
/// <param name="Text">May be empty while a character is open or a stop string may be beginning, and may hold earlier tokens' text.</param>
/// <param name="LogProbability">Natural logarithm of the token's probability under the model itself, before temperature, top-k and
/// top-p.</param>
/// <param name="Finish">Set on the last piece, and on no other.</param>
public readonly record struct GeneratedPiece(int TokenId, string Text, double LogProbability, FinishReason Finish);
