using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpenLedger.Inference;

/// <summary>What a new tokenizer shall be.</summary>
public sealed record TokenizerTrainerOptions
{
    /// <summary>Tokens in all: special ones, the 256 bytes, and as many merged ones as the rest allows.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Control tokens; they get the ids from 0 in this order.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["<|begin|>", "<|end|>"];

    /// <summary>A pair seen less often than this is not merged, so a small text may give fewer tokens than asked for. Default 2.</summary>
    public int PairCountMin { get; init; } = 2;
}

/// <summary>Trains a byte-level BPE on texts: the most frequent pair of tokens becomes a token, again and again.</summary>
/// <remarks>
/// Counts are kept per pair and changed only in the words that a merge touches; a heap offers the most frequent pair, and an
/// entry that went stale is put back with its present count. Ties go to the pair of lower ids, so training is deterministic.
/// </remarks>
public sealed class TokenizerTrainer
{
    readonly TokenizerTrainerOptions _options;
    readonly List<byte[]> _tokens = [];
    readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    readonly List<(string Left, string Right)> _merges = [];
    readonly HashSet<long> _merged = [];
    readonly List<Word> _words = [];
    readonly Dictionary<long, Pair> _pairs = [];
    readonly PriorityQueue<long, (long NegatedCount, long Key)> _queue = new();

    TokenizerTrainer(TokenizerTrainerOptions options) => _options = options;

    sealed class Word(int[] tokens, long count)
    {
        public int[] Tokens { get; set; } = tokens;

        public long Count { get; } = count;
    }

    sealed class Pair
    {
        public long Count { get; set; }

        /// <summary>
        /// Words that held the pair at some time, in order of insertion; a word may be listed twice or no longer hold it.
        /// </summary>
        public List<int> Words { get; } = [];
    }

    /// <summary>Trains on all texts. Special tokens written in a text are plain text.</summary>
    /// <exception cref="ArgumentException">The vocabulary does not hold the special tokens and the 256 bytes.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, TokenizerTrainerOptions options, CancellationToken cancellation = default)
    {
        var first = options.SpecialTokens.Count + 256;
        if (options.VocabularySize < first)
        {
            throw new ArgumentException(
                $"A vocabulary of {options.VocabularySize} is less than the {first} that bytes and special tokens need.", nameof(options));
        }
        var trainer = new TokenizerTrainer(options);
        trainer.AddAlphabet();
        trainer.CountWords(texts, cancellation);
        trainer.CountPairs();
        trainer.Merge(cancellation);
        return Tokenizer.Parse(trainer.WriteJson(), "trained tokenizer");
    }

    void AddAlphabet()
    {
        foreach (var special in _options.SpecialTokens)
        {
            _tokens.Add(Encoding.UTF8.GetBytes(special));
        }
        foreach (var value in Enumerable.Range(0, 256).OrderBy(value => ByteAlphabet.ToCharacter((byte)value)))
        {
            AddToken([(byte)value]);
        }
    }

    int AddToken(byte[] bytes)
    {
        var spelling = ByteAlphabet.Spell(bytes);
        if (!_ids.TryGetValue(spelling, out var id))
        {
            id = _tokens.Count;
            _ids.Add(spelling, id);
            _tokens.Add(bytes);
        }
        return id;
    }

    void CountWords(IEnumerable<string> texts, CancellationToken cancellation)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var splitter = new PreTokenizer([PreTokenizer.ByteLevelPattern], addPrefixSpace: false);
        var lengths = new List<int>();
        foreach (var text in texts)
        {
            cancellation.ThrowIfCancellationRequested();
            lengths.Clear();
            var cut = splitter.Split(text, lengths);
            var position = 0;
            foreach (var length in lengths)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(lookup, cut.AsSpan(position, length), out _)++;
                position += length;
            }
        }
        foreach (var (word, count) in counts)
        {
            var bytes = Encoding.UTF8.GetBytes(word);
            _words.Add(new Word([.. bytes.Select(value => _ids[ByteAlphabet.ToCharacter(value).ToString()])], count));
        }
    }

    void CountPairs()
    {
        for (var word = 0; word < _words.Count; word++)
        {
            CountWord(word, _words[word].Count);
        }
        foreach (var (key, pair) in _pairs)
        {
            _queue.Enqueue(key, (-pair.Count, key));
        }
    }

    void CountWord(int index, long change)
    {
        var tokens = _words[index].Tokens;
        for (var place = 0; place + 1 < tokens.Length; place++)
        {
            var pair = CollectionsMarshal.GetValueRefOrAddDefault(
                _pairs, TokenizerModel.Pack(tokens[place], tokens[place + 1]), out _) ??= new Pair();
            pair.Count += change;
            if (change > 0 && (pair.Words.Count == 0 || pair.Words[^1] != index))
            {
                pair.Words.Add(index);
            }
        }
    }

    void Merge(CancellationToken cancellation)
    {
        while (_tokens.Count < _options.VocabularySize && _queue.TryDequeue(out var key, out var priority))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_pairs.TryGetValue(key, out var pair) || pair.Count < _options.PairCountMin)
            {
                continue;
            }
            if (pair.Count != -priority.NegatedCount)
            {
                _queue.Enqueue(key, (-pair.Count, key));
                continue;
            }
            var (left, right) = ((int)(key >> 32), (int)key);
            var token = AddToken([.. _tokens[left], .. _tokens[right]]);
            // Two rules may spell one token; a pair that is merged already then comes back, and its rule stands.
            if (_merged.Add(key))
            {
                _merges.Add((ByteAlphabet.Spell(_tokens[left]), ByteAlphabet.Spell(_tokens[right])));
            }
            _pairs.Remove(key);
            var touched = new HashSet<long>();
            foreach (var word in pair.Words.Distinct())
            {
                MergeInWord(word, left, right, token, touched);
            }
            // Only pairs with the new token can have grown; others went down, which the heap notices when it offers them.
            foreach (var grown in touched)
            {
                _queue.Enqueue(grown, (-_pairs[grown].Count, grown));
            }
            _pairs.Remove(key);
        }
    }

    void MergeInWord(int index, int left, int right, int token, HashSet<long> touched)
    {
        var word = _words[index];
        var tokens = word.Tokens;
        var merged = new List<int>(tokens.Length);
        for (var place = 0; place < tokens.Length; place++)
        {
            var match = tokens[place] == left && place + 1 < tokens.Length && tokens[place + 1] == right;
            merged.Add(match ? token : tokens[place]);
            place += match ? 1 : 0;
        }
        if (merged.Count == tokens.Length)
        {
            return;
        }
        CountWord(index, -word.Count);
        word.Tokens = [.. merged];
        CountWord(index, word.Count);
        for (var place = 0; place + 1 < merged.Count; place++)
        {
            if (merged[place] == token || merged[place + 1] == token)
            {
                touched.Add(TokenizerModel.Pack(merged[place], merged[place + 1]));
            }
        }
    }

    byte[] WriteJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(
            stream, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true, IndentSize = 1, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            WriteAddedTokens(json);
            json.WriteNull("normalizer");
            WriteByteLevel(json, "pre_tokenizer");
            json.WriteNull("post_processor");
            WriteByteLevel(json, "decoder");
            WriteModel(json);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    void WriteAddedTokens(Utf8JsonWriter json)
    {
        json.WriteStartArray("added_tokens");
        for (var id = 0; id < _options.SpecialTokens.Count; id++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", _options.SpecialTokens[id]);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void WriteByteLevel(Utf8JsonWriter json, string field)
    {
        json.WriteStartObject(field);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", true);
        json.WriteEndObject();
    }

    void WriteModel(Utf8JsonWriter json)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteNull("unk_token");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        for (var id = 0; id < _options.SpecialTokens.Count; id++)
        {
            json.WriteNumber(_options.SpecialTokens[id], id);
        }
        foreach (var (spelling, id) in _ids.OrderBy(entry => entry.Value))
        {
            json.WriteNumber(spelling, id);
        }
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var (left, right) in _merges)
        {
            json.WriteStringValue($"{left} {right}");
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
