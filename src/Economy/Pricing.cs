namespace OpenLedger.Economy;

/// <summary>What an answer costs: a rate for a token read and a rate for a token written.</summary>
/// <param name="PromptTokenRate">Atto-OPEN for a token of the prompt.</param>
/// <param name="CompletionTokenRate">Atto-OPEN for a token of the answer.</param>
public sealed record Pricing(Amount PromptTokenRate, Amount CompletionTokenRate)
{
    /// <summary>The most tokens that one request is charged for; more is refused before it is priced.</summary>
    public const int TokenCountMax = 16_777_216;

    /// <summary>0.0001 OPEN a prompt token, 0.0004 OPEN a completion token.</summary>
    public static Pricing Default { get; } = new(Amount.Parse("0.0001"), Amount.Parse("0.0004"));

    /// <summary>The fee of an answer, exact.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative or above <see cref="TokenCountMax"/>.</exception>
    /// <exception cref="OverflowException">The rates are so high that the fee does not fit in 128 bits.</exception>
    public Amount Fee(int promptTokenCount, int completionTokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(promptTokenCount);
        ArgumentOutOfRangeException.ThrowIfNegative(completionTokenCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(promptTokenCount, TokenCountMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(completionTokenCount, TokenCountMax);
        return (PromptTokenRate * promptTokenCount) + (CompletionTokenRate * completionTokenCount);
    }

    /// <summary>The most that an answer can cost, which is what a hold reserves before the first token.</summary>
    /// <inheritdoc cref="Fee"/>
    public Amount FeeMax(int promptTokenCount, int completionTokenCountMax) => Fee(promptTokenCount, completionTokenCountMax);
}
