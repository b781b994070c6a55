using OpenLedger.Inference;
using OpenLedger.Training.Corpora;

namespace OpenLedger.Cli.Pretraining;

/// <summary>The documents that a base model is made from, and those that it is measured on.</summary>
sealed class PretrainCorpus
{
    /// <summary>One text document in a hundred is held out, by a hash of its text.</summary>
    const int HeldOutPerThousand = 10;

    readonly WordNetCorpus? _wordNet;
    readonly IReadOnlyList<string> _texts;

    PretrainCorpus(WordNetCorpus? wordNet, IReadOnlyList<string> texts, IReadOnlyList<string> heldOutTexts)
    {
        _wordNet = wordNet;
        _texts = texts;
        HeldOut = [.. wordNet?.HeldOutDocuments().Select(document => document.Text) ?? [], .. heldOutTexts];
    }

    /// <summary>Texts that no epoch holds.</summary>
    public IReadOnlyList<string> HeldOut { get; }

    /// <exception cref="UserErrorException">Nothing to read, or a file that cannot be read.</exception>
    public static PretrainCorpus Read(PretrainSettings settings)
    {
        if (settings.WordNetFolder is null && settings.TextFiles.Count == 0)
        {
            throw new UserErrorException(
                "There is nothing to learn from: name WordNet's folder with --wordnet, or text files with --text.");
        }

        WordNetCorpus? wordNet = null;
        if (settings.WordNetFolder is { } folder)
        {
            wordNet = new WordNetCorpus(
                WordNetReader.ReadFolder(folder),
                WordNetDomain.Samples,
                new WordNetCorpusOptions(settings.Seed, HeldOutPerThousand: HeldOutPerThousand));
        }

        var texts = TextCorpus.ReadFiles(settings.TextFiles).Select(document => document.Text).ToList();
        var heldOut = texts.Where(IsHeldOut).ToHashSet(StringComparer.Ordinal);
        if (wordNet is null && (heldOut.Count == 0 || texts.TrueForAll(heldOut.Contains)))
        {
            // A short text may hold none, or nothing else, below the line: then the one of lowest hash is held out.
            heldOut = [texts.MinBy(StableRandom.Hash)!];
        }

        var learned = texts.Where(text => !heldOut.Contains(text)).ToList();
        return wordNet is not null || learned.Count > 0
            ? new PretrainCorpus(wordNet, learned, [.. texts.Where(heldOut.Contains)])
            : throw new UserErrorException("The text has only one paragraph; at least two are needed: one is held out to measure on.");
    }

    /// <summary>The texts of one epoch.</summary>
    public IEnumerable<string> Texts(int epoch) => (_wordNet?.Documents(epoch).Select(document => document.Text) ?? []).Concat(_texts);

    /// <summary>All epochs as one stream of tokens, each document closed by the end token.</summary>
    public int[] Tokens(Tokenizer tokenizer, int endTokenId, int epochs, Action<int> progress)
    {
        var tokens = new List<int>();
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            progress(epoch);
            foreach (var text in Texts(epoch))
            {
                tokens.AddRange(tokenizer.Encode(text));
                tokens.Add(endTokenId);
            }
        }

        return [.. tokens];
    }

    static bool IsHeldOut(string text) => StableRandom.Hash(text) % 1000 < HeldOutPerThousand;
}
