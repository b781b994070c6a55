using System.Globalization;

namespace OpenLedger.Training.Corpora;

/// <summary>
/// Words one synset as a short dictionary text: a definition in one of several forms, then perhaps synonyms, what it is a kind of, its
/// kinds, its parts, its opposite, and examples. Relations to synsets outside the corpus are never mentioned.
/// </summary>
sealed class WordNetProse(WordNetLexicon lexicon, Func<WordNetSynset, bool> isInCorpus)
{
    /// <summary>Forms of the defining sentence of each part of speech.</summary>
    public const int WordingCount = 5;

    /// <summary>Kinds or synonyms listed in one sentence.</summary>
    const int ListLengthMax = 5;

    public string Write(WordNetSynset synset, int wording, StableRandom random)
    {
        var term = random.Percent(60) ? synset.Words[0] : random.Pick(synset.Words);
        var sentences = new List<string> { Definition(synset, term, wording % WordingCount, random) };
        var others = Further(synset, term, random).Where(sentence => sentence.Length > 0);
        sentences.AddRange(others);
        return string.Join(' ', sentences);
    }

    static string Definition(WordNetSynset synset, string term, int wording, StableRandom random)
    {
        var meaning = synset.Definition.TrimEnd('.', ',', ':', ' ');
        var tail = synset.Remarks.Count > 0 && random.Percent(50) ? "; " + synset.Remarks[0].TrimEnd('.') : "";
        if (wording == 0)
            return $"{term}: {meaning}{tail}.";
        if (wording == 1)
            return $"{Capital(term)}, {synset.Key.PartOfSpeech.ToString().ToLowerInvariant()}. {Capital(meaning)}{tail}.";
        return synset.Key.PartOfSpeech switch
        {
            WordNetPartOfSpeech.Noun => NounDefinition(synset, term, meaning, tail, wording),
            WordNetPartOfSpeech.Verb => VerbDefinition(term, meaning, tail, wording),
            WordNetPartOfSpeech.Adjective => AdjectiveDefinition(term, meaning, tail, wording),
            _ => AdverbDefinition(term, meaning, tail, wording),
        };
    }

    static string NounDefinition(WordNetSynset synset, string term, string meaning, string tail, int wording) => wording switch
    {
        2 => $"{Capital(Article(synset, term))} {(IsPlural(term) ? "are" : "is")} {meaning}{tail}.",
        3 => $"{Capital(meaning)}{tail} is called {Article(synset, term)}.",
        _ => $"The word for {meaning} is {term}.",
    };

    static string VerbDefinition(string term, string meaning, string tail, int wording) => wording switch
    {
        2 => $"To {term} is to {meaning}{tail}.",
        3 => $"To {meaning} is to {term}.",
        _ => $"When people {term}, they {meaning}{tail}.",
    };

    static string AdjectiveDefinition(string term, string meaning, string tail, int wording) => wording switch
    {
        2 => $"Something {term} is {meaning}{tail}.",
        3 => $"What is {meaning} is called {term}.",
        _ => $"If a thing is {term}, it is {meaning}{tail}.",
    };

    static string AdverbDefinition(string term, string meaning, string tail, int wording) => wording switch
    {
        2 => $"To do something {term} is to do it {meaning}{tail}.",
        3 => $"The adverb {term} says: {meaning}{tail}.",
        _ => $"{Capital(term)} is said for {meaning}{tail}.",
    };

    IEnumerable<string> Further(WordNetSynset synset, string term, StableRandom random)
    {
        yield return random.Percent(35) ? Synonyms(synset, term, random) : "";
        yield return random.Percent(45) ? Hypernym(synset, term, random) : "";
        yield return random.Percent(35) ? Kinds(synset, term, random) : "";
        yield return random.Percent(40) ? Parts(synset, term, random) : "";
        yield return random.Percent(50) ? Opposite(synset, random) : "";
        foreach (var example in synset.Examples.Where(_ => random.Percent(75)))
            yield return Example(example, random);
    }

    static string Synonyms(WordNetSynset synset, string term, StableRandom random)
    {
        var others = synset.Words.Where(word => word != term).Take(ListLengthMax).ToArray();
        if (others.Length == 0)
            return "";
        return random.Next(3) switch
        {
            0 => $"It is also called {List(others, "or")}.",
            1 => $"Another word for {term} is {random.Pick(others)}.",
            _ => $"Compare {List(others, "and")}.",
        };
    }

    string Hypernym(WordNetSynset synset, string term, StableRandom random)
    {
        var uppers = Related(synset, "@", "@i");
        if (uppers.Length == 0)
            return "";
        var upper = random.Pick(uppers);
        if (synset.Key.PartOfSpeech == WordNetPartOfSpeech.Verb)
            return $"To {term} is to {upper.Words[0]} in a certain way.";
        var verb = IsPlural(term) ? "are" : "is";
        return synset.Pointers.Any(pointer => pointer.Symbol == "@i")
            ? $"{Capital(term)} {verb} {Indefinite(upper.Words[0])}."
            : $"{Capital(Article(synset, term))} {verb} a kind of {upper.Words[0]}.";
    }

    string Kinds(WordNetSynset synset, string term, StableRandom random)
    {
        var kinds = Related(synset, "~").Select(kind => kind.Words[0]).ToList();
        random.Shuffle(kinds);
        if (kinds.Count < 2 || synset.Key.PartOfSpeech != WordNetPartOfSpeech.Noun)
            return "";
        var listed = List(kinds.Take(2 + random.Next(ListLengthMax - 1)).ToArray(), "and");
        return random.Percent(50) ? $"Kinds of {term} are {listed}." : $"{Capital(listed)} are kinds of {term}.";
    }

    string Parts(WordNetSynset synset, string term, StableRandom random)
    {
        var wholes = Related(synset, "#p");
        if (wholes.Length > 0)
            return $"{Capital(Article(synset, term))} is part of {Article(wholes[0], wholes[0].Words[0])}.";
        var parts = Related(synset, "%p").Select(part => part.Words[0]).ToList();
        random.Shuffle(parts);
        return parts.Count < 2 ? "" : $"Parts of {Article(synset, term)} are {List(parts.Take(ListLengthMax).ToArray(), "and")}.";
    }

    string Opposite(WordNetSynset synset, StableRandom random)
    {
        var antonyms = synset.Pointers.Where(pointer => pointer.Symbol == "!" && pointer.SourceWord > 0).ToArray();
        if (antonyms.Length == 0)
            return "";
        var antonym = random.Pick(antonyms);
        if (lexicon.Find(antonym.Target) is not { } other || !isInCorpus(other))
            return "";
        if (antonym.TargetWord == 0 || antonym.TargetWord > other.Words.Count)
            return "";
        var (left, right) = (synset.Words[antonym.SourceWord - 1], other.Words[antonym.TargetWord - 1]);
        return random.Percent(50) ? $"The opposite of {left} is {right}." : $"{Capital(left)} is the opposite of {right}.";
    }

    static string Example(string example, StableRandom random)
    {
        var text = Capital(example);
        var end = char.IsPunctuation(text[^1]) && text[^1] is not ('\'' or ')' or ',') ? "" : ".";
        return random.Next(3) switch
        {
            0 => $"For example: {example}{end}",
            1 => $"\"{text}{end}\"",
            _ => text + end,
        };
    }

    WordNetSynset[] Related(WordNetSynset synset, params string[] symbols) =>
        lexicon.Related(synset, symbols).Where(other => other.Key.PartOfSpeech == synset.Key.PartOfSpeech && isInCorpus(other)).ToArray();

    static string List(IReadOnlyList<string> items, string last) =>
        items.Count == 1 ? items[0] : $"{string.Join(", ", items.Take(items.Count - 1))} {last} {items[^1]}";

    /// <summary>WordNet does not mark countable nouns: a definition that begins with an article belongs to one.</summary>
    static string Article(WordNetSynset synset, string term)
    {
        var first = synset.Definition.Split(' ', 2)[0];
        var isCountable = first is "a" or "an" or "any" or "one" or "someone";
        return isCountable && !IsPlural(term) && !char.IsUpper(term[0]) ? Indefinite(term) : term;
    }

    static string Indefinite(string term)
    {
        string[] spokenWithVowel = ["hour", "honest", "honor", "honour", "heir"];
        string[] spokenWithConsonant = ["uni", "use", "usu", "eu", "one", "ut", "ura"];
        var isVowel = "aeiouAEIO".Contains(term[0]) && !spokenWithConsonant.Any(term.StartsWith);
        return (isVowel || spokenWithVowel.Any(term.StartsWith) ? "an " : "a ") + term;
    }

    static bool IsPlural(string term) => term.EndsWith('s') && !term.EndsWith("ss", StringComparison.Ordinal)
        && !term.EndsWith("us", StringComparison.Ordinal) && !term.EndsWith("is", StringComparison.Ordinal);

    static string Capital(string text) => text.Length == 0 ? text : char.ToUpper(text[0], CultureInfo.InvariantCulture) + text[1..];
}
