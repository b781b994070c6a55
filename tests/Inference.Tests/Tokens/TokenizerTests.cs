using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Inference.Tests;

public sealed class TokenizerTests
{
    const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    static readonly Tokenizer Tokenizer = Models.Tokenizer;

    public static TheoryData<string> Texts =>
    [
        "", " ", "the cat sat on the mat", "  two  spaces  ", "line\r\n\r\n  next\n", "don't we'll I'M 12345 3.14",
        "naïve Äpfel 北京 🙂🙂🏽 👩‍👩‍👧",
        "𝒜𝒷 𐍈 𝟙𝟚 mathematical letters and digits", "\0\u0001\u007f\u0085\u00a0\u2028\ufeff", "tab\tand\u3000wide",
            new string('x', 1000) + new string(' ', 1000),
        "'s't're've", "<|begin|><|end|>",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_decodes_to_itself_whole_and_streamed(string text)
    {
        foreach (var tokenizer in (Tokenizer[])[Tokenizer, WithPattern(Llama3Pattern)])
        {
            var ids = tokenizer.Encode(text);
            tokenizer.Decode(ids).Should().Be(text);
            Streamed(tokenizer, ids).Should().Be(text);
        }
    }

    [Fact]
    public void Any_unicode_text_decodes_to_itself()
    {
        var scalar = Gen.OneOf(Gen.Choose(0, 0x7F), Gen.Choose(0xA0, 0xD7FF), Gen.Choose(0xE000, 0xFFFF), Gen.Choose(0x10000, 0x10FFFF));
        var text = scalar.ListOf().Select(values => string.Concat(values.Select(value => new Rune(value).ToString()))).ToArbitrary();
        var llama = WithPattern(Llama3Pattern);
        Prop.ForAll(text, value => new[] { Tokenizer, llama }.All(tokenizer =>
        {
            var ids = tokenizer.Encode(value);
            return tokenizer.Decode(ids) == value && Streamed(tokenizer, ids) == value;
        })).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_character()
    {
        Tokenizer.Decode(Tokenizer.Encode("a\ud83db")).Should().Be("a\ufffdb");
        Tokenizer.Decode(Tokenizer.Encode("\udc00")).Should().Be("\ufffd");
    }

    [Fact]
    public void Bytes_that_are_no_text_come_out_as_the_replacement_character()
    {
        var decoder = new StreamingDecoder(Tokenizer);
        var lead = Tokenizer.Encode("é")[0];
        decoder.Append(lead).Should().BeEmpty();
        decoder.Append(Tokenizer.IdOf("a")!.Value).Should().Be("\ufffda");
        decoder.Append(lead).Should().BeEmpty();
        decoder.Finish().Should().Be("\ufffd");
        decoder.Append(Tokenizer.IdOf("a")!.Value).Should().Be("a");
    }

    [Fact]
    public void A_long_word_is_cut_as_a_short_one_would_be()
    {
        // The scan and the heap are two implementations of one rule; the words straddle the border between them.
        var tokenizer = TokenizerTrainer.Train(
            [string.Concat(Enumerable.Repeat("abcabcabdabeaab ", 40)) + "bcabcb cabdab"], new() { VocabularySize = 290 });
        Prop.ForAll(Gen.Elements('a', 'b', 'c', 'd', 'e').ListOf(300).ToArbitrary(), letters =>
        {
            var word = new string([.. letters]);
            return tokenizer.Encode(word).SequenceEqual(NaiveEncode(tokenizer, word));
        }).QuickCheckThrowOnFailure();
        for (var length = 1; length < 80; length++)
        {
            var word = string.Concat(Enumerable.Repeat("abcabdaab", 10))[..length];
            tokenizer.Encode(word).Should().Equal(NaiveEncode(tokenizer, word));
        }
    }

    [Fact]
    public void Text_from_a_user_never_makes_a_special_token()
    {
        var specials = Tokenizer.SpecialTokens.Values.ToHashSet();
        specials.Should().Equal(0, 1);
        foreach (var text in (string[])["<|end|>", "a<|begin|>b", "<|end|><|end|>", "<|en<|end|>d|>", " <|end|> "])
        {
            var ids = Tokenizer.Encode(text);
            ids.Should().NotContain(id => specials.Contains(id));
            Tokenizer.Decode(ids).Should().Be(text);
        }
        Tokenizer.Encode("a<|end|>b<|begin|>", allowSpecial: true).Should().Equal(
            [.. Tokenizer.Encode("a"), 1, .. Tokenizer.Encode("b"), 0]);
        Tokenizer.Decode([0, .. Tokenizer.Encode("hi"), 1]).Should().Be("hi");
        Tokenizer.Decode([0, .. Tokenizer.Encode("hi"), 1], skipSpecial: false).Should().Be("<|begin|>hi<|end|>");
    }

    [Fact]
    public void No_merge_can_make_a_special_token()
    {
        var json = Json(Tokenizer);
        var model = json["model"]!.AsObject();
        model["vocab"]!["<|"] = 400;
        model["merges"]!.AsArray().Insert(0, "< |");
        json["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{"id":400,"content":"<|","special":true}"""));
        Refused(json).Should().Contain("model.merges[0]: < |").And.Contain("added token");
    }

    [Fact]
    public void An_added_token_that_is_not_special_is_found_in_text_the_longest_first()
    {
        var json = Json(Tokenizer);
        json["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{"id":400,"content":"##","special":false}"""));
        json["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{"id":401,"content":"###","special":false}"""));
        var tokenizer = Parse(json);
        tokenizer.Encode("a###b##").Should().Equal([.. Tokenizer.Encode("a"), 401, .. Tokenizer.Encode("b"), 400]);
        tokenizer.Decode(tokenizer.Encode("a###b##")).Should().Be("a###b##");
        tokenizer.VocabularySize.Should().Be(402);
    }

    [Fact]
    public void Both_spellings_of_merges_give_the_same_tokens()
    {
        var json = Json(Tokenizer);
        var pairs = json["model"]!["merges"]!.AsArray().Select(
            merge => new JsonArray([.. merge!.GetValue<string>().Split(' ').Select(part => JsonValue.Create(part))]));
        json["model"]!["merges"] = new JsonArray([.. pairs]);
        Parse(json).Encode("the cat and the rest").Should().Equal(Tokenizer.Encode("the cat and the rest"));
    }

    [Fact]
    public void A_letter_beyond_the_basic_plane_is_a_letter()
    {
        // With .NET's own view of surrogates, 𝒜 would be a symbol and split from the letters around it.
        var tokenizer = TokenizerTrainer.Train(Enumerable.Repeat("a𝒜b 𝒜𝒜", 50), new() { VocabularySize = 280 });
        tokenizer.Encode("a𝒜b").Should().ContainSingle();
        tokenizer.Encode(" 𝒜𝒜").Should().ContainSingle();
    }

    [Theory]
    [InlineData("model.type", "\"WordPiece\"", "model.type: WordPiece")]
    [InlineData("model.type", "\"Unigram\"", "model.type: Unigram")]
    [InlineData("model.byte_fallback", "true", "model.byte_fallback")]
    [InlineData("model.dropout", "0.1", "model.dropout")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix")]
    [InlineData("model.continuing_subword_prefix", "\"##\"", "model.continuing_subword_prefix")]
    [InlineData("normalizer", "{\"type\":\"NFC\"}", "normalizer: NFC")]
    [InlineData("pre_tokenizer", "{\"type\":\"Metaspace\"}", "pre_tokenizer")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer: missing")]
    [InlineData("decoder", "{\"type\":\"Metaspace\"}", "decoder: Metaspace")]
    [InlineData("model", "null", "model: missing")]
    [InlineData("model.vocab", "{}", "no token for byte 0x00")]
    [InlineData("model.merges", "[\"a\"]", "model.merges[0]")]
    [InlineData("model.merges", "[\"a zz\"]", "model.merges[0]: a zz")]
    [InlineData("model.merges", "[\"a \u0100\"]", "merged token is not in the vocabulary")]
    [InlineData("model.merges", "5", "JSON")]
    [InlineData("added_tokens", "[{\"id\":0,\"content\":\"x\",\"lstrip\":true}]", "added_tokens: x: lstrip")]
    [InlineData("added_tokens", "[{\"id\":-1,\"content\":\"x\"}]", "x: id -1")]
    [InlineData("added_tokens", "[{\"id\":2000000000,\"content\":\"x\"}]", "x: id 2000000000")]
    [InlineData("added_tokens", "[{\"id\":0,\"content\":\"x\"},{\"id\":0,\"content\":\"y\"}]", "added_tokens: y")]
    public void What_is_not_supported_is_refused_by_name(string field, string value, string message)
    {
        var json = Json(Tokenizer);
        var parent = field.Contains('.', StringComparison.Ordinal) ? json[field.Split('.')[0]]!.AsObject() : json;
        parent[field.Split('.')[^1]] = JsonNode.Parse(value);
        Refused(json).Should().Contain(message);
    }

    [Theory]
    [InlineData("(", "Isolated", "pattern is not supported")]
    [InlineData("a", "Removed", "Isolated")]
    public void A_split_that_is_not_supported_is_refused(string pattern, string behavior, string message)
    {
        var json = Json(Tokenizer);
        json["pre_tokenizer"] = Split(pattern, behavior);
        Refused(json).Should().Contain("pre_tokenizer").And.Contain(message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":1,\"a\":2},\"merges\":[]}}")]
    public void Malformed_json_is_a_typed_error(string json)
    {
        var parse = () => Tokenizer.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json");
        parse.Should().Throw<ModelFormatException>().Which.File.Should().Be("tokenizer.json");
    }

    [Fact]
    public void A_saved_tokenizer_loads_as_it_was()
    {
        using var folder = new TemporaryFolder();
        Tokenizer.Save(folder.File("tokenizer.json"));
        var loaded = Tokenizer.Load(folder.File("tokenizer.json"));
        loaded.ToJson().Should().Equal(Tokenizer.ToJson());
        loaded.Encode("the dog").Should().Equal(Tokenizer.Encode("the dog"));
    }

    [Fact]
    public void Many_threads_share_one_tokenizer()
    {
        var texts = Enumerable.Range(0, 400).Select(index => $"the cat {index} sat {index * 7} on the mat").ToArray();
        var expected = texts.Select(text => Tokenizer.Parse(Tokenizer.ToJson(), "x").Encode(text)).ToArray();
        var shared = Tokenizer.Parse(Tokenizer.ToJson(), "x");
        Parallel.For(
            0, 4 * texts.Length, index => shared.Encode(texts[index % texts.Length]).Should().Equal(expected[index % texts.Length]));
    }

    static int[] NaiveEncode(Tokenizer tokenizer, string word)
    {
        var ranks = Json(tokenizer)["model"]!["merges"]!.AsArray().Select(
            (merge, rank) => (Pair: merge!.GetValue<string>(), rank)).ToDictionary(x => x.Pair, x => x.rank);
        var parts = word.Select(letter => letter.ToString()).ToList();
        while (true)
        {
            var best = (Rank: int.MaxValue, Place: 0);
            for (var place = 0; place + 1 < parts.Count; place++)
            {
                if (ranks.TryGetValue($"{parts[place]} {parts[place + 1]}", out var rank) && rank < best.Rank)
                {
                    best = (rank, place);
                }
            }
            if (best.Rank == int.MaxValue)
            {
                return [.. parts.Select(part => tokenizer.IdOf(part)!.Value)];
            }
            parts[best.Place] += parts[best.Place + 1];
            parts.RemoveAt(best.Place + 1);
        }
    }

    static Tokenizer WithPattern(string pattern)
    {
        var json = Json(Tokenizer);
        json["pre_tokenizer"] = Split(pattern, "Isolated");
        json["model"]!["ignore_merges"] = true;
        return Parse(json);
    }

    static JsonObject Split(string pattern, string behavior)
    {
        var split = JsonNode.Parse("""{"type":"Split","invert":false}""")!;
        split["pattern"] = new JsonObject { ["Regex"] = pattern };
        split["behavior"] = behavior;
        var bytes = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}""");
        return new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(split, bytes) };
    }

    static string Streamed(Tokenizer tokenizer, int[] ids)
    {
        var decoder = new StreamingDecoder(tokenizer);
        return string.Concat(ids.Select(decoder.Append)) + decoder.Finish();
    }

    static JsonObject Json(Tokenizer tokenizer) => JsonNode.Parse(tokenizer.ToJson())!.AsObject();

    static Tokenizer Parse(JsonObject json) => Tokenizer.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "tokenizer.json");

    static string Refused(JsonObject json)
    {
        var parse = () => Parse(json);
        return parse.Should().Throw<ModelFormatException>().Which.Message;
    }
}
