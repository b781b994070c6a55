namespace OpenLedger.Training.Corpora;

/// <summary>How a corpus is made from WordNet; every field takes part in the text, none depends on the machine.</summary>
/// <param name="Seed">Chooses order and wording.</param>
/// <param name="Renderings">
/// Documents per synset and epoch, each worded differently; default 1. Names (of persons, places, genera) are rendered once: they
/// teach little of how a definition is written.
/// </param>
/// <param name="HeldOutPerThousand">Synsets kept for measuring, by a hash of their key that no seed changes; default 10.</param>
public sealed record WordNetCorpusOptions(ulong Seed = 1, int Renderings = 1, int HeldOutPerThousand = 10);

/// <summary>
/// Pretraining text from WordNet's glosses, examples and relations, as a dictionary would print them. The domains left out are left
/// out whole: their synsets, and every other synset that shares a word with one of them.
/// </summary>
public sealed class WordNetCorpus
{
    /// <summary>An epoch that training never asks for: held-out text is worded by it.</summary>
    const int HeldOutEpoch = int.MaxValue;

    readonly WordNetCorpusOptions options;
    readonly WordNetProse prose;
    readonly List<WordNetSynset> training = [];
    readonly List<WordNetSynset> heldOut = [];

    /// <exception cref="UserErrorException">A domain does not occur in the lexicon, or nothing is left to train on.</exception>
    public WordNetCorpus(WordNetLexicon lexicon, IEnumerable<WordNetDomain> domainsLeftOut, WordNetCorpusOptions? corpusOptions = null)
    {
        options = corpusOptions ?? new WordNetCorpusOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Renderings, 1, nameof(corpusOptions));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.HeldOutPerThousand, 1000, nameof(corpusOptions));

        var members = domainsLeftOut.SelectMany(domain => domain.Synsets(lexicon)).ToHashSet();
        var words = members.SelectMany(key => lexicon.Find(key)!.Words).ToHashSet(StringComparer.OrdinalIgnoreCase);
        LeftOut = lexicon.Synsets
            .Where(synset => members.Contains(synset.Key) || synset.Words.Any(words.Contains))
            .Select(synset => synset.Key)
            .ToHashSet();
        foreach (var synset in lexicon.Synsets.Where(synset => !LeftOut.Contains(synset.Key) && synset.Definition.Length > 0))
            (IsHeldOut(synset.Key) ? heldOut : training).Add(synset);
        if (training.Count == 0)
            throw new UserErrorException("WordNet holds nothing outside the domains left out; read all four data files.");
        prose = new WordNetProse(lexicon, synset => !LeftOut.Contains(synset.Key) && !IsHeldOut(synset.Key));
    }

    /// <summary>The synsets that no document is made from because a domain left out owns them or one of their words.</summary>
    public IReadOnlySet<WordNetKey> LeftOut { get; }

    public int TrainingSynsetCount => training.Count;

    public int HeldOutSynsetCount => heldOut.Count;

    /// <summary>The training documents of one epoch, shuffled; another epoch words and orders them anew.</summary>
    public IEnumerable<CorpusDocument> Documents(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        var order = training
            .SelectMany(synset => Enumerable.Range(0, IsName(synset) ? 1 : options.Renderings).Select(rendering => (synset, rendering)))
            .ToArray();
        StableRandom.For(options.Seed, "order", (ulong)epoch).Shuffle(order);
        return order.Select(item => Document(item.synset, epoch, item.rendering));
    }

    /// <summary>One document per held-out synset, in file order: the same text in every epoch.</summary>
    public IEnumerable<CorpusDocument> HeldOutDocuments() => heldOut.Select(synset => Document(synset, HeldOutEpoch, 0));

    static bool IsName(WordNetSynset synset) => synset.Words.Any(word => char.IsAsciiLetterUpper(word[0]) || word.StartsWith("genus "));

    bool IsHeldOut(WordNetKey key) => StableRandom.Hash(key.ToString()) % 1000 < (ulong)options.HeldOutPerThousand;

    CorpusDocument Document(WordNetSynset synset, int epoch, int rendering)
    {
        var id = synset.Key.ToString();
        // The renderings of one epoch begin from different wordings: the first draw is shared, the rest is each one's own.
        var wording = StableRandom.For(options.Seed, id + " wording", (ulong)epoch).Next(WordNetProse.WordingCount) + rendering;
        var random = StableRandom.For(options.Seed, id, ((ulong)epoch << 16) + (ulong)rendering);
        return new CorpusDocument(id, prose.Write(synset, wording, random));
    }
}
