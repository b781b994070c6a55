namespace OpenLedger.Training.Corpora;

/// <summary>Synsets by key, and walks along their relations.</summary>
public sealed class WordNetLexicon
{
    readonly Dictionary<WordNetKey, WordNetSynset> synsets = [];

    /// <exception cref="UserErrorException">Two synsets share a key.</exception>
    public WordNetLexicon(IEnumerable<WordNetSynset> entries)
    {
        foreach (var synset in entries)
        {
            if (!synsets.TryAdd(synset.Key, synset))
                throw new UserErrorException($"The synset {synset.Key} stands twice in the WordNet files; install them anew.");
        }
    }

    /// <summary>All synsets in the order they were read.</summary>
    public IReadOnlyCollection<WordNetSynset> Synsets => synsets.Values;

    /// <summary>The synset of a key, or null where the files hold none.</summary>
    public WordNetSynset? Find(WordNetKey key) => synsets.GetValueOrDefault(key);

    /// <summary>The synsets that a synset points at by one of the given symbols, in file order.</summary>
    public IEnumerable<WordNetSynset> Related(WordNetSynset synset, params string[] symbols) =>
        from pointer in synset.Pointers
        where symbols.Contains(pointer.Symbol)
        let target = Find(pointer.Target)
        where target is not null
        select target;

    /// <summary>The given synsets with everything below them, instances included.</summary>
    public IReadOnlySet<WordNetKey> Below(IEnumerable<WordNetKey> roots)
    {
        var seen = new HashSet<WordNetKey>();
        var open = new Stack<WordNetKey>(roots);
        while (open.TryPop(out var key))
        {
            if (Find(key) is not { } synset || !seen.Add(key))
                continue;
            foreach (var lower in Related(synset, "~", "~i"))
                open.Push(lower.Key);
        }

        return seen;
    }
}
