using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OpenLedger.Inference;

/// <summary>Which register tile a machine uses.</summary>
enum MatrixKernelKind
{
    Scalar,
    Vector256,
    Vector512,
}

/// <summary>The innermost loops of <see cref="MatrixProduct"/>: packing, and a tile of the output held in registers.</summary>
static unsafe class MatrixProductKernel
{
    /// <summary>The widest tile that the machine runs in hardware.</summary>
    public static readonly MatrixKernelKind Kind =
        Vector512.IsHardwareAccelerated ? MatrixKernelKind.Vector512
        : Vector128.IsHardwareAccelerated ? MatrixKernelKind.Vector256
        : MatrixKernelKind.Scalar;

    /// <summary>Rows of a tile: 8 × 32 takes 16 of 32 registers of 512 bits, 6 × 16 takes 12 of 16 registers of 256 bits.</summary>
    public static readonly int Rows = Kind == MatrixKernelKind.Vector512 ? 8 : 6;

    /// <summary>Columns of a tile.</summary>
    public static readonly int Columns = Kind == MatrixKernelKind.Vector512 ? 32 : 16;

    /// <summary>Most elements of any tile.</summary>
    const int TileSizeMax = 8 * 32;

    /// <summary>Copies <paramref name="count"/> contiguous numbers of each inner step to a panel row, and zeros up to its width.</summary>
    public static void PackRows(float* source, int stride, int count, int inner, float* target, int width)
    {
        if (count == width)
        {
            PackWholeRows(source, stride, inner, target, width);
            return;
        }

        for (var k = 0; k < inner; k++)
        {
            var from = new ReadOnlySpan<float>(source + (long)k * stride, count);
            var to = new Span<float>(target + (long)k * width, width);
            from.CopyTo(to);
            to[count..].Clear();
        }
    }

    /// <summary>As <see cref="PackRows"/> from a source whose inner dimension is the contiguous one.</summary>
    public static void PackTransposed(float* source, int stride, int count, int inner, float* target, int width)
    {
        var k = 0;
        for (; k <= inner - 4; k += 4)
        {
            var to = target + (long)k * width;
            for (var column = 0; column < count; column++)
            {
                // Four steps of a column at a time: one read of a cache line's part, four writes into lines that stay near.
                var from = Vector128.Load(source + (long)column * stride + k);
                to[column] = from[0];
                to[column + width] = from[1];
                to[column + 2 * width] = from[2];
                to[column + 3 * width] = from[3];
            }
        }

        for (; k < inner; k++)
        {
            for (var column = 0; column < count; column++)
            {
                target[(long)k * width + column] = source[(long)column * stride + k];
            }
        }

        for (k = 0; k < inner && count < width; k++)
        {
            new Span<float>(target + (long)k * width + count, width - count).Clear();
        }
    }

    static void PackWholeRows(float* source, int stride, int inner, float* target, int width)
    {
        switch (width)
        {
            case 32:
                for (; inner > 0; inner--, source += stride, target += 32)
                {
                    Vector512.Load(source).Store(target);
                    Vector512.Load(source + 16).Store(target + 16);
                }

                break;
            case 16:
                for (; inner > 0; inner--, source += stride, target += 16)
                {
                    Vector512.Load(source).Store(target);
                }

                break;
            case 8:
                for (; inner > 0; inner--, source += stride, target += 8)
                {
                    Vector256.Load(source).Store(target);
                }

                break;
            default:
                for (; inner > 0; inner--, source += stride, target += width)
                {
                    new ReadOnlySpan<float>(source, width).CopyTo(new Span<float>(target, width));
                }

                break;
        }
    }

    /// <summary>One tile of the output, whole or at an edge.</summary>
    public static void Tile(
        TileSource left, float* right, int inner, float* output, int stride, int rows, int columns, bool accumulate, float scale)
    {
        if (rows == Rows && columns == Columns)
        {
            Whole(Kind, left, right, inner, output, stride, accumulate, scale);
            return;
        }

        var edge = stackalloc float[TileSizeMax];
        Whole(Kind, left, right, inner, edge, Columns, accumulate: false, scale);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var to = output + (long)row * stride + column;
                *to = accumulate ? *to + edge[row * Columns + column] : edge[row * Columns + column];
            }
        }
    }

    /// <summary>One whole tile by the kernel named, which the machine need not have in hardware.</summary>
    public static void Whole(
        MatrixKernelKind kind, TileSource left, float* right, int inner, float* output, int stride, bool accumulate, float scale)
    {
        switch (kind)
        {
            case MatrixKernelKind.Vector512:
                Whole512(left, right, inner, output, stride, accumulate, scale);
                break;
            case MatrixKernelKind.Vector256:
                Whole256(left, right, inner, output, stride, accumulate, scale);
                break;
            default:
                WholeScalar(left, right, inner, output, stride, accumulate, scale);
                break;
        }
    }

    static void WholeScalar(TileSource left, float* right, int inner, float* output, int stride, bool accumulate, float scale)
    {
        const int rows = 6, columns = 16;
        for (var row = 0; row < rows; row++)
        {
            var from = left.Row(row);
            for (var column = 0; column < columns; column++)
            {
                var sum = 0f;
                for (var k = 0; k < inner; k++)
                {
                    sum = MathF.FusedMultiplyAdd(from[(long)k * left.InnerStride], right[k * columns + column], sum);
                }

                var to = output + (long)row * stride + column;
                *to = accumulate ? *to + sum * scale : sum * scale;
            }
        }
    }


    [SkipLocalsInit]
    static void Whole512(TileSource left, float* right, int inner, float* output, int stride, bool accumulate, float scale)
    {
        float* a0 = left.Row(0), a1 = left.Row(1), a2 = left.Row(2), a3 = left.Row(3);
        float* a4 = left.Row(4), a5 = left.Row(5), a6 = left.Row(6), a7 = left.Row(7);
        nint step = left.InnerStride;
        var s0 = Vector512<float>.Zero;
        Vector512<float> l0 = s0, l1 = s0, l2 = s0, l3 = s0, l4 = s0, l5 = s0, l6 = s0, l7 = s0;
        Vector512<float> h0 = s0, h1 = s0, h2 = s0, h3 = s0, h4 = s0, h5 = s0, h6 = s0, h7 = s0;
        for (nint at = 0; inner > 0; inner--, at += step, right += 32)
        {
            var low = Vector512.Load(right);
            var high = Vector512.Load(right + 16);
            var x0 = Vector512.Create(a0[at]);
            l0 = Vector512.FusedMultiplyAdd(x0, low, l0);
            h0 = Vector512.FusedMultiplyAdd(x0, high, h0);
            var x1 = Vector512.Create(a1[at]);
            l1 = Vector512.FusedMultiplyAdd(x1, low, l1);
            h1 = Vector512.FusedMultiplyAdd(x1, high, h1);
            var x2 = Vector512.Create(a2[at]);
            l2 = Vector512.FusedMultiplyAdd(x2, low, l2);
            h2 = Vector512.FusedMultiplyAdd(x2, high, h2);
            var x3 = Vector512.Create(a3[at]);
            l3 = Vector512.FusedMultiplyAdd(x3, low, l3);
            h3 = Vector512.FusedMultiplyAdd(x3, high, h3);
            var x4 = Vector512.Create(a4[at]);
            l4 = Vector512.FusedMultiplyAdd(x4, low, l4);
            h4 = Vector512.FusedMultiplyAdd(x4, high, h4);
            var x5 = Vector512.Create(a5[at]);
            l5 = Vector512.FusedMultiplyAdd(x5, low, l5);
            h5 = Vector512.FusedMultiplyAdd(x5, high, h5);
            var x6 = Vector512.Create(a6[at]);
            l6 = Vector512.FusedMultiplyAdd(x6, low, l6);
            h6 = Vector512.FusedMultiplyAdd(x6, high, h6);
            var x7 = Vector512.Create(a7[at]);
            l7 = Vector512.FusedMultiplyAdd(x7, low, l7);
            h7 = Vector512.FusedMultiplyAdd(x7, high, h7);
        }

        var factor = Vector512.Create(scale);
        Store512(output + (long)0 * stride, l0 * factor, h0 * factor, accumulate);
        Store512(output + (long)1 * stride, l1 * factor, h1 * factor, accumulate);
        Store512(output + (long)2 * stride, l2 * factor, h2 * factor, accumulate);
        Store512(output + (long)3 * stride, l3 * factor, h3 * factor, accumulate);
        Store512(output + (long)4 * stride, l4 * factor, h4 * factor, accumulate);
        Store512(output + (long)5 * stride, l5 * factor, h5 * factor, accumulate);
        Store512(output + (long)6 * stride, l6 * factor, h6 * factor, accumulate);
        Store512(output + (long)7 * stride, l7 * factor, h7 * factor, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store512(float* output, Vector512<float> low, Vector512<float> high, bool accumulate)
    {
        if (accumulate)
        {
            low += Vector512.Load(output);
            high += Vector512.Load(output + 16);
        }

        low.Store(output);
        high.Store(output + 16);
    }

    [SkipLocalsInit]
    static void Whole256(TileSource left, float* right, int inner, float* output, int stride, bool accumulate, float scale)
    {
        float* a0 = left.Row(0), a1 = left.Row(1), a2 = left.Row(2), a3 = left.Row(3), a4 = left.Row(4), a5 = left.Row(5);
        nint step = left.InnerStride;
        var s0 = Vector256<float>.Zero;
        Vector256<float> l0 = s0, l1 = s0, l2 = s0, l3 = s0, l4 = s0, l5 = s0;
        Vector256<float> h0 = s0, h1 = s0, h2 = s0, h3 = s0, h4 = s0, h5 = s0;
        for (nint at = 0; inner > 0; inner--, at += step, right += 16)
        {
            var low = Vector256.Load(right);
            var high = Vector256.Load(right + 8);
            var x0 = Vector256.Create(a0[at]);
            l0 = Vector256.FusedMultiplyAdd(x0, low, l0);
            h0 = Vector256.FusedMultiplyAdd(x0, high, h0);
            var x1 = Vector256.Create(a1[at]);
            l1 = Vector256.FusedMultiplyAdd(x1, low, l1);
            h1 = Vector256.FusedMultiplyAdd(x1, high, h1);
            var x2 = Vector256.Create(a2[at]);
            l2 = Vector256.FusedMultiplyAdd(x2, low, l2);
            h2 = Vector256.FusedMultiplyAdd(x2, high, h2);
            var x3 = Vector256.Create(a3[at]);
            l3 = Vector256.FusedMultiplyAdd(x3, low, l3);
            h3 = Vector256.FusedMultiplyAdd(x3, high, h3);
            var x4 = Vector256.Create(a4[at]);
            l4 = Vector256.FusedMultiplyAdd(x4, low, l4);
            h4 = Vector256.FusedMultiplyAdd(x4, high, h4);
            var x5 = Vector256.Create(a5[at]);
            l5 = Vector256.FusedMultiplyAdd(x5, low, l5);
            h5 = Vector256.FusedMultiplyAdd(x5, high, h5);
        }

        var factor = Vector256.Create(scale);
        Store256(output + (long)0 * stride, l0 * factor, h0 * factor, accumulate);
        Store256(output + (long)1 * stride, l1 * factor, h1 * factor, accumulate);
        Store256(output + (long)2 * stride, l2 * factor, h2 * factor, accumulate);
        Store256(output + (long)3 * stride, l3 * factor, h3 * factor, accumulate);
        Store256(output + (long)4 * stride, l4 * factor, h4 * factor, accumulate);
        Store256(output + (long)5 * stride, l5 * factor, h5 * factor, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store256(float* output, Vector256<float> low, Vector256<float> high, bool accumulate)
    {
        if (accumulate)
        {
            low += Vector256.Load(output);
            high += Vector256.Load(output + 8);
        }

        low.Store(output);
        high.Store(output + 8);
    }
}
