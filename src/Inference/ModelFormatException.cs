namespace OpenLedger.Inference;

/// <summary>A model, tokenizer or adapter file that cannot be taken: says which file, which part of it, and what is wrong.</summary>
public sealed class ModelFormatException : UserErrorException
{
    public ModelFormatException(string file, string part, string problem)
        : base($"{file}: {part}: {problem}")
    {
        File = file;
        Part = part;
    }

    public ModelFormatException(string file, string part, string problem, Exception inner)
        : base($"{file}: {part}: {problem}", inner)
    {
        File = file;
        Part = part;
    }

    /// <summary>The file's name, or the name given to bytes held in memory.</summary>
    public string File { get; }

    /// <summary>The tensor, field or line that is wrong.</summary>
    public string Part { get; }
}
