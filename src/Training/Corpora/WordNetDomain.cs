namespace OpenLedger.Training.Corpora;

/// <summary>A field of knowledge within WordNet: all of a lexicographer file, or what lies below one of its synsets.</summary>
/// <param name="Name">Lower case, such as <c>ailments</c>.</param>
/// <param name="LexicographerFile">Such as <c>noun.state</c>.</param>
/// <param name="RootWord">A word of the synset at the top; null for the whole lexicographer file.</param>
public sealed record WordNetDomain(string Name, string LexicographerFile, string? RootWord)
{
    /// <summary>Illness, disease, injury: everything below <c>ill health</c>.</summary>
    public static WordNetDomain Ailments { get; } = new("ailments", "noun.state", "ill health");

    /// <summary>Money, property, debts and taxes.</summary>
    public static WordNetDomain Money { get; } = new("money", "noun.possession", null);

    /// <summary>Food and drink.</summary>
    public static WordNetDomain Food { get; } = new("food", "noun.food", null);

    /// <summary>The domains of the sample Datanets: a base model that ships never sees them.</summary>
    public static IReadOnlyList<WordNetDomain> Samples { get; } = [Ailments, Money, Food];

    /// <summary>The synsets of this domain, with what lies below them in other lexicographer files.</summary>
    /// <exception cref="UserErrorException">The lexicon holds none, hence is not the one this domain was named for.</exception>
    public IReadOnlySet<WordNetKey> Synsets(WordNetLexicon lexicon)
    {
        var roots = lexicon.Synsets
            .Where(synset => synset.LexicographerFile == LexicographerFile && (RootWord is null || synset.Words.Contains(RootWord)))
            .Select(synset => synset.Key);
        var members = lexicon.Below(roots);
        return members.Count > 0
            ? members
            : throw new UserErrorException($"WordNet holds no {RootWord ?? "synset"} in {LexicographerFile}; read the files of WordNet 3.0.");
    }
}
