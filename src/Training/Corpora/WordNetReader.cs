using System.Globalization;

namespace OpenLedger.Training.Corpora;

/// <summary>
/// Reads the data files of a WordNet 3.0 dictionary folder (wndb(5WN)): <c>data.noun</c>, <c>data.verb</c>, <c>data.adj</c>,
/// <c>data.adv</c>.
/// </summary>
public static class WordNetReader
{
    /// <summary>No line of WordNet 3.0 comes near this length; a longer one is not a data file.</summary>
    public const int LineLengthMax = 65_536;

    /// <summary>Synsets of one file; WordNet 3.0 has 82 115 nouns.</summary>
    public const int SynsetCountMax = 1_000_000;

    static readonly string[] LexicographerFiles =
    [
        "adj.all", "adj.pert", "adv.all", "noun.Tops", "noun.act", "noun.animal", "noun.artifact", "noun.attribute", "noun.body",
        "noun.cognition", "noun.communication", "noun.event", "noun.feeling", "noun.food", "noun.group", "noun.location", "noun.motive",
        "noun.object", "noun.person", "noun.phenomenon", "noun.plant", "noun.possession", "noun.process", "noun.quantity",
        "noun.relation", "noun.shape", "noun.state", "noun.substance", "noun.time", "verb.body", "verb.change", "verb.cognition",
        "verb.communication", "verb.competition", "verb.consumption", "verb.contact", "verb.creation", "verb.emotion", "verb.motion",
        "verb.perception", "verb.possession", "verb.social", "verb.stative", "verb.weather", "adj.ppl",
    ];

    static readonly (string File, WordNetPartOfSpeech PartOfSpeech)[] DataFiles =
    [
        ("data.noun", WordNetPartOfSpeech.Noun),
        ("data.verb", WordNetPartOfSpeech.Verb),
        ("data.adj", WordNetPartOfSpeech.Adjective),
        ("data.adv", WordNetPartOfSpeech.Adverb),
    ];

    /// <summary>Reads all four data files of a dictionary folder, such as <c>/usr/share/wordnet</c>.</summary>
    /// <exception cref="CorpusFormatException">A file is missing, or a line of it is malformed.</exception>
    public static WordNetLexicon ReadFolder(string folder)
    {
        var synsets = new List<WordNetSynset>();
        foreach (var (file, partOfSpeech) in DataFiles)
        {
            var path = Path.Combine(folder, file);
            if (!File.Exists(path))
                throw new CorpusFormatException(path, "there is no such file; install WordNet 3.0 (wordnet-base) or name its folder.");
            using var reader = new StreamReader(path);
            synsets.AddRange(Read(reader, path, partOfSpeech));
        }

        return new WordNetLexicon(synsets);
    }

    /// <summary>Reads the synsets of one data file; lines that begin with two spaces are its licence.</summary>
    /// <exception cref="CorpusFormatException">A line is malformed; the message names file, line and field.</exception>
    public static IReadOnlyList<WordNetSynset> Read(TextReader reader, string file, WordNetPartOfSpeech partOfSpeech)
    {
        var synsets = new List<WordNetSynset>();
        var line = 0;
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (text.Length > LineLengthMax)
                throw new CorpusFormatException(file, line, $"the line has over {LineLengthMax} characters; this is no WordNet data file.");
            if (text.StartsWith("  ", StringComparison.Ordinal))
                continue;
            if (synsets.Count == SynsetCountMax)
                throw new CorpusFormatException(file, line, $"the file holds more than {SynsetCountMax} synsets.");
            synsets.Add(new LineParser(text, file, line).Parse(partOfSpeech));
        }

        if (synsets.Count == 0)
            throw new CorpusFormatException(file, "the file holds no synset; name a WordNet data file.");
        return synsets;
    }

    sealed class LineParser(string text, string file, int line)
    {
        string[] fields = [];
        int next;

        public WordNetSynset Parse(WordNetPartOfSpeech expected)
        {
            var bar = text.IndexOf(" | ", StringComparison.Ordinal);
            if (bar < 0)
                throw Problem("there is no gloss after \" | \".");
            fields = text[..bar].Split(' ', StringSplitOptions.RemoveEmptyEntries);

            var key = new WordNetKey(expected, Number("the synset offset"));
            var fileNumber = Number("the lexicographer file");
            if (fileNumber >= LexicographerFiles.Length)
                throw Problem($"the lexicographer file {fileNumber} is above {LexicographerFiles.Length - 1}.");
            var type = Field("the synset type");
            if (PartOfSpeech(type, "the synset type") != expected)
                throw Problem($"the synset type \"{type}\" does not belong in a file of {expected.ToString().ToLowerInvariant()}s.");

            var words = Words(Number("the word count", NumberStyles.AllowHexSpecifier));
            var pointers = Pointers(Number("the pointer count"), words.Length);
            if (expected == WordNetPartOfSpeech.Verb)
            {
                // A frame is a plus sign, its number and the word it holds for.
                var frameCount = Number("the frame count");
                next += 3 * frameCount;
            }

            if (next != fields.Length)
                throw Problem($"the line has {fields.Length} fields before its gloss where its counts ask for {next}.");

            var (definition, remarks, examples) = WordNetGloss.Parse(text[(bar + 3)..]);
            return new WordNetSynset(key, LexicographerFiles[fileNumber], words, pointers, definition, remarks, examples);
        }

        string[] Words(int count)
        {
            if (count == 0)
                throw Problem("the word count is zero.");
            if (count > (fields.Length - next) / 2)
                throw Problem($"the line ends before the last of its {count} words.");
            var words = new string[count];
            for (var index = 0; index < count; index++)
            {
                var word = Field($"word {index + 1}");
                var marker = word.EndsWith(')') ? word.LastIndexOf('(') : -1;
                words[index] = (marker > 0 ? word[..marker] : word).Replace('_', ' ');
                Number($"the lexical id of word {index + 1}", NumberStyles.AllowHexSpecifier);
            }

            return words;
        }

        WordNetPointer[] Pointers(int count, int wordCount)
        {
            var pointers = new List<WordNetPointer>();
            for (var index = 1; index <= count; index++)
            {
                var symbol = Field($"the symbol of pointer {index}");
                var offset = Number($"the target of pointer {index}");
                var target = new WordNetKey(PartOfSpeech(Field($"the part of speech of pointer {index}"), $"pointer {index}"), offset);
                var ends = Number($"the words of pointer {index}", NumberStyles.AllowHexSpecifier);
                if (ends >> 8 > wordCount)
                    throw Problem($"pointer {index} starts from word {ends >> 8} of {wordCount}.");
                pointers.Add(new WordNetPointer(symbol, target, ends >> 8, ends & 255));
            }

            return pointers.ToArray();
        }

        string Field(string name) => next < fields.Length ? fields[next++] : throw Problem($"the line ends before {name}.");

        int Number(string name, NumberStyles style = NumberStyles.None)
        {
            var field = Field(name);
            return int.TryParse(field, style, CultureInfo.InvariantCulture, out var number) && number is >= 0 and < int.MaxValue / 4
                ? number
                : throw Problem($"{name} is \"{field}\", not a number.");
        }

        WordNetPartOfSpeech PartOfSpeech(string code, string name) => code switch
        {
            "n" => WordNetPartOfSpeech.Noun,
            "v" => WordNetPartOfSpeech.Verb,
            "a" or "s" => WordNetPartOfSpeech.Adjective,
            "r" => WordNetPartOfSpeech.Adverb,
            _ => throw Problem($"{name} has the part of speech \"{code}\", which is none of n, v, a, s, r."),
        };

        CorpusFormatException Problem(string problem) => new(file, line, problem);
    }
}
