namespace OpenLedger.Attribution.Tests;

public sealed class InfluenceIndexTests
{
    static readonly int[] parts = [24, 7, 40];

    // Fewer rows than any part has numbers, more than some, more than all: the Gram form, both, the direct form.
    [Theory]
    [InlineData(5, 1)]
    [InlineData(30, 2)]
    [InlineData(90, 3)]
    public void ScoresEqualTheFullInverse(int rowCount, int seed)
    {
        var all = Gradients.Draw(rowCount + 1, parts.Sum(), seed);
        var rows = all[..rowCount];
        var random = new Random(seed);
        var weights = rows.Select(_ => random.Next(4) == 0 ? 0 : random.NextDouble()).ToArray();
        weights[0] = 1;

        var scores = Gradients.Index(rows, parts, weights: weights).Scores(all[rowCount]);

        var direct = DirectFisher.Scores([.. rows.Select(Gradients.Wide)], weights, Gradients.Wide(all[rowCount]), parts, 0.1);
        Gradients.Correlation(scores, direct).Should().BeGreaterThan(0.9995);
        var scale = direct.Max(Math.Abs);
        for (var row = 0; row < rowCount; row++)
        {
            scores[row].Should().BeApproximately(direct[row], 0.04 * scale, "row {0}", row);
        }
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(1.0)]
    public void DampingIsAFactorOfTheMeanSquare(double factor)
    {
        var all = Gradients.Draw(21, parts.Sum(), 4);
        var options = new InfluenceOptions { DampingFactor = factor };

        var scores = Gradients.Index(all[..20], parts, options).Scores(all[20]);

        var ones = Enumerable.Repeat(1.0, 20).ToArray();
        var direct = DirectFisher.Scores([.. all[..20].Select(Gradients.Wide)], ones, Gradients.Wide(all[20]), parts, factor);
        Gradients.Correlation(scores, direct).Should().BeGreaterThan(0.999);
    }

    [Fact]
    public void ARowOfWeightZeroChangesNothing()
    {
        var all = Gradients.Draw(13, parts.Sum(), 5);
        var with = Gradients.Index(all[..12], parts, weights: [.. Enumerable.Repeat(1.0, 11), 0]).Scores(all[12]);
        var without = Gradients.Index(all[..11], parts).Scores(all[12]);

        with[..11].Zip(without).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) <= 1e-4 * without.Max(Math.Abs));
        with[11].Should().Be(0);
    }

    [Fact]
    public void TheLossScaleOfTheRowsChangesScoresInverselyOnly()
    {
        // τ = g·(g² + λ)⁻¹·q: rows a million times as large give scores a million times as small, never overflow or vanish.
        var all = Gradients.Draw(13, parts.Sum(), 6);
        float[][] Scaled(float factor) => [.. all[..12].Select(row => Array.ConvertAll(row, value => value * factor))];

        var plain = Gradients.Index(Scaled(1), parts).Scores(all[12]);
        var large = Gradients.Index(Scaled(1e6f), parts).Scores(all[12]);
        var small = Gradients.Index(Scaled(1e-6f), parts).Scores(all[12]);

        for (var row = 0; row < plain.Length; row++)
        {
            (large[row] * 1e6).Should().BeApproximately(plain[row], 1e-3 * plain.Max(Math.Abs));
            (small[row] * 1e-6).Should().BeApproximately(plain[row], 1e-3 * plain.Max(Math.Abs));
        }
    }

    [Fact]
    public void APartWithoutGradientsIsNobodys()
    {
        var all = Gradients.Draw(9, parts.Sum(), 7);
        foreach (var gradient in all)
        {
            gradient.AsSpan(24, 7).Clear();
        }

        var scores = Gradients.Index(all[..8], parts).Scores(all[8]);

        var alone = Gradients.Index([.. all[..8].Select(row => (float[])[.. row[..24], .. row[31..]])], [24, 40])
            .Scores((float[])[.. all[8][..24], .. all[8][31..]]);
        scores.Should().Equal(alone);
    }

    [Fact]
    public void CheckpointsAreAveraged()
    {
        var first = Gradients.Draw(9, parts.Sum(), 8);
        var second = Gradients.Draw(9, parts.Sum(), 9);
        var builder = new InfluenceIndexBuilder(parts, 8);
        foreach (var checkpoint in new[] { first, second })
        {
            builder.BeginCheckpoint("sha256:c");
            foreach (var row in checkpoint[..8])
            {
                builder.AddRow(row);
            }
            builder.EndCheckpoint();
        }

        var scores = builder.Build().Scores([first[8], second[8]]);

        var one = Gradients.Index(first[..8], parts).Scores(first[8]);
        var two = Gradients.Index(second[..8], parts).Scores(second[8]);
        scores.Should().Equal(one.Zip(two, (left, right) => (left + right) / 2));
    }

    [Fact]
    public void ThreadsChangeNoBit()
    {
        var all = Gradients.Draw(301, parts.Sum(), 11);

        var one = Gradients.Index(all[..300], parts, new InfluenceOptions { ThreadCount = 1 }).Scores(all[300]);
        var four = Gradients.Index(all[..300], parts, new InfluenceOptions { ThreadCount = 4 }).Scores(all[300]);

        four.Should().Equal(one);
    }

    [Theory]
    [InlineData(RowNormalisation.Whole)]
    [InlineData(RowNormalisation.Part)]
    [InlineData(RowNormalisation.SelfInfluence)]
    public void NormalisedScoresAreThoseOfNormalisedRows(RowNormalisation normalisation)
    {
        var all = Gradients.Draw(21, parts.Sum(), 12);
        var rows = all[..20].Select(Gradients.Wide).ToArray();
        var ones = Enumerable.Repeat(1.0, 20).ToArray();

        var scores = Gradients.Index(all[..20], parts, new InfluenceOptions { Normalisation = normalisation }).Scores(all[20]);

        var query = Unit(Gradients.Wide(all[20]), normalisation == RowNormalisation.Part ? parts : [parts.Sum()]);
        double[] expected;
        if (normalisation == RowNormalisation.SelfInfluence)
        {
            expected = DirectFisher.Scores(rows, ones, query, parts, 0.1);
            for (var row = 0; row < rows.Length; row++)
            {
                expected[row] /= Math.Sqrt(DirectFisher.Scores(rows, ones, rows[row], parts, 0.1)[row]);
            }
        }
        else
        {
            var lengths = normalisation == RowNormalisation.Whole ? [parts.Sum()] : parts;
            expected = DirectFisher.Scores([.. rows.Select(row => Unit(row, lengths))], ones, query, parts, 0.1);
        }
        Gradients.Correlation(scores, expected).Should().BeGreaterThan(0.9995);
        scores.Max(Math.Abs).Should().BeApproximately(expected.Max(Math.Abs), 0.03 * expected.Max(Math.Abs));
    }

    static double[] Unit(double[] row, int[] lengths)
    {
        var unit = row.ToArray();
        var offset = 0;
        foreach (var length in lengths)
        {
            var norm = Math.Sqrt(row[offset..(offset + length)].Sum(value => value * value));
            for (var i = offset; i < offset + length; i++)
            {
                unit[i] /= norm;
            }
            offset += length;
        }
        return unit;
    }

    [Fact]
    public void MisuseIsRefusedByName()
    {
        var rows = Gradients.Draw(3, parts.Sum(), 13);
        var builder = new InfluenceIndexBuilder(parts, 2);

        FluentActions.Invoking(() => builder.AddRow(rows[0])).Should().Throw<InvalidOperationException>();
        builder.BeginCheckpoint("a");
        FluentActions.Invoking(() => builder.AddRow(new float[3])).Should().Throw<ArgumentException>().WithMessage("*3 entries*71*");
        rows[2][5] = float.NaN;
        FluentActions.Invoking(() => builder.AddRow(rows[2])).Should().Throw<ArgumentException>().WithMessage("*not finite*");
        builder.AddRow(rows[0]);
        FluentActions.Invoking(() => builder.EndCheckpoint()).Should().Throw<InvalidOperationException>().WithMessage("*1 rows of 2*");
        FluentActions.Invoking(() => builder.Build()).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => new InfluenceIndexBuilder([], 2)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new InfluenceIndexBuilder([1 << 20], 1 << 19)).Should().Throw<ArgumentException>();
    }
}
