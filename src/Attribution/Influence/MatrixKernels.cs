using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OpenLedger.Attribution;

/// <summary>
/// The few dense products that the Fisher matrix needs. All take row-major matrices and multiply rows by rows (A·Bᵀ), so that
/// every inner loop reads forward. Lanes are fixed at 512 bits, in hardware or in software, so that sums are the same everywhere.
/// </summary>
static class MatrixKernels
{
    /// <summary>Floats of one vector: row strides of float matrices are multiples of it, padded with zeros.</summary>
    public const int FloatLanes = 16;

    /// <summary>Doubles of one vector: orders and strides of double matrices are multiples of it.</summary>
    public const int DoubleLanes = 8;

    // Rows of B in one panel, and numbers of the inner dimension in one chunk: 64 × 1,024 floats stay in a second-level cache.
    const int PanelRows = 64;
    const int ChunkLength = 1_024;

    public static int Padded(int length, int multiple) => (length + multiple - 1) / multiple * multiple;

    /// <summary>C[i, j] = Σ_k A[i, k]·B[j, k] for i below <paramref name="rows"/> and j below <paramref name="columns"/>.</summary>
    /// <param name="inner">Length of the inner dimension, a multiple of <see cref="FloatLanes"/>.</param>
    /// <param name="lowerOnly">Leaves out tiles wholly above the diagonal.</param>
    public static void MultiplyTransposed(
        float[] a, int strideA, int rows, float[] b, int strideB, int columns, int inner, float[] c, int strideC, bool lowerOnly)
    {
        for (var row = 0; row < rows; row++)
        {
            c.AsSpan(row * strideC, columns).Clear();
        }
        for (var panel = 0; panel < columns; panel += PanelRows)
        {
            var panelEnd = Math.Min(panel + PanelRows, columns);
            for (var chunk = 0; chunk < inner; chunk += ChunkLength)
            {
                var length = Math.Min(ChunkLength, inner - chunk);
                for (var row = lowerOnly ? panel : 0; row < rows; row += 4)
                {
                    var rowCount = Math.Min(4, rows - row);
                    for (var column = panel; column < panelEnd; column += 4)
                    {
                        var columnCount = Math.Min(4, panelEnd - column);
                        AddTile(a, (row * strideA) + chunk, strideA, rowCount, b, (column * strideB) + chunk, strideB, columnCount,
                            length, c, (row * strideC) + column, strideC);
                    }
                }
            }
        }
    }

    /// <summary>Fills tile[4·i + j] with Σ_k A[i, k]·B[j, k] over k from <paramref name="from"/> to <paramref name="to"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DotTile(
        double[] a, int rowA, int strideA, double[] b, int rowB, int strideB, int from, int to, Span<double> tile)
    {
        ref var a0 = ref a[rowA * strideA];
        ref var a1 = ref a[(rowA + 1) * strideA];
        ref var a2 = ref a[(rowA + 2) * strideA];
        ref var a3 = ref a[(rowA + 3) * strideA];
        for (var j = 0; j < 4; j += 2)
        {
            ref var b0 = ref b[(rowB + j) * strideB];
            ref var b1 = ref b[(rowB + j + 1) * strideB];
            Vector512<double> s00 = default, s01 = default, s10 = default, s11 = default;
            Vector512<double> s20 = default, s21 = default, s30 = default, s31 = default;
            for (var k = (nuint)from; k < (nuint)to; k += DoubleLanes)
            {
                var y0 = Vector512.LoadUnsafe(ref b0, k);
                var y1 = Vector512.LoadUnsafe(ref b1, k);
                var x = Vector512.LoadUnsafe(ref a0, k);
                s00 = Vector512.FusedMultiplyAdd(x, y0, s00);
                s01 = Vector512.FusedMultiplyAdd(x, y1, s01);
                x = Vector512.LoadUnsafe(ref a1, k);
                s10 = Vector512.FusedMultiplyAdd(x, y0, s10);
                s11 = Vector512.FusedMultiplyAdd(x, y1, s11);
                x = Vector512.LoadUnsafe(ref a2, k);
                s20 = Vector512.FusedMultiplyAdd(x, y0, s20);
                s21 = Vector512.FusedMultiplyAdd(x, y1, s21);
                x = Vector512.LoadUnsafe(ref a3, k);
                s30 = Vector512.FusedMultiplyAdd(x, y0, s30);
                s31 = Vector512.FusedMultiplyAdd(x, y1, s31);
            }
            tile[j] = Vector512.Sum(s00);
            tile[j + 1] = Vector512.Sum(s01);
            tile[4 + j] = Vector512.Sum(s10);
            tile[5 + j] = Vector512.Sum(s11);
            tile[8 + j] = Vector512.Sum(s20);
            tile[9 + j] = Vector512.Sum(s21);
            tile[12 + j] = Vector512.Sum(s30);
            tile[13 + j] = Vector512.Sum(s31);
        }
    }

    /// <summary>Σ_k query[k]·row[k] for an int8 row; both have the same length, a multiple of 64, padded with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(ReadOnlySpan<float> query, ReadOnlySpan<sbyte> row)
    {
        ref var q = ref MemoryMarshal.GetReference(query);
        ref var r = ref MemoryMarshal.GetReference(row);
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        var length = (nuint)Math.Min(query.Length, row.Length) & ~(nuint)63;
        for (nuint k = 0; k < length; k += 64)
        {
            var (low, high) = Vector512.Widen(Vector512.LoadUnsafe(ref r, k));
            var (i0, i1) = Vector512.Widen(low);
            var (i2, i3) = Vector512.Widen(high);
            s0 = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(i0), Vector512.LoadUnsafe(ref q, k), s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(i1), Vector512.LoadUnsafe(ref q, k + 16), s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(i2), Vector512.LoadUnsafe(ref q, k + 32), s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(i3), Vector512.LoadUnsafe(ref q, k + 48), s3);
        }
        return Vector512.Sum((s0 + s1) + (s2 + s3));
    }

    // At the edges a missing row stands for the last one there is, and its sums are dropped.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void AddTile(
        float[] a, int startA, int strideA, int rowCount, float[] b, int startB, int strideB, int columnCount,
        int length, float[] c, int startC, int strideC)
    {
        ref var a0 = ref a[startA];
        ref var a1 = ref a[startA + (Math.Min(1, rowCount - 1) * strideA)];
        ref var a2 = ref a[startA + (Math.Min(2, rowCount - 1) * strideA)];
        ref var a3 = ref a[startA + (Math.Min(3, rowCount - 1) * strideA)];
        Span<float> tile = stackalloc float[16];
        for (var j = 0; j < columnCount; j += 2)
        {
            ref var b0 = ref b[startB + (j * strideB)];
            ref var b1 = ref b[startB + (Math.Min(j + 1, columnCount - 1) * strideB)];
            Vector512<float> s00 = default, s01 = default, s10 = default, s11 = default;
            Vector512<float> s20 = default, s21 = default, s30 = default, s31 = default;
            for (nuint k = 0; k < (nuint)length; k += FloatLanes)
            {
                var y0 = Vector512.LoadUnsafe(ref b0, k);
                var y1 = Vector512.LoadUnsafe(ref b1, k);
                var x = Vector512.LoadUnsafe(ref a0, k);
                s00 = Vector512.FusedMultiplyAdd(x, y0, s00);
                s01 = Vector512.FusedMultiplyAdd(x, y1, s01);
                x = Vector512.LoadUnsafe(ref a1, k);
                s10 = Vector512.FusedMultiplyAdd(x, y0, s10);
                s11 = Vector512.FusedMultiplyAdd(x, y1, s11);
                x = Vector512.LoadUnsafe(ref a2, k);
                s20 = Vector512.FusedMultiplyAdd(x, y0, s20);
                s21 = Vector512.FusedMultiplyAdd(x, y1, s21);
                x = Vector512.LoadUnsafe(ref a3, k);
                s30 = Vector512.FusedMultiplyAdd(x, y0, s30);
                s31 = Vector512.FusedMultiplyAdd(x, y1, s31);
            }
            tile[j] = Vector512.Sum(s00);
            tile[j + 1] = Vector512.Sum(s01);
            tile[4 + j] = Vector512.Sum(s10);
            tile[5 + j] = Vector512.Sum(s11);
            tile[8 + j] = Vector512.Sum(s20);
            tile[9 + j] = Vector512.Sum(s21);
            tile[12 + j] = Vector512.Sum(s30);
            tile[13 + j] = Vector512.Sum(s31);
        }
        for (var i = 0; i < rowCount; i++)
        {
            for (var j = 0; j < columnCount; j++)
            {
                c[startC + (i * strideC) + j] += tile[(4 * i) + j];
            }
        }
    }
}
