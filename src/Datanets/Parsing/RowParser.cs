using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace OpenLedger.Datanets;

/// <summary>Reads a contributed file to rows, or refuses it as a whole and says where and why.</summary>
public static class RowParser
{
    /// <summary>
    /// Reads <c>.jsonl</c> (a JSON object a line: <c>prompt</c> and <c>answer</c>, or <c>text</c>, and string metadata) or <c>.txt</c>
    /// (a row a paragraph). UTF-8, a byte-order mark is passed over, lines end in LF or CRLF, blank lines separate and are no rows.
    /// Metadata that is not a string is refused: rows have one canonical form, and nothing would read it.
    /// </summary>
    /// <param name="fileName">Names the format by its extension; appears in messages.</param>
    /// <param name="content">The file's bytes.</param>
    /// <param name="limits">Bounds; null takes the defaults.</param>
    /// <exception cref="ContributionException">Empty, binary, too large, malformed, or of another format.</exception>
    public static ParsedFile Parse(string fileName, ReadOnlySpan<byte> content, ContributionLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        limits ??= ContributionLimits.Default;
        CheckName(fileName, limits);
        var format = FormatOf(fileName);
        if (content.Length > limits.FileSizeBytesMax)
        {
            throw Refused(
                fileName, Invariant($"the file has {content.Length} bytes, above the limit of {limits.FileSizeBytesMax}; split it"));
        }
        var text = content.StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content;
        CheckText(fileName, text);
        var rows = format == RowFormat.JsonLines
            ? JsonLinesParser.Parse(fileName, text, limits)
            : ParagraphParser.Parse(fileName, text, limits);
        if (rows.Count == 0)
        {
            throw Refused(fileName, "the file is empty; put at least one row into it");
        }
        return new ParsedFile(fileName, format, ContentHash.Of(content), rows);
    }

    internal static ContributionException TooManyRows(string fileName, int line, ContributionLimits limits) =>
        new(fileName, line, 0, Invariant($"the file has more than {limits.RowCountMax} rows; split it"));

    internal static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static ContributionException Refused(string fileName, string reason) => new(fileName, 0, 0, reason);

    static void CheckName(string fileName, ContributionLimits limits)
    {
        if (fileName.Length == 0 || fileName.Length > limits.FileNameLengthMax || fileName.Any(char.IsControl))
        {
            throw Refused(
                "the contribution", Invariant($"a file name has 1 to {limits.FileNameLengthMax} printable characters; rename the file"));
        }
    }

    static RowFormat FormatOf(string fileName)
    {
        if (fileName.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase))
        {
            return RowFormat.JsonLines;
        }
        return fileName.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
            ? RowFormat.Text
            : throw Refused(fileName, "only .jsonl and .txt files are read; convert it to one of them");
    }

    // Text has no NUL, and is valid UTF-8.
    static void CheckText(string fileName, ReadOnlySpan<byte> text)
    {
        var nul = text.IndexOf((byte)0);
        var invalid = Utf8.IsValid(text) ? -1 : FirstInvalid(text);
        var fault = (nul, invalid) switch
        {
            ( < 0, < 0) => -1,
            ( < 0, _) => invalid,
            (_, < 0) => nul,
            _ => Math.Min(nul, invalid),
        };
        if (fault < 0)
        {
            return;
        }
        var before = text[..fault];
        var line = before.Count((byte)'\n') + 1;
        var lineStart = before.LastIndexOf((byte)'\n') + 1;
        var column = Columns(before[lineStart..]) + 1;
        var what = fault == nul ? "a NUL byte" : Invariant($"the byte 0x{text[fault]:x2}, which is not UTF-8");
        throw new ContributionException(
            fileName, line, column, Invariant($"the file is binary: it holds {what} at byte {fault}; save it as UTF-8 text"));
    }

    static int FirstInvalid(ReadOnlySpan<byte> text)
    {
        var offset = 0;
        while (offset < text.Length && Rune.DecodeFromUtf8(text[offset..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            offset += consumed;
        }
        return offset;
    }

    /// <summary>Characters (Unicode scalar values) of valid UTF-8.</summary>
    internal static int Columns(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var unit in text)
        {
            count += (unit & 0xC0) == 0x80 ? 0 : 1;
        }
        return count;
    }
}
