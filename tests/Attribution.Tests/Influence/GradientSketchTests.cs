namespace OpenLedger.Attribution.Tests;

public sealed class GradientSketchTests
{
    static double Product(float[] left, float[] right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
        }
        return sum;
    }

    [Fact]
    public void PartsWithinTheLimitAreKeptAsTheyAre()
    {
        var gradient = Gradients.Draw(1, 60, 1)[0];
        var sketch = new GradientSketch([40, 20], new InfluenceOptions { RowBytesMax = 64 });
        var stored = new float[60];

        sketch.Apply(gradient, stored);

        sketch.Kind.Should().Be("identity");
        stored.Should().Equal(gradient);
    }

    [Fact]
    public void BeyondTheLimitEachPartGetsItsProportion()
    {
        var sketch = new GradientSketch([6_000, 2_000, 100], new InfluenceOptions { RowBytesMax = 2_025, PartLengthMin = 64 });

        sketch.Kind.Should().Be("srht");
        sketch.StoredLengths.Should().Equal(1_500, 500, 64);
    }

    [Fact]
    public void TheWholeTransformKeepsEveryInnerProduct()
    {
        // A power of two less one is padded by one: keeping all but one of the outputs loses next to nothing.
        var gradients = Gradients.Draw(2, 4_095, 2);
        var sketch = new GradientSketch([4_095], new InfluenceOptions { RowBytesMax = 4_094 });
        var stored = gradients.Select(gradient =>
        {
            var numbers = new float[sketch.StoredLength];
            sketch.Apply(gradient, numbers);
            return numbers;
        }).ToArray();

        var lengths = Product(gradients[0], gradients[0]);
        Product(stored[0], stored[0]).Should().BeApproximately(lengths, 0.01 * lengths);
        Product(stored[0], stored[1]).Should().BeApproximately(Product(gradients[0], gradients[1]), 0.01 * lengths);
    }

    [Fact]
    public void ASketchKeepsInnerProductsToTheRootOfItsLength()
    {
        var gradients = Gradients.Draw(40, 8_192, 3);
        var sketch = new GradientSketch([8_192], new InfluenceOptions { RowBytesMax = 1_024, SketchSeed = 9 });
        var stored = gradients.Select(gradient =>
        {
            var numbers = new float[1_024];
            sketch.Apply(gradient, numbers);
            return numbers;
        }).ToArray();

        var errors = from i in Enumerable.Range(0, 40)
                     from j in Enumerable.Range(0, i)
                     let scale = Math.Sqrt(Product(gradients[i], gradients[i]) * Product(gradients[j], gradients[j]))
                     select (Product(stored[i], stored[j]) - Product(gradients[i], gradients[j])) / scale;

        // The variance of one error is (1 + ρ²)/1,024 for vectors of cosine ρ: from 0.031 to 0.044 as a root.
        Math.Sqrt(errors.Average(error => error * error)).Should().BeInRange(0.02, 0.055);
    }

    [Fact]
    public void TheSeedDecidesTheSketch()
    {
        var gradient = Gradients.Draw(1, 500, 4)[0];
        float[] Sketched(long seed)
        {
            var numbers = new float[100];
            new GradientSketch([500], new InfluenceOptions { RowBytesMax = 100, SketchSeed = seed }).Apply(gradient, numbers);
            return numbers;
        }

        Sketched(1).Should().Equal(Sketched(1));
        Sketched(1).Should().NotEqual(Sketched(2));
    }

    [Fact]
    public void SketchedScoresFollowTheFullOnes()
    {
        var all = Gradients.Draw(61, 6_000, 5);
        // The query is a row's own gradient with noise: that row must stand out either way.
        for (var i = 0; i < 6_000; i++)
        {
            all[60][i] = all[17][i] + (0.5f * all[60][i]);
        }
        var full = Gradients.Index(all[..60], [3_000, 3_000]).Scores(all[60]);
        var sketched = Gradients.Index(all[..60], [3_000, 3_000], new InfluenceOptions { RowBytesMax = 1_500 }).Scores(all[60]);

        Array.IndexOf(full, full.Max()).Should().Be(17);
        Array.IndexOf(sketched, sketched.Max()).Should().Be(17);
        Gradients.Correlation(full, sketched).Should().BeGreaterThan(0.9);
    }
}
