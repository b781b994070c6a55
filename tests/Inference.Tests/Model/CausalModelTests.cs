namespace OpenLedger.Inference.Tests;

public sealed class CausalModelTests
{
    const double ToleranceMax = 1e-4;

    [Theory]
    [MemberData(nameof(Models.Names), MemberType = typeof(Models))]
    public void Logits_match_an_independent_double_precision_model(string name)
    {
        var weights = Models.Weights(Models.Named(name));
        var tokens = Models.Tokens(41, weights.Config.VocabularySize);
        Compare(new ReferenceModel(weights).Logits(tokens), All(new CausalModel(weights), tokens));
    }

    [Theory]
    [InlineData("grouped", 1)]
    [InlineData("odd", 3)]
    [InlineData("full", 8)]
    [InlineData("odd", 40)]
    public void An_adapter_beside_the_base_matches_the_independent_model_with_it(string name, int rank)
    {
        var weights = Models.Weights(Models.Named(name));
        var adapter = Models.Adapter(weights.Config, seed: 4, rank, scale: 0.5f);
        adapter[0, Projection.Key] = null;
        var tokens = Models.Tokens(19, weights.Config.VocabularySize);
        Compare(new ReferenceModel(weights, adapter).Logits(tokens), All(new CausalModel(weights), tokens, new PackedAdapter(adapter)));
    }

    [Theory]
    [MemberData(nameof(Models.Names), MemberType = typeof(Models))]
    public void Decoding_with_the_cache_equals_computing_all_at_once_bit_for_bit(string name)
    {
        var model = new CausalModel(Models.Weights(Models.Named(name)));
        var adapter = new PackedAdapter(Models.Adapter(model.Config, seed: 2));
        var tokens = Models.Tokens(64, model.Config.VocabularySize);
        foreach (var served in (PackedAdapter?[])[null, adapter])
        {
            var together = All(model, tokens, served);
            var cache = model.CreateCache();
            for (var index = 0; index < tokens.Length; index++)
            {
                model.Forward([tokens[index]], cache, served).Should().Equal(together[index]);
            }
        }
    }

    [Fact]
    public void Any_way_of_cutting_the_prompt_gives_the_same_bits()
    {
        var model = new CausalModel(Models.Weights(Models.Odd with { ContextLength = 200 }));
        var tokens = Models.Tokens(150, model.Config.VocabularySize);
        var whole = model.Forward(tokens, model.CreateCache());
        foreach (var cut in (int[])[1, 7, 8, 63, 64, 65, 149])
        {
            var cache = model.CreateCache();
            model.Forward(tokens.AsSpan(0, cut), cache);
            model.Forward(tokens.AsSpan(cut), cache).Should().Equal(whole, because: $"cut at {cut}");
        }
    }

    [Fact]
    public void Threads_do_not_change_a_bit()
    {
        var weights = Models.Weights(Models.Odd with { HiddenSize = 130, IntermediateSize = 601 });
        using var pool = new ComputePool(2);
        var tokens = Models.Tokens(30, weights.Config.VocabularySize);
        All(new CausalModel(weights, pool), tokens).Should().BeEquivalentTo(
            All(new CausalModel(weights), tokens), options => options.WithStrictOrdering());
    }

    [Theory]
    [MemberData(nameof(Models.Names), MemberType = typeof(Models))]
    public void An_adapter_with_zero_B_equals_the_base_bit_for_bit(string name)
    {
        var model = new CausalModel(Models.Weights(Models.Named(name)));
        var adapter = new PackedAdapter(Models.Adapter(model.Config, seed: 3, zeroB: true));
        var tokens = Models.Tokens(20, model.Config.VocabularySize);
        var bare = All(model, tokens);
        var adapted = All(model, tokens, adapter);
        for (var index = 0; index < tokens.Length; index++)
        {
            adapted[index].Select(BitConverter.SingleToInt32Bits).Should().Equal(bare[index].Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(33)]
    public void Merged_weights_equal_the_adapter_beside_the_base(int rank)
    {
        var weights = Models.Weights(Models.Odd);
        var adapter = Models.Adapter(weights.Config, seed: 9, rank, scale: 1.5f);
        var tokens = Models.Tokens(25, weights.Config.VocabularySize);
        var beside = All(new CausalModel(weights), tokens, new PackedAdapter(adapter));
        Merge(weights, adapter);
        var merged = All(new CausalModel(weights), tokens);
        Compare([.. merged.Select(row => row.Select(value => (double)value).ToArray())], beside);
    }

    [Fact]
    public void Weights_and_adapters_are_copied_when_served()
    {
        var weights = Models.Weights(Models.Grouped);
        var adapter = Models.Adapter(weights.Config, seed: 1);
        var (model, packed) = (new CausalModel(weights), new PackedAdapter(adapter));
        int[] tokens = [3, 4, 5];
        var before = model.Forward(tokens, model.CreateCache(), packed);
        foreach (var (_, _, values) in WeightNames.All(weights))
        {
            Array.Clear(values);
        }
        adapter.Matrices().ToList().ForEach(entry => Array.Clear(entry.Matrix.B));
        model.Forward(tokens, model.CreateCache(), packed).Should().Equal(before);
    }

    [Fact]
    public void A_sequence_longer_than_the_context_is_refused_and_left_unchanged()
    {
        var model = new CausalModel(Models.Weights(Models.Grouped));
        var cache = model.CreateCache();
        model.Forward(Models.Tokens(60, 300), cache);
        var act = () => model.Forward(Models.Tokens(5, 300), cache);
        var error = act.Should().Throw<ContextLengthException>().WithMessage("65 tokens do not fit the model's context of 64*").Which;
        (error.TokenCount, error.ContextLength, cache.Length).Should().Be((65, 64, 60));
        model.Forward(Models.Tokens(4, 300), cache).Should().HaveCount(300);
    }

    [Fact]
    public void A_cache_refuses_another_adapter_than_it_was_made_under()
    {
        var model = new CausalModel(Models.Weights(Models.Grouped));
        var cache = model.CreateCache();
        model.Forward([1], cache);
        var act = () => model.Forward([2], cache, new PackedAdapter(Models.Adapter(model.Config, seed: 1)));
        act.Should().Throw<InvalidOperationException>().WithMessage("*another adapter*");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(300)]
    public void A_token_outside_the_vocabulary_is_refused(int token)
    {
        var model = new CausalModel(Models.Weights(Models.Grouped));
        var act = () => model.Forward([token], model.CreateCache());
        act.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_truncated_cache_continues_as_if_the_rest_had_never_been()
    {
        var model = new CausalModel(Models.Weights(Models.Grouped));
        var cache = model.CreateCache();
        model.Forward([5, 6, 7], cache);
        var expected = model.Forward([8, 9], cache);
        cache.Truncate(3);
        model.Forward([100, 101, 102], cache);
        cache.Truncate(3);
        model.Forward([8, 9], cache).Should().Equal(expected);
    }

    [Fact]
    public void The_score_of_an_answer_is_the_sum_of_its_log_probabilities()
    {
        var weights = Models.Weights(Models.Grouped);
        var model = new CausalModel(weights);
        int[] prompt = [0, 17, 4];
        int[] answer = [200, 9, 9, 1];
        var logits = new ReferenceModel(weights).Logits([.. prompt, .. answer]);
        var expected = answer.Select((token, index) =>
        {
            var row = logits[prompt.Length - 1 + index];
            return row[token] - Math.Log(row.Sum(Math.Exp));
        }).ToArray();
        var actual = model.LogProbabilities(prompt, answer);
        actual.Zip(expected).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < ToleranceMax);
        model.ScoreLogProbability(prompt, answer).Should().BeApproximately(expected.Sum(), ToleranceMax);
        model.ScoreLogProbability(prompt, []).Should().Be(0);
    }

    static float[][] All(CausalModel model, int[] tokens, PackedAdapter? adapter = null)
    {
        var logits = new float[tokens.Length][];
        model.Forward(tokens, model.CreateCache(), adapter, 0, (index, values) => logits[index] = values.ToArray());
        return logits;
    }

    static void Merge(ModelWeights weights, LoraAdapter adapter)
    {
        foreach (var (layer, projection, lora) in adapter.Matrices())
        {
            var matrix = weights.Layers[layer][projection];
            for (var index = 0; index < matrix.Length; index++)
            {
                var (row, column) = (index / lora.InputSize, index % lora.InputSize);
                var sum = 0.0;
                for (var rank = 0; rank < lora.Rank; rank++)
                {
                    sum += (double)lora.B[row * lora.Rank + rank] * lora.A[rank * lora.InputSize + column];
                }
                matrix[index] += (float)(lora.Scale * sum);
            }
        }
    }

    static void Compare(double[][] expected, float[][] actual)
    {
        actual.Should().HaveSameCount(expected);
        for (var index = 0; index < expected.Length; index++)
        {
            var worst = expected[index].Zip(actual[index], (e, a) => Math.Abs(e - a)).Max();
            worst.Should().BeLessThan(ToleranceMax, because: $"position {index}");
        }
    }
}
