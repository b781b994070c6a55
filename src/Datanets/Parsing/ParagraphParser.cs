using System.Text;

namespace OpenLedger.Datanets;

/// <summary>Reads plain text: a row a paragraph, paragraphs parted by blank lines, the lines of one joined by LF.</summary>
static class ParagraphParser
{
    public static IReadOnlyList<ParsedRow> Parse(string fileName, ReadOnlySpan<byte> text, ContributionLimits limits)
    {
        var rows = new List<ParsedRow>();
        var paragraph = new StringBuilder();
        var paragraphLine = 0;
        var line = 0;
        foreach (var rawLine in Encoding.UTF8.GetString(text).Split('\n'))
        {
            line++;
            var content = rawLine.Trim();
            if (content.Length == 0)
            {
                Close(fileName, rows, paragraph, paragraphLine, limits);
                continue;
            }
            if (paragraph.Length == 0)
            {
                paragraphLine = line;
            }
            else
            {
                paragraph.Append('\n');
            }
            paragraph.Append(content);
        }
        Close(fileName, rows, paragraph, paragraphLine, limits);
        return rows;
    }

    static void Close(string fileName, List<ParsedRow> rows, StringBuilder paragraph, int line, ContributionLimits limits)
    {
        if (paragraph.Length == 0)
        {
            return;
        }
        if (rows.Count == limits.RowCountMax)
        {
            throw RowParser.TooManyRows(fileName, line, limits);
        }
        rows.Add(new ParsedRow(new Row("", paragraph.ToString()), line));
        paragraph.Clear();
    }
}
