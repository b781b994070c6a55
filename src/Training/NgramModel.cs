using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>
/// Token n-grams, the baselines that a pretrained model has to beat: unigram with one count added to every token, and trigram by
/// interpolated Kneser-Ney smoothing.
/// </summary>
/// <remarks>Chen and Goodman, An empirical study of smoothing techniques (1999), section 4.1, one discount for all counts.</remarks>
public sealed class NgramModel
{
    /// <summary>What is taken off every count seen.</summary>
    const double Discount = 0.75;

    /// <summary>Bits of one token in a packed key.</summary>
    const int TokenBits = 21;

    readonly int _vocabularySize;
    readonly long[] _unigrams;
    readonly long[] _continuations;
    readonly Dictionary<long, ContextCount> _bigramContexts = [];
    readonly Dictionary<long, ContextCount> _trigramContexts = [];
    readonly Dictionary<long, int> _bigrams = [];
    readonly Dictionary<long, int> _trigrams = [];
    long _tokenCount;

    /// <exception cref="TrainingException">The vocabulary is too large for packed trigrams.</exception>
    public NgramModel(ModelConfig config, TokenDocuments documents)
    {
        OptionCheck.InRange(config.VocabularySize, 1, 1 << TokenBits, nameof(config.VocabularySize));
        _vocabularySize = config.VocabularySize;
        _unigrams = new long[_vocabularySize];
        _continuations = new long[_vocabularySize];
        Each(documents, (before, previous, token) =>
        {
            _tokenCount++;
            _unigrams[token]++;
            if (before >= 0 && Count(_trigrams, _trigramContexts, Key(before, previous), token) > 1)
            {
                return;
            }

            // Kneser and Ney's lower orders count distinct left neighbours; a bigram that opens a document has none and counts each time.
            if (Count(_bigrams, _bigramContexts, previous, token) == 1)
            {
                _continuations[token]++;
            }
        });
    }

    /// <summary>Loss of the unigram model over documents.</summary>
    public TokenLoss UnigramLoss(TokenDocuments documents) =>
        Loss(documents, (_, _, token) => (_unigrams[token] + 1.0) / (_tokenCount + _vocabularySize));

    /// <summary>Loss of the interpolated trigram model over documents.</summary>
    public TokenLoss TrigramLoss(TokenDocuments documents) => Loss(documents, Probability);

    /// <summary>p(token | before, previous); <paramref name="before"/> is −1 at a document's start.</summary>
    public double Probability(int before, int previous, int token)
    {
        var kinds = (double)_bigrams.Count;
        var lower = (_continuations[token] + 1.0) / (kinds + _vocabularySize);
        lower = Interpolate(_bigrams, _bigramContexts, previous, token, lower);
        return before < 0 ? lower : Interpolate(_trigrams, _trigramContexts, Key(before, previous), token, lower);
    }

    static double Interpolate(Dictionary<long, int> counts, Dictionary<long, ContextCount> contexts, long context, int token, double lower)
    {
        if (!contexts.TryGetValue(context, out var total))
        {
            return lower;
        }

        counts.TryGetValue(Key(context, token), out var count);
        return (Math.Max(0, count - Discount) + Discount * total.Kinds * lower) / total.Tokens;
    }

    static long Key(long context, int token) => (context << TokenBits) | (uint)token;

    static int Count(Dictionary<long, int> counts, Dictionary<long, ContextCount> contexts, long context, int token)
    {
        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, Key(context, token), out _);
        ref var total = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(contexts, context, out _);
        count++;
        total = new ContextCount(total.Tokens + 1, total.Kinds + (count == 1 ? 1 : 0));
        return count;
    }

    static TokenLoss Loss(TokenDocuments documents, Func<int, int, int, double> probability)
    {
        var (total, count) = (0.0, 0L);
        Each(documents, (before, previous, token) =>
        {
            total -= Math.Log(probability(before, previous, token));
            count++;
        });
        return new TokenLoss(total, count);
    }

    /// <summary>Every predicted token with the two before it.</summary>
    static void Each(TokenDocuments documents, Action<int, int, int> visit)
    {
        var scratch = new int[documents.Windows.Max(window => window.Length) + 1];
        foreach (var window in documents.Windows)
        {
            var tokens = documents.TokensOf(window, scratch);
            for (var index = 1; index < tokens.Length; index++)
            {
                visit(index >= 2 ? tokens[index - 2] : -1, tokens[index - 1], tokens[index]);
            }
        }
    }

    readonly record struct ContextCount(long Tokens, int Kinds);
}
