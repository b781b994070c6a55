namespace OpenLedger.Inference.Tests;

public sealed class SamplerTests
{
    static readonly float[] Logits = [1f, 3f, 2f, 3f, -1f, 0f];

    [Fact]
    public void Greedy_takes_the_most_probable_token_and_the_lower_id_of_two()
    {
        new Sampler(SamplingOptions.Greedy).Next(Logits).Should().Be(1);
        new Sampler(new SamplingOptions { Temperature = 5, TopK = 1 }).Next(Logits).Should().Be(1);
        var many = new float[1000];
        (many[977], many[103], many[500]) = (2, 2, 2);
        new Sampler(SamplingOptions.Greedy).Next(many).Should().Be(103);
    }

    [Fact]
    public void The_seed_decides()
    {
        Draw(new() { Temperature = 1, Seed = 3 }, 200).Should().Equal(Draw(new() { Temperature = 1, Seed = 3 }, 200));
        Draw(new() { Temperature = 1, Seed = 3 }, 200).Should().NotEqual(Draw(new() { Temperature = 1, Seed = 4 }, 200));
    }

    [Theory]
    [InlineData(2, new[] { 1, 3 })]
    [InlineData(3, new[] { 1, 2, 3 })]
    [InlineData(4, new[] { 0, 1, 2, 3 })]
    [InlineData(99, new[] { 0, 1, 2, 3, 4, 5 })]
    public void Top_k_draws_from_the_k_most_probable(int topK, int[] expected) =>
        Draw(new() { Temperature = 3, TopK = topK }, 3000).Distinct().Order().Should().Equal(expected);

    [Theory]
    [InlineData(0.01f, new[] { 1 })]
    [InlineData(0.5f, new[] { 1, 3 })]
    [InlineData(0.9f, new[] { 1, 2, 3 })]
    [InlineData(1f, new[] { 0, 1, 2, 3, 4, 5 })]
    public void Top_p_draws_from_the_fewest_that_reach_the_sum(float topP, int[] expected) =>
        Draw(new() { Temperature = 1, TopP = topP }, 5000).Distinct().Order().Should().Equal(expected);

    [Fact]
    public void Top_p_counts_what_top_k_left() =>
        // Of tokens 1, 3 and 2 the first two hold 0.84, of all tokens only 0.77.
        Draw(new() { Temperature = 1, TopK = 3, TopP = 0.8f }, 5000).Distinct().Order().Should().Equal(1, 3);

    [Theory]
    [InlineData(1f)]
    [InlineData(0.5f)]
    [InlineData(2f)]
    public void Frequencies_follow_the_probabilities_at_the_temperature(float temperature)
    {
        const int Count = 40_000;
        var weights = Logits.Select(logit => Math.Exp(logit / temperature)).ToArray();
        var drawn = Draw(new() { Temperature = temperature, Seed = 11 }, Count).CountBy(token => token).ToDictionary();
        for (var token = 0; token < Logits.Length; token++)
        {
            ((double)drawn.GetValueOrDefault(token) / Count).Should().BeApproximately(weights[token] / weights.Sum(), 0.01);
        }
    }

    static int[] Draw(SamplingOptions options, int count)
    {
        var sampler = new Sampler(options);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Next(Logits))];
    }
}
