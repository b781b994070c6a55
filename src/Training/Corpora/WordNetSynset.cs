namespace OpenLedger.Training.Corpora;

/// <summary>Part of speech of a synset; adjective satellites count as adjectives.</summary>
public enum WordNetPartOfSpeech
{
    Noun,
    Verb,
    Adjective,
    Adverb,
}

/// <summary>The name of a synset: its part of speech and its byte offset in that part's data file.</summary>
public readonly record struct WordNetKey(WordNetPartOfSpeech PartOfSpeech, int Offset)
{
    public override string ToString() => $"{"nvar"[(int)PartOfSpeech]}{Offset:D8}";
}

/// <summary>A relation from one synset to another.</summary>
/// <param name="Symbol">
/// As in wninput(5WN): <c>@</c> hypernym, <c>@i</c> instance hypernym, <c>~</c> hyponym, <c>!</c> antonym, <c>%p</c> part …
/// </param>
/// <param name="Target">The synset pointed at.</param>
/// <param name="SourceWord">The word it starts from, counted from one; zero for the whole synset.</param>
/// <param name="TargetWord">The word it ends at, counted from one; zero for the whole synset.</param>
public sealed record WordNetPointer(string Symbol, WordNetKey Target, int SourceWord, int TargetWord);

/// <summary>A set of words that share one meaning.</summary>
/// <param name="Key">Its name.</param>
/// <param name="LexicographerFile">The file its authors kept it in, such as <c>noun.state</c>: a natural domain.</param>
/// <param name="Words">At least one; underscores are spaces here and adjective markers such as <c>(p)</c> are gone.</param>
/// <param name="Pointers">Relations in the order of the file.</param>
/// <param name="Definition">The first definition of the gloss, without a leading note in parentheses; may be empty.</param>
/// <param name="Remarks">Further definitions of the gloss.</param>
/// <param name="Examples">The gloss's quoted examples, without quotes and attributions.</param>
public sealed record WordNetSynset(
    WordNetKey Key,
    string LexicographerFile,
    IReadOnlyList<string> Words,
    IReadOnlyList<WordNetPointer> Pointers,
    string Definition,
    IReadOnlyList<string> Remarks,
    IReadOnlyList<string> Examples);
