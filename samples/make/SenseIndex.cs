using System.Globalization;
using System.Text.RegularExpressions;
using OpenLedger.Training.Corpora;

namespace OpenLedger.Samples;

/// <summary>How common a word is, and how common a meaning is among those of its word.</summary>
sealed partial class SenseIndex
{
    readonly Dictionary<string, int[]> offsetsByWord = [];
    readonly Dictionary<string, int> countByPhrase = [];

    /// <summary>Reads <c>index.noun</c>, which lists a word's synsets from the commonest on, and counts phrases in definitions.</summary>
    public SenseIndex(string folder, WordNetLexicon lexicon)
    {
        var path = Path.Combine(folder, "index.noun");
        if (!File.Exists(path))
            throw new CorpusFormatException(path, "there is no such file; install WordNet 3.0 (Debian: wordnet-base) or name its folder.");
        var line = 0;
        foreach (var text in File.ReadLines(path))
        {
            line++;
            if (!text.StartsWith("  ", StringComparison.Ordinal))
                AddWord(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), path, line);
        }

        foreach (var synset in lexicon.Synsets)
            AddPhrases(synset);
    }

    /// <summary>Zero for the commonest meaning of a noun, one for the next …</summary>
    public int SenseRank(string word, WordNetKey key)
    {
        var rank = Array.IndexOf(offsetsByWord.GetValueOrDefault(word, []), key.Offset);
        return rank < 0 ? offsetsByWord.Count : rank;
    }

    /// <summary>How many synsets use a word or a pair of words in their definition or examples.</summary>
    public int UseCount(string phrase) => countByPhrase.GetValueOrDefault(phrase);

    void AddWord(string[] fields, string path, int line)
    {
        var count = 0;
        var isCounted = fields.Length > 2 && int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out count);
        if (!isCounted || count >= fields.Length)
            throw new CorpusFormatException(path, line, "the third field is not the number of synsets that the line ends with.");
        var offsets = fields[^count..].Select(field => int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset
            : throw new CorpusFormatException(path, line, $"\"{field}\" is not a synset offset."));
        offsetsByWord[fields[0].Replace('_', ' ')] = offsets.ToArray();
    }

    void AddPhrases(WordNetSynset synset)
    {
        var words = Words().Matches(string.Join(" . ", synset.Examples.Prepend(synset.Definition)).ToLowerInvariant());
        var phrases = words.Select(word => word.Value).Concat(words.Zip(words.Skip(1), (left, right) => $"{left.Value} {right.Value}"));
        foreach (var phrase in phrases.Distinct())
            countByPhrase[phrase] = UseCount(phrase) + 1;
    }

    [GeneratedRegex("[a-z]+")]
    private static partial Regex Words();
}
