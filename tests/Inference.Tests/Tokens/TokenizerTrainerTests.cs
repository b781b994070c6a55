using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Inference.Tests;

public sealed class TokenizerTrainerTests
{
    [Fact]
    public void The_most_frequent_pair_merges_first_and_ties_go_to_the_lower_ids()
    {
        // Counts: l·o 3, o·w 3, w·e 2, then ow is left of e and r.
        var tokenizer = TokenizerTrainer.Train(["low", "lower", "slower"], new() { VocabularySize = 262 });
        Merges(tokenizer).Should().Equal("l o", "lo w", "e r", "low er");
        tokenizer.Encode("lower").Should().Equal(tokenizer.VocabularySize - 1);
    }

    [Fact]
    public void The_same_texts_give_the_same_bytes()
    {
        string[] texts = ["the cat sat on the mat", "the dog sat on the log", "naïve 北京 🙂"];
        var options = new TokenizerTrainerOptions { VocabularySize = 290 };
        TokenizerTrainer.Train(texts, options).ToJson().Should().Equal(TokenizerTrainer.Train(texts, options).ToJson());
    }

    [Fact]
    public void Incremental_counts_give_what_counting_anew_each_time_gives()
    {
        var word = Gen.Elements('a', 'b', 'c').NonEmptyListOf().Select(letters => new string([.. letters]));
        Prop.ForAll(word.NonEmptyListOf().ToArbitrary(), words =>
        {
            var tokenizer = TokenizerTrainer.Train(words, new() { VocabularySize = 256 + 2 + 12 });
            return Merges(tokenizer).SequenceEqual(NaiveMerges(tokenizer, words, 12));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Special_tokens_come_first_and_their_text_is_not_learned_as_them()
    {
        var tokenizer = TokenizerTrainer.Train(
            Enumerable.Repeat("<|end|>", 100), new() { VocabularySize = 400, SpecialTokens = ["<|begin|>", "<|end|>", "<|user|>"] });
        tokenizer.SpecialTokens.Should().Equal(new Dictionary<string, int> { ["<|begin|>"] = 0, ["<|end|>"] = 1, ["<|user|>"] = 2 });
        tokenizer.Encode("<|end|>").Should().NotContain(1);
    }

    [Fact]
    public void A_small_text_gives_fewer_tokens_than_asked_for() =>
        TokenizerTrainer.Train(["abc"], new() { VocabularySize = 1000 }).VocabularySize.Should().Be(258);

    [Fact]
    public void A_vocabulary_without_room_for_the_bytes_is_refused()
    {
        var train = () => TokenizerTrainer.Train(["abc"], new() { VocabularySize = 257 });
        train.Should().Throw<ArgumentException>().WithMessage("*257*258*");
    }

    static IEnumerable<string> Merges(Tokenizer tokenizer) =>
        JsonNode.Parse(tokenizer.ToJson())!["model"]!["merges"]!.AsArray().Select(merge => merge!.GetValue<string>());

    static List<string> NaiveMerges(Tokenizer tokenizer, IEnumerable<string> words, int count)
    {
        var parts = words.Select(word => word.Select(letter => letter.ToString()).ToList()).ToList();
        var merges = new List<string>();
        while (merges.Count < count)
        {
            var best = parts.SelectMany(word => word.Zip(word.Skip(1))).CountBy(pair => pair).Where(pair => pair.Value >= 2)
                .OrderByDescending(pair => pair.Value).ThenBy(pair => tokenizer.IdOf(pair.Key.First)).ThenBy(
                    pair => tokenizer.IdOf(pair.Key.Second))
                .FirstOrDefault();
            if (best.Value == 0)
            {
                break;
            }
            merges.Add($"{best.Key.First} {best.Key.Second}");
            foreach (var word in parts)
            {
                for (var index = 0; index + 1 < word.Count; index++)
                {
                    if ((word[index], word[index + 1]) == best.Key)
                    {
                        word[index] += word[index + 1];
                        word.RemoveAt(index + 1);
                    }
                }
            }
        }
        return merges;
    }
}
