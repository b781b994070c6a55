namespace OpenLedger.Inference.Tests;

public sealed class PackedMatrixTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(31, 3)]
    [InlineData(32, 16)]
    [InlineData(33, 7)]
    [InlineData(128, 5)]
    [InlineData(161, 20)]
    public unsafe void Any_shape_and_number_of_positions_gives_the_sums_of_products(int outputs, int inputs)
    {
        var random = new Random(3);
        var matrix = Numbers(random, outputs * inputs);
        var packed = new PackedMatrix(matrix, outputs, inputs);
        foreach (var positions in (int[])[1, 2, 7, 8, 9, 17])
        {
            var x = Numbers(random, positions * inputs);
            var start = Numbers(random, positions * outputs);
            foreach (var accumulate in (bool[])[false, true])
            {
                var y = start.ToArray();
                packed.Apply(x, y, positions, accumulate, null);
                for (var index = 0; index < y.Length; index++)
                {
                    var expected = accumulate ? start[index] : 0f;
                    for (var input = 0; input < inputs; input++)
                    {
                        expected = MathF.FusedMultiplyAdd(
                            matrix[(index % outputs * inputs) + input], x[(index / outputs * inputs) + input], expected);
                    }
                    y[index].Should().Be(
                        expected, because: $"output {index % outputs} at position {index / outputs} is one chain in ascending order");
                }
                PortablePath(packed, x, start, positions, accumulate).Should().Equal(y);
            }
        }
    }

    /// <summary>What machines without 512-bit vectors run.</summary>
    static unsafe float[] PortablePath(PackedMatrix packed, float[] x, float[] start, int positions, bool accumulate)
    {
        var y = start.ToArray();
        fixed (float* xFirst = x, yFirst = y)
        {
            for (var position = 0; position < positions; position++)
            {
                packed.ApplyPortable(xFirst + (position * packed.Inputs), yFirst + (position * packed.Outputs), accumulate);
            }
        }
        return y;
    }

    static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
}
