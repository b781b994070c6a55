namespace OpenLedger.Attribution;

/// <summary>
/// The inverse of a symmetric positive definite matrix in double: Cholesky A = L·Lᵀ in panels of eight columns, then the rows of
/// L⁻ᵀ by forward substitution, then A⁻¹ = L⁻ᵀ·L⁻¹. Every step multiplies rows by rows, n³/2 multiplications together.
/// </summary>
static class PositiveInverse
{
    const int Panel = MatrixKernels.DoubleLanes;

    /// <param name="matrix">
    /// Row-major, its order a multiple of eight (pad the diagonal with ones); only the lower triangle is read. Overwritten by L.
    /// </param>
    /// <param name="order">Rows and columns of the matrix.</param>
    /// <param name="work">As large as the matrix; overwritten.</param>
    /// <param name="inverse">Receives the inverse's first <paramref name="inverseOrder"/> rows and columns, in float.</param>
    /// <param name="inverseOrder">Rows and columns wanted, without the padding.</param>
    /// <param name="inverseStride">Floats from row to row of the inverse.</param>
    /// <exception cref="ArithmeticException">A pivot is not positive: the matrix is not positive definite.</exception>
    public static void Invert(double[] matrix, int order, double[] work, float[] inverse, int inverseOrder, int inverseStride)
    {
        Factor(matrix, order);
        work.AsSpan(0, order * order).Clear();
        InvertFactor(matrix, order, work);
        Span<double> tile = stackalloc double[16];
        for (var row = 0; row < order; row += 4)
        {
            for (var column = 0; column <= row; column += 4)
            {
                MatrixKernels.DotTile(work, row, order, work, column, order, row / Panel * Panel, order, tile);
                CopyTile(tile, row, column, inverse, inverseOrder, inverseStride);
            }
        }
    }

    static void CopyTile(ReadOnlySpan<double> tile, int row, int column, float[] inverse, int inverseOrder, int inverseStride)
    {
        for (var i = row; i < Math.Min(row + 4, inverseOrder); i++)
        {
            for (var j = column; j < Math.Min(column + 4, inverseOrder); j++)
            {
                var value = (float)tile[(4 * (i - row)) + j - column];
                inverse[(i * inverseStride) + j] = value;
                inverse[(j * inverseStride) + i] = value;
            }
        }
    }

    /// <summary>Cholesky factor L in the lower triangle; what stands above the diagonal is left as it was.</summary>
    internal static void Factor(double[] matrix, int order)
    {
        Span<double> sums = stackalloc double[4 * Panel];
        for (var panel = 0; panel < order; panel += Panel)
        {
            for (var row = panel; row < order; row += 4)
            {
                DotPanel(matrix, row, matrix, panel, order, 0, panel, sums);
                for (var i = row; i < row + 4; i++)
                {
                    FinishRow(matrix, order, i, panel, sums.Slice((i - row) * Panel, Panel));
                }
            }
        }
    }

    static void FinishRow(double[] matrix, int order, int i, int panel, ReadOnlySpan<double> sums)
    {
        var own = matrix.AsSpan(i * order, order);
        for (var j = panel; j < Math.Min(panel + Panel, i + 1); j++)
        {
            var other = matrix.AsSpan(j * order, order);
            var value = own[j] - sums[j - panel];
            for (var k = panel; k < j; k++)
            {
                value -= own[k] * other[k];
            }
            if (j < i)
            {
                own[j] = value / other[j];
            }
            else if (value > 0 && double.IsFinite(value))
            {
                own[j] = Math.Sqrt(value);
            }
            else
            {
                throw new ArithmeticException($"the matrix is not positive definite: pivot {j} is {value:R}");
            }
        }
    }

    // Row j of the result solves L·x = e_j, so it is column j of L⁻¹ and begins at its own diagonal.
    static void InvertFactor(double[] factor, int order, double[] rows)
    {
        Span<double> sums = stackalloc double[4 * Panel];
        for (var panel = 0; panel < order; panel += Panel)
        {
            for (var row = 0; row < panel + Panel; row += 4)
            {
                DotPanel(rows, row, factor, panel, order, row / Panel * Panel, panel, sums);
                for (var j = row; j < row + 4; j++)
                {
                    var own = rows.AsSpan(j * order, order);
                    for (var i = panel; i < panel + Panel; i++)
                    {
                        var left = factor.AsSpan(i * order, order);
                        var value = (i == j ? 1.0 : 0.0) - sums[((j - row) * Panel) + i - panel];
                        for (var k = panel; k < i; k++)
                        {
                            value -= left[k] * own[k];
                        }
                        own[i] = value / left[i];
                    }
                }
            }
        }
    }

    // sums[8·i + j] over four rows of A and eight rows of B.
    static void DotPanel(double[] a, int rowA, double[] b, int rowB, int stride, int from, int to, Span<double> sums)
    {
        Span<double> tile = stackalloc double[16];
        for (var half = 0; half < Panel; half += 4)
        {
            MatrixKernels.DotTile(a, rowA, stride, b, rowB + half, stride, from, Math.Max(from, to), tile);
            for (var i = 0; i < 4; i++)
            {
                tile.Slice(4 * i, 4).CopyTo(sums[((i * Panel) + half)..]);
            }
        }
    }
}
