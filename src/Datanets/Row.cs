namespace OpenLedger.Datanets;

/// <summary>
/// One unit of training text: a prompt and its answer, or a text of its own, whose prompt is empty and whose answer is the text.
/// Only the answer's tokens are learned and attributed.
/// </summary>
/// <param name="Prompt">Empty for a text.</param>
/// <param name="Answer">Never empty.</param>
/// <param name="Metadata">String fields that came along (such as <c>term</c>), in ordinal order of name.</param>
public sealed record Row(string Prompt, string Answer, IReadOnlyList<KeyValuePair<string, string>> Metadata)
{
    /// <summary>A row without metadata.</summary>
    public Row(string prompt, string answer)
        : this(prompt, answer, [])
    {
    }

    /// <summary>Whether this is a text of its own.</summary>
    public bool IsText => Prompt.Length == 0;

    /// <summary>The metadata field of that name, or null.</summary>
    public string? Field(string name)
    {
        foreach (var (key, value) in Metadata)
        {
            if (string.Equals(key, name, StringComparison.Ordinal))
            {
                return value;
            }
        }
        return null;
    }

    public bool Equals(Row? other) =>
        other is not null && Prompt == other.Prompt && Answer == other.Answer && Metadata.SequenceEqual(other.Metadata);

    public override int GetHashCode() => HashCode.Combine(Prompt, Answer, Metadata.Count);
}

/// <summary>A row and the line of the file on which it begins, counted from 1.</summary>
public sealed record ParsedRow(Row Row, int Line);

/// <summary>Formats that a contribution may have.</summary>
public enum RowFormat
{
    /// <summary>One JSON object a line.</summary>
    JsonLines,

    /// <summary>Paragraphs between blank lines.</summary>
    Text,
}

/// <summary>A file that was read without a fault.</summary>
/// <param name="ContentHash">SHA-256 of the file's bytes.</param>
/// <param name="Rows">In order of the file; at least one.</param>
public sealed record ParsedFile(string FileName, RowFormat Format, ContentHash ContentHash, IReadOnlyList<ParsedRow> Rows);
