using System.IO.Compression;
using System.Text;

namespace OpenLedger.Datanets;

/// <summary>
/// Unicode normalisation form KC (Unicode Standard Annex 15), Unicode 14.0. The tables are made from the Unicode Character Database
/// by <c>eng/unicode-normalisation.py</c>: deflated variable-length integers; the compatibility decompositions in full, the
/// combining classes that are not zero, and the primary composites.
/// </summary>
static class UnicodeNormalisation
{
    // Hangul syllables are composed by arithmetic (chapter 3.12 of the standard).
    const int SyllableBase = 0xAC00;
    const int LeadBase = 0x1100;
    const int VowelBase = 0x1161;
    const int TailBase = 0x11A7;
    const int LeadCount = 19;
    const int VowelCount = 21;
    const int TailCount = 28;

    static readonly Dictionary<int, int[]> decompositions = [];
    static readonly Dictionary<int, byte> classes = [];
    static readonly Dictionary<(int First, int Second), int> composites = [];

    static UnicodeNormalisation()
    {
        using var resource = typeof(UnicodeNormalisation).Assembly.GetManifestResourceStream("OpenLedger.Datanets.unicode14.bin")
            ?? throw new InvalidOperationException("the normalisation tables are missing from the assembly");
        using var table = new DeflateStream(resource, CompressionMode.Decompress);
        using var reader = new BinaryReader(table);
        var character = 0;
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            character += reader.Read7BitEncodedInt();
            var parts = new int[reader.Read7BitEncodedInt()];
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i] = reader.Read7BitEncodedInt();
            }
            decompositions.Add(character, parts);
        }
        character = 0;
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            character += reader.Read7BitEncodedInt();
            classes.Add(character, (byte)reader.Read7BitEncodedInt());
        }
        character = 0;
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            character += reader.Read7BitEncodedInt();
            var first = reader.Read7BitEncodedInt();
            composites.Add((first, reader.Read7BitEncodedInt()), character);
        }
    }

    public static string ToFormKC(string text)
    {
        var characters = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, characters);
        }
        Order(characters);
        var composed = new StringBuilder(text.Length);
        foreach (var character in Composed(characters))
        {
            composed.Append(new Rune(character).ToString());
        }
        return composed.ToString();
    }

    static void Decompose(int character, List<int> into)
    {
        var syllable = character - SyllableBase;
        if (syllable is >= 0 and < LeadCount * VowelCount * TailCount)
        {
            into.Add(LeadBase + (syllable / (VowelCount * TailCount)));
            into.Add(VowelBase + (syllable / TailCount % VowelCount));
            if (syllable % TailCount != 0)
            {
                into.Add(TailBase + (syllable % TailCount));
            }
        }
        else if (decompositions.TryGetValue(character, out var parts))
        {
            into.AddRange(parts);
        }
        else
        {
            into.Add(character);
        }
    }

    static byte Class(int character) => classes.GetValueOrDefault(character);

    // Marks between two starters are sorted by class; equal classes keep their order.
    static void Order(List<int> characters)
    {
        for (var i = 0; i < characters.Count; i++)
        {
            if (Class(characters[i]) == 0)
            {
                continue;
            }
            var start = i;
            while (i + 1 < characters.Count && Class(characters[i + 1]) != 0)
            {
                i++;
            }
            var marks = characters.GetRange(start, i - start + 1).OrderBy(Class).ToList();
            for (var j = 0; j < marks.Count; j++)
            {
                characters[start + j] = marks[j];
            }
        }
    }

    static List<int> Composed(List<int> characters)
    {
        var composed = new List<int>(characters.Count);
        var starter = -1;
        foreach (var character in characters)
        {
            var ownClass = Class(character);
            // A mark is blocked from its starter by one of the same or a higher class between them.
            var blocked = starter >= 0 && composed.Count - 1 > starter
                && (Class(composed[^1]) >= ownClass || Class(composed[^1]) == 0);
            if (starter >= 0 && !blocked && TryCompose(composed[starter], character, out var composite))
            {
                composed[starter] = composite;
                continue;
            }
            if (ownClass == 0)
            {
                starter = composed.Count;
            }
            composed.Add(character);
        }
        return composed;
    }

    static bool TryCompose(int first, int second, out int composite)
    {
        var lead = first - LeadBase;
        var vowel = second - VowelBase;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            composite = SyllableBase + (((lead * VowelCount) + vowel) * TailCount);
            return true;
        }
        var syllable = first - SyllableBase;
        var tail = second - TailBase;
        if (syllable is >= 0 and < LeadCount * VowelCount * TailCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
        {
            composite = first + tail;
            return true;
        }
        return composites.TryGetValue((first, second), out composite);
    }
}
