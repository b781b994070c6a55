namespace OpenLedger.Inference;

/// <summary>A sequence that would be longer than the model's context.</summary>
public sealed class ContextLengthException(int tokenCount, int contextLength) : UserErrorException(
    $"{tokenCount} tokens do not fit the model's context of {contextLength}: shorten the text, or ask for fewer tokens.")
{
    /// <summary>Tokens that the sequence would have.</summary>
    public int TokenCount { get; } = tokenCount;

    /// <summary>Tokens that a sequence may have.</summary>
    public int ContextLength { get; } = contextLength;
}
