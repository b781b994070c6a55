using System.Text.Json;

namespace OpenLedger.Inference;

/// <summary>The content of a Hugging Face <c>tokenizer.json</c>, checked.</summary>
sealed class TokenizerFile
{
    /// <summary>Largest file taken; Llama 3's, with 128,256 tokens, has 17 MB.</summary>
    public const long SizeBytesMax = 64L << 20;

    /// <summary>Greatest token id taken: ids size the tables.</summary>
    const int TokenIdMax = (1 << 20) - 1;

    readonly string _name;

    TokenizerFile(string name) => _name = name;

    public readonly record struct AddedToken(int Id, string Content, bool Special);

    public TokenizerModel Model { get; private set; } = null!;

    /// <summary>Ids by the token's spelling in the byte alphabet.</summary>
    public Dictionary<string, int> Ids { get; } = new(StringComparer.Ordinal);

    public Dictionary<int, byte[]> Bytes { get; } = [];

    public List<AddedToken> Added { get; } = [];

    public int VocabularySize { get; private set; }

    /// <exception cref="ModelFormatException">Malformed, or of a kind that is not supported.</exception>
    public static TokenizerFile Parse(ReadOnlyMemory<byte> json, string name)
    {
        return ModelFiles.ReadJson(json, name, root =>
        {
            var file = new TokenizerFile(name);
            file.Read(root);
            return file;
        });
    }

    void Read(JsonElement root)
    {
        if (Field(root, "normalizer") is { } normalizer)
        {
            throw Error("normalizer", $"{TypeOf(normalizer)} is not supported; a byte-level tokenizer has none.");
        }
        if (Field(root, "decoder") is { } decoder && TypeOf(decoder) != "ByteLevel")
        {
            throw Error("decoder", $"{TypeOf(decoder)} is not supported, only ByteLevel.");
        }
        var model = Field(root, "model") ?? throw Error("model", "missing.");
        CheckModel(model);
        ReadAdded(root);
        ReadVocabulary(model);
        Model = new TokenizerModel
        {
            PreTokenizer = ReadPreTokenizer(root),
            ByteTokens = ReadByteTokens(),
            Merges = ReadMerges(model),
            WholePieces = IsTrue(model, "ignore_merges") ? OrdinaryIds() : null,
        };
    }

    void CheckModel(JsonElement model)
    {
        var type = Field(model, "type")?.GetString() ?? "BPE";
        if (type != "BPE")
        {
            throw Error("model.type", $"{type} is not supported, only BPE.");
        }
        if (IsTrue(model, "byte_fallback"))
        {
            throw Error("model.byte_fallback", "SentencePiece-style tokenizers are not supported, only byte-level ones.");
        }
        foreach (var field in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (Field(model, field) is { } affix && affix.GetString()!.Length > 0)
            {
                throw Error($"model.{field}", "not supported; byte-level tokenizers have none.");
            }
        }
        if (Field(model, "dropout") is { } dropout && dropout.GetDouble() != 0)
        {
            throw Error("model.dropout", "not supported: encoding would be random.");
        }
    }

    void ReadAdded(JsonElement root)
    {
        if (Field(root, "added_tokens") is not { } tokens)
        {
            return;
        }
        foreach (var token in tokens.EnumerateArray())
        {
            var content = token.GetProperty("content").GetString()!;
            foreach (var flag in (string[])["single_word", "lstrip", "rstrip"])
            {
                if (IsTrue(token, flag))
                {
                    throw Error($"added_tokens: {content}", $"{flag} is not supported.");
                }
            }
            var id = CheckId(token.GetProperty("id"), content);
            if (content.Length == 0 || Added.Exists(known => known.Id == id || known.Content == content))
            {
                throw Error($"added_tokens: {content}", $"empty, or its text or id {id} is there twice.");
            }
            Added.Add(new(id, content, IsTrue(token, "special")));
        }
    }

    void ReadVocabulary(JsonElement model)
    {
        var added = Added.ToDictionary(token => token.Id, token => token.Content);
        foreach (var entry in model.GetProperty("vocab").EnumerateObject())
        {
            var id = CheckId(entry.Value, entry.Name);
            if (added.TryGetValue(id, out var content))
            {
                if (content != entry.Name)
                {
                    throw Error($"model.vocab: {entry.Name}", $"id {id} belongs to the added token {content}.");
                }
                continue;
            }
            var bytes = ByteAlphabet.Read(entry.Name)
                ?? throw Error(
                    $"model.vocab: {entry.Name}", "not spelled in the byte-level alphabet; only byte-level tokenizers are supported.");
            if (!Bytes.TryAdd(id, bytes))
            {
                throw Error($"model.vocab: {entry.Name}", $"id {id} is there twice.");
            }
            Ids.Add(entry.Name, id);
        }
    }

    int[] ReadByteTokens()
    {
        var tokens = new int[256];
        for (var value = 0; value < 256; value++)
        {
            var spelling = ByteAlphabet.ToCharacter((byte)value).ToString();
            tokens[value] = Ids.TryGetValue(spelling, out var id)
                ? id
                : throw Error("model.vocab", $"no token for byte 0x{value:X2} ({spelling}): some texts could not be written.");
        }
        return tokens;
    }

    Dictionary<long, (int Rank, int Token)> ReadMerges(JsonElement model)
    {
        var merges = new Dictionary<long, (int Rank, int Token)>();
        var rank = 0;
        foreach (var merge in model.GetProperty("merges").EnumerateArray())
        {
            var (left, right) = ReadPair(merge, rank);
            var place = $"model.merges[{rank}]: {left} {right}";
            if (!Ids.TryGetValue(left, out var leftId) || !Ids.TryGetValue(right, out var rightId))
            {
                throw Error(place, "a part is not in the vocabulary.");
            }
            if (!Ids.TryGetValue(left + right, out var token))
            {
                throw Error(place, "the merged token is not in the vocabulary, or is an added token.");
            }
            if (!merges.TryAdd(TokenizerModel.Pack(leftId, rightId), (rank, token)))
            {
                throw Error(place, "the rule is there twice.");
            }
            rank++;
        }
        return merges;
    }

    (string Left, string Right) ReadPair(JsonElement merge, int rank)
    {
        if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2)
        {
            return (merge[0].GetString()!, merge[1].GetString()!);
        }
        var parts = merge.ValueKind == JsonValueKind.String ? merge.GetString()!.Split(' ') : [];
        return parts.Length == 2 ? (parts[0], parts[1]) : throw Error($"model.merges[{rank}]", "two tokens are expected.");
    }

    Dictionary<string, int> OrdinaryIds() => new(Ids, StringComparer.Ordinal);

    PreTokenizer ReadPreTokenizer(JsonElement root)
    {
        var element = Field(root, "pre_tokenizer")
            ?? throw Error("pre_tokenizer", "missing; ByteLevel or a sequence that ends with it is expected.");
        var stages = TypeOf(element) == "Sequence" ? [.. element.GetProperty("pretokenizers").EnumerateArray()] : new[] { element };
        var patterns = new List<string>();
        var addPrefixSpace = false;
        for (var index = 0; index < stages.Length; index++)
        {
            var last = index == stages.Length - 1;
            if (last != (TypeOf(stages[index]) == "ByteLevel"))
            {
                throw Error("pre_tokenizer", "ByteLevel is expected as the last stage, and there only.");
            }
            if (last)
            {
                addPrefixSpace = IsTrue(stages[index], "add_prefix_space");
            }
            if (ReadPattern(stages[index]) is { } pattern)
            {
                patterns.Add(pattern);
            }
        }
        if (addPrefixSpace && stages.Length > 1)
        {
            throw Error("pre_tokenizer", "add_prefix_space after other stages is not supported.");
        }
        try
        {
            return new PreTokenizer(patterns, addPrefixSpace);
        }
        catch (ArgumentException error)
        {
            throw new ModelFormatException(_name, "pre_tokenizer", $"the pattern is not supported: {error.Message}", error);
        }
    }

    string? ReadPattern(JsonElement stage)
    {
        switch (TypeOf(stage))
        {
            case "ByteLevel":
                return Field(stage, "use_regex") is { ValueKind: JsonValueKind.False } ? null : PreTokenizer.ByteLevelPattern;
            case "Digits" when IsTrue(stage, "individual_digits"):
                return PreTokenizer.DigitPattern;
            case "Split":
                if (stage.GetProperty("behavior").GetString() != "Isolated" || IsTrue(stage, "invert"))
                {
                    throw Error("pre_tokenizer: Split", "only behavior Isolated, not inverted, is supported.");
                }
                return Field(stage.GetProperty("pattern"), "Regex")?.GetString()
                    ?? throw Error("pre_tokenizer: Split", "only a Regex pattern is supported.");
            default:
                throw Error("pre_tokenizer", $"{TypeOf(stage)} is not supported.");
        }
    }

    int CheckId(JsonElement value, string token)
    {
        if (!value.TryGetInt32(out var id) || id < 0 || id > TokenIdMax)
        {
            throw Error(token, $"id {value.GetRawText()} is outside 0…{TokenIdMax}.");
        }
        VocabularySize = Math.Max(VocabularySize, id + 1);
        return id;
    }

    static JsonElement? Field(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    static bool IsTrue(JsonElement element, string name) => Field(element, name) is { ValueKind: JsonValueKind.True };

    static string TypeOf(JsonElement element) => element.GetProperty("type").GetString()!;

    ModelFormatException Error(string part, string problem) => new(_name, part, problem);
}
