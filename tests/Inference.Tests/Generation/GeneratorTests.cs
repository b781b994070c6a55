namespace OpenLedger.Inference.Tests;

public sealed class GeneratorTests
{
    static readonly Generator Generator =
        new(new CausalModel(Models.Weights(Models.Grouped with { VocabularySize = Models.Tokenizer.VocabularySize })), Models.Tokenizer);
    static readonly int[] Prompt = [0, 40, 41];

    [Fact]
    public void Greedy_answers_are_the_most_probable_tokens_recomputed_from_the_start()
    {
        var answer = Generator.Complete(Prompt, new() { TokenCountMax = 12, EndTokenIds = [] });
        var tokens = new List<int>(Prompt);
        var sum = 0.0;
        foreach (var token in answer.TokenIds)
        {
            var logits = Generator.Model.Forward([.. tokens], Generator.Model.CreateCache());
            token.Should().Be(Array.IndexOf(logits, logits.Max()));
            sum += LogSoftmax.At(logits, token);
            tokens.Add(token);
        }
        (answer.TokenIds.Count, answer.Finish).Should().Be((12, FinishReason.TokenCount));
        answer.Text.Should().Be(Models.Tokenizer.Decode([.. answer.TokenIds]));
        answer.LogProbability.Should().BeApproximately(sum, 1e-9);
    }

    [Fact]
    public void The_same_seed_gives_the_same_answer()
    {
        string Answer(int seed) => string.Join(' ', Generator.Complete(Prompt, Sampled(seed)).TokenIds);
        Answer(7).Should().Be(Answer(7));
        Answer(7).Should().NotBe(Answer(8));
    }

    [Fact]
    public void Every_way_to_end_shows_on_the_last_piece_alone()
    {
        var free = Generator.Generate(Prompt, Sampled(1)).ToList();
        free.SkipLast(1).Should().OnlyContain(piece => piece.Finish == FinishReason.None);
        free[^1].Finish.Should().Be(FinishReason.TokenCount);

        var ended = Generator.Complete(Prompt, Sampled(1) with { EndTokenIds = [free[5].TokenId] });
        ended.Finish.Should().Be(FinishReason.EndToken);
        ended.TokenIds.Should().Equal(free.Select(piece => piece.TokenId).TakeWhile(token => token != free[5].TokenId));
        ended.Text.Should().Be(Models.Tokenizer.Decode([.. ended.TokenIds]));

        var full = Generator.Complete(Prompt, Sampled(1) with { TokenCountMax = 1000 });
        full.Finish.Should().Be(FinishReason.Context);
        full.TokenIds.Should().HaveCount(Generator.Model.Config.ContextLength - Prompt.Length + 1);
    }

    [Fact]
    public void A_stop_string_over_several_tokens_ends_the_answer_before_it()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var free = Generator.Complete(Prompt, Sampled(seed));
            for (var begin = 1; begin + 5 < free.Text.Length; begin += 7)
            {
                var stop = free.Text.Substring(begin, 5);
                // Half of a replaced byte sequence cannot be told from the other half; only clean text makes a stop string.
                if (stop.Contains('\uFFFD', StringComparison.Ordinal))
                {
                    continue;
                }
                var stopped = Generator.Complete(Prompt, Sampled(seed) with { Stops = ["never seen", stop] });
                stopped.Finish.Should().Be(FinishReason.Stop);
                stopped.Text.Should().Be(free.Text[..free.Text.IndexOf(stop, StringComparison.Ordinal)]);
            }
        }
    }

    [Fact]
    public void Text_that_only_looked_like_a_stop_string_is_given_in_the_end()
    {
        var free = Generator.Complete(Prompt, Sampled(2));
        var near = Generator.Complete(Prompt, Sampled(2) with { Stops = [free.Text[^3..] + "x", free.Text[2..6] + "\u0001\u0001"] });
        near.Text.Should().Be(free.Text);
    }

    [Theory]
    [InlineData(new[] { "ab" }, new[] { "xa", "b", "c" }, "x", true)]
    [InlineData(new[] { "aab" }, new[] { "a", "a", "a", "b" }, "a", true)]
    [InlineData(new[] { "abc" }, new[] { "a", "b", "d" }, "abd", false)]
    [InlineData(new[] { "cd", "bcx" }, new[] { "ab", "c", "d" }, "ab", true)]
    [InlineData(new[] { "b", "ab" }, new[] { "cab" }, "c", true)]
    public void Stop_strings_are_found_across_pieces(string[] stops, string[] pieces, string expected, bool stopped)
    {
        var scanner = new StopScanner(stops);
        var text = "";
        foreach (var piece in pieces)
        {
            text += scanner.Append(piece);
            if (scanner.Stopped)
            {
                break;
            }
        }
        (text + scanner.Finish(), scanner.Stopped).Should().Be((expected, stopped));
    }

    [Fact]
    public void A_prompt_that_fills_the_context_is_refused_with_both_numbers()
    {
        var act = () => Generator.Generate(Models.Tokens(64, 200), new());
        act.Should().Throw<ContextLengthException>().WithMessage("65 tokens*context of 64*");
    }

    public static TheoryData<GenerationOptions, string> BadOptions => new()
    {
        { new() { TokenCountMax = 0 }, "TokenCountMax" },
        { new() { Sampling = new() { Temperature = -1 } }, "Temperature" },
        { new() { Sampling = new() { Temperature = float.NaN } }, "Temperature" },
        { new() { Sampling = new() { TopK = -1 } }, "TopK" },
        { new() { Sampling = new() { TopP = 0 } }, "TopP" },
        { new() { Sampling = new() { TopP = 1.1f } }, "TopP" },
        { new() { Stops = [""] }, "Stops" },
        { new() { Stops = [new string('x', 257)] }, "Stops" },
        { new() { Stops = [.. Enumerable.Repeat("x", 17)] }, "Stops" },
    };

    [Theory]
    [MemberData(nameof(BadOptions), DisableDiscoveryEnumeration = true)]
    public void Options_out_of_range_are_named(GenerationOptions options, string field)
    {
        var act = () => Generator.Generate(Prompt, options);
        act.Should().Throw<GenerationOptionsException>().Which.Field.Should().Be(field);
    }

    [Theory]
    [InlineData()]
    [InlineData(-1)]
    [InlineData(5000)]
    public void A_prompt_without_tokens_or_with_foreign_ones_is_refused(params int[] prompt)
    {
        var act = () => Generator.Generate(prompt, new());
        act.Should().Throw<GenerationOptionsException>().Which.Field.Should().Be("Prompt");
    }

    [Fact]
    public void Cancellation_ends_between_two_tokens()
    {
        using var source = new CancellationTokenSource();
        var seen = 0;
        var act = () =>
        {
            foreach (var piece in Generator.Generate(Prompt, Sampled(1), cancellation: source.Token))
            {
                if (++seen == 3)
                {
                    source.Cancel();
                }
            }
        };
        act.Should().Throw<OperationCanceledException>();
        seen.Should().Be(3);
    }

    static GenerationOptions Sampled(int seed) =>
        new() { TokenCountMax = 30, EndTokenIds = [], Sampling = new() { Temperature = 1.5f, Seed = seed } };
}
