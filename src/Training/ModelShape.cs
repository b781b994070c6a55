using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>A model, an option or an example that training cannot work with; the message says which, and what to do.</summary>
public sealed class TrainingException : UserErrorException
{
    public TrainingException(string message)
        : base(message)
    {
    }

    public TrainingException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>What training asks of a model's shape.</summary>
static class ModelShape
{
    /// <exception cref="TrainingException">A size is not positive, the head size is odd, or the heads do not group evenly.</exception>
    public static void Validate(ModelConfig config)
    {
        RequirePositive(config.VocabularySize, nameof(config.VocabularySize));
        RequirePositive(config.HiddenSize, nameof(config.HiddenSize));
        RequirePositive(config.IntermediateSize, nameof(config.IntermediateSize));
        RequirePositive(config.LayerCount, nameof(config.LayerCount));
        RequirePositive(config.HeadCount, nameof(config.HeadCount));
        RequirePositive(config.KeyValueHeadCount, nameof(config.KeyValueHeadCount));
        RequirePositive(config.HeadSize, nameof(config.HeadSize));
        RequirePositive(config.ContextLength, nameof(config.ContextLength));
        if (config.HeadSize % 2 != 0)
        {
            throw new TrainingException($"The model's head size is {config.HeadSize}; rotary positions need an even one.");
        }

        if (config.HeadCount % config.KeyValueHeadCount != 0)
        {
            throw new TrainingException(
                $"The model has {config.HeadCount} heads and {config.KeyValueHeadCount} key-value heads; these must divide those.");
        }
    }

    /// <exception cref="TrainingException">A sequence is too long or holds a token outside the vocabulary.</exception>
    public static void ValidateTokens(ModelConfig config, ReadOnlySpan<int> tokens, string what)
    {
        if (tokens.Length > config.ContextLength + 1)
        {
            throw new TrainingException(
                $"{what} has {tokens.Length} tokens; the model reads at most {config.ContextLength}. Split it or shorten it.");
        }

        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)config.VocabularySize)
            {
                throw new TrainingException(
                    $"{what} holds token {token}; the model's vocabulary ends at {config.VocabularySize - 1}. "
                    + "Use the model's own tokenizer.");
            }
        }
    }

    static void RequirePositive(int value, string name)
    {
        if (value <= 0)
        {
            throw new TrainingException($"The model's {name} is {value}; it must be positive.");
        }
    }
}
