namespace OpenLedger.Datanets;

/// <summary>A contribution that is refused as a whole: nothing of the file is taken.</summary>
public sealed class ContributionException : UserErrorException
{
    /// <param name="fileName">The file, as the contributor named it.</param>
    /// <param name="line">Counted from 1; 0 where the file as a whole is meant.</param>
    /// <param name="column">Character in the line, counted from 1; 0 where the line as a whole is meant.</param>
    /// <param name="reason">What is wrong and what to do.</param>
    public ContributionException(string fileName, int line, int column, string reason)
        : base($"{Place(fileName, line, column)}: {reason}; nothing of the file was taken")
    {
        FileName = fileName;
        Line = line;
        Column = column;
        Reason = reason;
    }

    public string FileName { get; }

    /// <summary>Counted from 1; 0 where the file as a whole is meant.</summary>
    public int Line { get; }

    /// <summary>Counted from 1; 0 where the line as a whole is meant.</summary>
    public int Column { get; }

    /// <summary>What is wrong and what to do, without the place.</summary>
    public string Reason { get; }

    static string Place(string fileName, int line, int column) =>
        (line, column) switch
        {
            (0, _) => fileName,
            (_, 0) => $"{fileName}, line {line}",
            _ => $"{fileName}, line {line}, column {column}",
        };
}
