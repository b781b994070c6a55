namespace OpenLedger.Training.Corpora;

/// <summary>Where a domain begins: one synset of a lexicographer file, or all of the file.</summary>
/// <param name="LexicographerFile">Such as <c>noun.state</c>.</param>
/// <param name="Word">A word of the synset at the top; null for the whole lexicographer file.</param>
public sealed record WordNetRoot(string LexicographerFile, string? Word = null);

/// <summary>A field of knowledge within WordNet: everything at and below its roots.</summary>
/// <param name="Name">Lower case, such as <c>ailments</c>.</param>
/// <param name="Roots">At least one.</param>
public sealed record WordNetDomain(string Name, IReadOnlyList<WordNetRoot> Roots)
{
    /// <summary>Illness, injury, symptoms, disorders and other conditions of body and mind.</summary>
    public static WordNetDomain Ailments { get; } = new(
        "ailments",
        [
            new("noun.state", "ill health"),
            new("noun.state", "symptom"),
            new("noun.state", "abnormality"),
            new("noun.state", "physiological state"),
            new("noun.state", "psychological state"),
        ]);

    /// <summary>Money, property and debts, the trade that moves them, and who lives by it.</summary>
    public static WordNetDomain Money { get; } = new(
        "money",
        [
            new("noun.possession"),
            new("noun.act", "transaction"),
            new("noun.communication", "commercial document"),
            new("noun.group", "financial institution"),
            new("noun.artifact", "mercantile establishment"),
            new("noun.person", "merchant"),
            new("noun.person", "money handler"),
            new("noun.quantity", "monetary unit"),
            new("noun.state", "financial condition"),
        ]);

    /// <summary>Food and drink.</summary>
    public static WordNetDomain Food { get; } = new("food", [new("noun.food")]);

    /// <summary>The domains of the sample Datanets: a base model that ships never sees them.</summary>
    public static IReadOnlyList<WordNetDomain> Samples { get; } = [Ailments, Money, Food];

    /// <summary>The synsets of this domain, with what lies below them in other lexicographer files.</summary>
    /// <exception cref="UserErrorException">A root is not in the lexicon, hence it is not the one this domain was named for.</exception>
    public IReadOnlySet<WordNetKey> Synsets(WordNetLexicon lexicon) => lexicon.Below(Roots.SelectMany(root => Tops(lexicon, root)));

    static WordNetKey[] Tops(WordNetLexicon lexicon, WordNetRoot root)
    {
        var tops = lexicon.Synsets
            .Where(synset => synset.LexicographerFile == root.LexicographerFile && (root.Word is null || synset.Words.Contains(root.Word)))
            .Select(synset => synset.Key)
            .ToArray();
        return tops.Length > 0
            ? tops
            : throw new UserErrorException(
                $"WordNet holds no {root.Word ?? "synset"} in {root.LexicographerFile}; read the data files of WordNet 3.0.");
    }
}
