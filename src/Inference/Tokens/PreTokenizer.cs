using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenLedger.Inference;

/// <summary>Splits text into the pieces within which byte pairs may merge.</summary>
sealed class PreTokenizer
{
    /// <summary>The pattern that Hugging Face's <c>ByteLevel</c> applies with <c>use_regex</c>.</summary>
    public const string ByteLevelPattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Splits off every digit: Hugging Face's <c>Digits</c> with <c>individual_digits</c>.</summary>
    public const string DigitPattern = @"\p{Nd}";

    /// <summary>Longest time that one text may take to split; a pattern that backtracks without end is cut off here.</summary>
    static readonly TimeSpan MatchTimeMax = TimeSpan.FromSeconds(20);

    readonly Regex[] _stages;
    readonly bool _addPrefixSpace;

    /// <exception cref="ArgumentException">A pattern is not a regular expression of .NET.</exception>
    public PreTokenizer(IReadOnlyList<string> patterns, bool addPrefixSpace)
    {
        _addPrefixSpace = addPrefixSpace;
        _stages =
        [
            .. patterns.Select(pattern =>
                new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, MatchTimeMax)),
        ];
    }

    /// <summary>
    /// Appends the length of each piece in UTF-16 units; the text to cut is returned, with its prefix space if one is asked for.
    /// </summary>
    public string Split(string text, List<int> lengths)
    {
        if (_addPrefixSpace && text.Length > 0 && !char.IsWhiteSpace(text[0]))
        {
            text = " " + text;
        }
        var shadow = Shadow(text);
        Split(shadow, 0, shadow.Length, 0, lengths);
        if (shadow.Length != text.Length)
        {
            Widen(text, lengths);
        }
        return text;
    }

    void Split(string text, int begin, int end, int stage, List<int> lengths)
    {
        if (begin == end)
        {
            return;
        }
        if (stage == _stages.Length)
        {
            lengths.Add(end - begin);
            return;
        }
        var position = begin;
        // Matching a slice rather than a substring would let look-ahead see past the piece.
        var slice = begin == 0 && end == text.Length ? text : text[begin..end];
        foreach (var match in _stages[stage].EnumerateMatches(slice))
        {
            if (match.Length == 0)
            {
                continue;
            }
            Split(text, position, begin + match.Index, stage + 1, lengths);
            position = begin + match.Index + match.Length;
            Split(text, begin + match.Index, position, stage + 1, lengths);
        }
        Split(text, position, end, stage + 1, lengths);
    }

    /// <summary>
    /// The text with one character of the same Unicode category for each code point beyond the basic plane: .NET's expressions see
    /// surrogates where other engines see letters, and would split there otherwise.
    /// </summary>
    static string Shadow(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }
        var shadow = new StringBuilder(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
            {
                shadow.Append(StandIn(CharUnicodeInfo.GetUnicodeCategory(text, index)));
                index++;
            }
            else
            {
                shadow.Append(char.IsSurrogate(text[index]) ? '\uFFFD' : text[index]);
            }
        }
        return shadow.ToString();
    }

    /// <summary>Turns lengths over the shadow into lengths over the text.</summary>
    static void Widen(string text, List<int> lengths)
    {
        var position = 0;
        for (var piece = 0; piece < lengths.Count; piece++)
        {
            var begin = position;
            for (var count = lengths[piece]; count > 0; count--)
            {
                var paired = char.IsHighSurrogate(text[position]) && position + 1 < text.Length && char.IsLowSurrogate(text[position + 1]);
                position += paired ? 2 : 1;
            }
            lengths[piece] = position - begin;
        }
    }

    static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u0391',
        UnicodeCategory.LowercaseLetter => '\u03B1',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u05D0',
        UnicodeCategory.NonSpacingMark => '\u0301',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u20DD',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u00BD',
        UnicodeCategory.DashPunctuation or UnicodeCategory.OtherPunctuation => '\u00B7',
        UnicodeCategory.Control or UnicodeCategory.Format => '\u200D',
        UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => '\uE000',
        _ => '\u00A9',
    };
}
