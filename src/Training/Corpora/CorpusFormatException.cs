namespace OpenLedger.Training.Corpora;

/// <summary>A corpus file that cannot be read as what it claims to be; the message names the file, the line and the field.</summary>
public sealed class CorpusFormatException : UserErrorException
{
    public CorpusFormatException(string file, int line, string problem)
        : base($"{file}, line {line}: {problem}")
    {
        File = file;
        Line = line;
    }

    public CorpusFormatException(string file, string problem)
        : base($"{file}: {problem}") => File = file;

    /// <summary>The file's name as it was given.</summary>
    public string File { get; }

    /// <summary>The line, counted from one; zero where the whole file is at fault.</summary>
    public int Line { get; }
}
