using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace OpenLedger.Inference;

/// <summary>A byte-level BPE tokenizer, read from a Hugging Face <c>tokenizer.json</c>. Immutable; safe to share between threads.</summary>
/// <remarks>Sennrich et al. (2016) over bytes, as in GPT-2 and Llama 3: any text can be written, and decodes to itself.</remarks>
public sealed class Tokenizer
{
    /// <summary>Most pieces whose tokens are remembered; past it pieces are encoded afresh.</summary>
    const int CachedPiecesMax = 32_768;

    /// <summary>Longest piece, in UTF-16 units, whose tokens are remembered.</summary>
    const int CachedPieceLengthMax = 48;

    readonly byte[] _json;
    readonly TokenizerModel _model;
    readonly byte[]?[] _bytes;
    readonly bool[] _special;
    readonly Dictionary<string, int> _ids;
    readonly Dictionary<string, int> _addedIds;
    readonly SearchValues<string> _ordinaryAdded;
    readonly SearchValues<string> _allAdded;
    readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);
    int _cachedPieceCount;

    Tokenizer(byte[] json, TokenizerFile file)
    {
        _json = json;
        _model = file.Model;
        _ids = file.Ids;
        _addedIds = file.Added.ToDictionary(token => token.Content, token => token.Id, StringComparer.Ordinal);
        VocabularySize = file.VocabularySize;
        _bytes = new byte[]?[VocabularySize];
        _special = new bool[VocabularySize];
        foreach (var (id, bytes) in file.Bytes)
        {
            _bytes[id] = bytes;
        }
        foreach (var token in file.Added)
        {
            _bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
            _special[token.Id] = token.Special;
        }
        SpecialTokens =
            file.Added.Where(token => token.Special).ToDictionary(token => token.Content, token => token.Id, StringComparer.Ordinal);
        _ordinaryAdded =
            SearchValues.Create([.. file.Added.Where(token => !token.Special).Select(token => token.Content)], StringComparison.Ordinal);
        _allAdded = SearchValues.Create([.. file.Added.Select(token => token.Content)], StringComparison.Ordinal);
    }

    /// <summary>One more than the greatest token id: the fewest rows that an embedding table must have.</summary>
    public int VocabularySize { get; }

    /// <summary>Control tokens such as <c>&lt;|begin|&gt;</c> by their text. Ordinary encoding never yields them.</summary>
    public IReadOnlyDictionary<string, int> SpecialTokens { get; }

    /// <summary>Reads a <c>tokenizer.json</c>.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or of a kind that is not supported.</exception>
    public static Tokenizer Load(string path) => Parse(ModelFiles.ReadAll(path, TokenizerFile.SizeBytesMax), Path.GetFileName(path));

    /// <summary>Reads the bytes of a <c>tokenizer.json</c>; the name is for errors.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or of a kind that is not supported.</exception>
    public static Tokenizer Parse(ReadOnlyMemory<byte> json, string name) => new(json.ToArray(), TokenizerFile.Parse(json, name));

    /// <summary>The bytes of the <c>tokenizer.json</c>, as read or as trained.</summary>
    public byte[] ToJson() => [.. _json];

    /// <summary>Writes the <c>tokenizer.json</c>, whole or not at all.</summary>
    public void Save(string path) => ModelFiles.WriteAll(path, _json);

    /// <summary>The id of a token by its text, special tokens included, or null.</summary>
    public int? IdOf(string token)
    {
        if (_addedIds.TryGetValue(token, out var added))
        {
            return added;
        }
        return _ids.TryGetValue(ByteAlphabet.Spell(Encoding.UTF8.GetBytes(token)), out var id) ? id : null;
    }

    public bool IsSpecial(int id) => (uint)id < (uint)_special.Length && _special[id];

    /// <summary>The bytes that a token stands for; empty for an id that no token has. They need not be whole UTF-8.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => (uint)id < (uint)_bytes.Length ? _bytes[id] : [];

    /// <summary>The tokens of a text. Special tokens written in it are taken as plain text.</summary>
    public int[] Encode(string text) => Encode(text, allowSpecial: false);

    /// <summary>
    /// The tokens of a text; with <paramref name="allowSpecial"/> the text may name special tokens, so never pass a stranger's.
    /// </summary>
    public int[] Encode(string text, bool allowSpecial)
    {
        var tokens = new List<int>(text.Length / 3 + 4);
        var lengths = new List<int>();
        var added = allowSpecial ? _allAdded : _ordinaryAdded;
        var position = 0;
        while (position < text.Length)
        {
            var found = text.AsSpan(position).IndexOfAny(added);
            if (found < 0)
            {
                break;
            }
            var token = LongestAdded(text.AsSpan(position + found), allowSpecial);
            EncodePlain(text.Substring(position, found), tokens, lengths);
            tokens.Add(_addedIds[token]);
            position += found + token.Length;
        }
        EncodePlain(position == 0 ? text : text[position..], tokens, lengths);
        return [.. tokens];
    }

    /// <summary>The text of tokens. Bytes that are no UTF-8 become U+FFFD; special tokens are left out unless asked for.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = true)
    {
        var bytes = new ArrayBufferWriter<byte>(ids.Length * 4 + 1);
        foreach (var id in ids)
        {
            if (!skipSpecial || !IsSpecial(id))
            {
                bytes.Write(BytesOf(id));
            }
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    string LongestAdded(ReadOnlySpan<char> text, bool allowSpecial)
    {
        string? longest = null;
        foreach (var (content, id) in _addedIds)
        {
            if ((allowSpecial || !_special[id]) && content.Length > (longest?.Length ?? 0)
                && text.StartsWith(content, StringComparison.Ordinal))
            {
                longest = content;
            }
        }
        return longest!;
    }

    void EncodePlain(string text, List<int> tokens, List<int> lengths)
    {
        if (text.Length == 0)
        {
            return;
        }
        lengths.Clear();
        var cut = _model.PreTokenizer.Split(text, lengths);
        var cache = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
        var position = 0;
        foreach (var length in lengths)
        {
            var piece = cut.AsSpan(position, length);
            position += length;
            if (length > CachedPieceLengthMax)
            {
                _model.Encode(piece, tokens);
                continue;
            }
            if (cache.TryGetValue(piece, out var known))
            {
                tokens.AddRange(known);
                continue;
            }
            var begin = tokens.Count;
            _model.Encode(piece, tokens);
            if (Volatile.Read(ref _cachedPieceCount) < CachedPiecesMax && cache.TryAdd(piece, [.. tokens[begin..]]))
            {
                Interlocked.Increment(ref _cachedPieceCount);
            }
        }
    }
}
