using System.Text;

namespace OpenLedger.Datanets;

/// <summary>A text that was split because it was longer than the model's context.</summary>
/// <param name="Line">Where the text begins in the file.</param>
/// <param name="TokenCount">Its tokens before the split.</param>
/// <param name="PartCount">Rows that it became.</param>
public sealed record RowSplit(int Line, int TokenCount, int PartCount);

/// <summary>A file whose rows all fit, and what was split to get there.</summary>
public sealed record FittedFile(ParsedFile File, IReadOnlyList<RowSplit> Splits);

/// <summary>Makes rows fit a model's context: texts are split between sentences, rows of a prompt and an answer are refused.</summary>
public static class ContextFit
{
    /// <param name="file">A parsed file.</param>
    /// <param name="contextTokensMax">Tokens that a row may have, prompt and answer and whatever marks the template adds.</param>
    /// <param name="countTokens">Tokens of a row as it is trained on.</param>
    /// <exception cref="ContributionException">A row of prompt and answer, or one sentence of a text, is too long.</exception>
    public static FittedFile Fit(ParsedFile file, int contextTokensMax, Func<Row, int> countTokens)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(countTokens);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextTokensMax, 1);
        var rows = new List<ParsedRow>(file.Rows.Count);
        var splits = new List<RowSplit>();
        foreach (var parsed in file.Rows)
        {
            var tokenCount = countTokens(parsed.Row);
            if (tokenCount <= contextTokensMax)
            {
                rows.Add(parsed);
                continue;
            }
            if (file.Format == RowFormat.JsonLines)
            {
                throw new ContributionException(
                    file.FileName, parsed.Line, 0,
                    RowParser.Invariant($"the row has {tokenCount} tokens, above the model's context of {contextTokensMax}; ")
                    + "shorten it (rows of .jsonl are refused, not split)");
            }
            var parts = Split(file.FileName, parsed, contextTokensMax, countTokens);
            rows.AddRange(parts);
            splits.Add(new RowSplit(parsed.Line, tokenCount, parts.Count));
        }
        return new FittedFile(file with { Rows = rows }, splits);
    }

    static List<ParsedRow> Split(string fileName, ParsedRow parsed, int contextTokensMax, Func<Row, int> countTokens)
    {
        var parts = new List<ParsedRow>();
        var sentences = Sentences(parsed.Row.Answer);
        var from = 0;
        while (from < sentences.Count)
        {
            var length = FittingCount(sentences, from, contextTokensMax, countTokens);
            var line = parsed.Line + sentences.Take(from).Sum(sentence => sentence.Count(character => character == '\n'));
            if (length == 0)
            {
                throw new ContributionException(
                    fileName, line, 0,
                    RowParser.Invariant($"one sentence is longer than the model's context of {contextTokensMax} tokens, ")
                    + "so the text cannot be split; shorten it");
            }
            parts.Add(new ParsedRow(new Row("", Joined(sentences, from, length)), line));
            from += length;
        }
        return parts;
    }

    // The most sentences that fit together: doubled while they fit, then halved down, so that few prefixes are counted.
    static int FittingCount(List<string> sentences, int from, int contextTokensMax, Func<Row, int> countTokens)
    {
        bool Fits(int length) => countTokens(new Row("", Joined(sentences, from, length))) <= contextTokensMax;
        var left = sentences.Count - from;
        if (!Fits(1))
        {
            return 0;
        }
        var fitting = 1;
        while (fitting * 2 <= left && Fits(fitting * 2))
        {
            fitting *= 2;
        }
        for (var step = fitting; step > 0; step /= 2)
        {
            if (fitting + step <= left && Fits(fitting + step))
            {
                fitting += step;
            }
        }
        return fitting;
    }

    static string Joined(List<string> sentences, int from, int count) => string.Concat(sentences.Skip(from).Take(count)).Trim();

    /// <summary>
    /// Sentences with the white space after them; together they are the text. One ends after <c>. ! ? …</c> and closing quotes or
    /// brackets, where white space follows, and at a line break.
    /// </summary>
    internal static List<string> Sentences(string text)
    {
        var sentences = new List<string>();
        var current = new StringBuilder();
        var ended = false;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (ended && !char.IsWhiteSpace(character))
            {
                sentences.Add(current.ToString());
                current.Clear();
                ended = false;
            }
            current.Append(character);
            var next = i + 1 < text.Length ? text[i + 1] : '\n';
            ended |= character == '\n' || (char.IsWhiteSpace(next) && EndsSentence(current));
        }
        if (current.Length > 0)
        {
            sentences.Add(current.ToString());
        }
        return sentences;
    }

    static bool EndsSentence(StringBuilder current)
    {
        var i = current.Length - 1;
        while (i > 0 && current[i] is '"' or '\'' or ')' or ']' or '”' or '’' or '»')
        {
            i--;
        }
        return i >= 0 && current[i] is '.' or '!' or '?' or '…' or '。' or '！' or '？';
    }
}
