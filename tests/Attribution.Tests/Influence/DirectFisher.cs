namespace OpenLedger.Attribution.Tests;

/// <summary>
/// The formula by the letter, in double: τ_u = w_u · g_uᵀ·(Σ w g gᵀ / Σw + λI)⁻¹·g_q summed over parts, λ = f · Σ w‖g‖² / (Σw · p),
/// with the p × p matrix made in full and solved by Gauss and Jordan.
/// </summary>
static class DirectFisher
{
    public static double[] Scores(double[][] gradients, double[] weights, double[] query, int[] partLengths, double dampingFactor)
    {
        var scores = new double[gradients.Length];
        var offset = 0;
        foreach (var length in partLengths)
        {
            var part = gradients.Select(gradient => gradient[offset..(offset + length)]).ToArray();
            var solved = Solve(Fisher(part, weights, dampingFactor), query[offset..(offset + length)]);
            for (var row = 0; row < scores.Length; row++)
            {
                scores[row] += weights[row] * part[row].Zip(solved).Sum(pair => pair.First * pair.Second);
            }
            offset += length;
        }
        return scores;
    }

    static double[][] Fisher(double[][] part, double[] weights, double dampingFactor)
    {
        var length = part[0].Length;
        var weightSum = weights.Sum();
        var energy = part.Zip(weights).Sum(pair => pair.Second * pair.First.Sum(entry => entry * entry));
        var matrix = new double[length][];
        for (var i = 0; i < length; i++)
        {
            matrix[i] = new double[length];
            for (var j = 0; j < length; j++)
            {
                matrix[i][j] = part.Zip(weights).Sum(pair => pair.Second * pair.First[i] * pair.First[j]) / weightSum;
            }
            matrix[i][i] += dampingFactor * energy / (weightSum * length);
        }
        return matrix;
    }

    static double[] Solve(double[][] matrix, double[] right)
    {
        var x = right.ToArray();
        for (var pivot = 0; pivot < x.Length; pivot++)
        {
            for (var row = 0; row < x.Length; row++)
            {
                if (row == pivot)
                {
                    continue;
                }
                var factor = matrix[row][pivot] / matrix[pivot][pivot];
                for (var column = pivot; column < x.Length; column++)
                {
                    matrix[row][column] -= factor * matrix[pivot][column];
                }
                x[row] -= factor * x[pivot];
            }
        }
        return [.. x.Select((value, i) => value / matrix[i][i])];
    }
}

/// <summary>Gradients drawn by seed: a few directions that all rows share, one of each row's own, and noise.</summary>
static class Gradients
{
    public static float[][] Draw(int count, int length, int seed)
    {
        var random = new Random(seed);
        var shared = Enumerable.Range(0, 3).Select(_ => Normal(random, length)).ToArray();
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var gradient = Normal(random, length);
            foreach (var direction in shared)
            {
                var factor = 2 * Normal(random, 1)[0];
                for (var i = 0; i < length; i++)
                {
                    gradient[i] += factor * direction[i];
                }
            }
            return gradient;
        })];
    }

    static float[] Normal(Random random, int length)
    {
        var values = new float[length];
        for (var i = 0; i < length; i++)
        {
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return values;
    }

    public static double[] Wide(float[] values) => Array.ConvertAll(values, value => (double)value);

    public static double Correlation(double[] left, double[] right)
    {
        double meanLeft = left.Average(), meanRight = right.Average();
        double product = 0, squaresLeft = 0, squaresRight = 0;
        for (var i = 0; i < left.Length; i++)
        {
            product += (left[i] - meanLeft) * (right[i] - meanRight);
            squaresLeft += (left[i] - meanLeft) * (left[i] - meanLeft);
            squaresRight += (right[i] - meanRight) * (right[i] - meanRight);
        }
        return product / Math.Sqrt(squaresLeft * squaresRight);
    }

    public static InfluenceIndex Index(
        float[][] rows, int[] partLengths, InfluenceOptions? options = null, double[]? weights = null)
    {
        var builder = new InfluenceIndexBuilder(partLengths, rows.Length, options);
        builder.BeginCheckpoint("sha256:test");
        for (var row = 0; row < rows.Length; row++)
        {
            builder.AddRow(rows[row], weights?[row] ?? 1);
        }
        builder.EndCheckpoint();
        return builder.Build();
    }
}
