using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Inference.Tests;

/// <summary>Packed products against a naive f64 sum, over ragged shapes, strides, factors and thread counts.</summary>
public class MatrixProductTests
{
    static readonly int[] Sizes = [1, 2, 5, 7, 8, 9, 16, 31, 32, 33, 47, 64, 65, 100, 130];

    [Fact]
    public void Products_EqualTheNaiveSum()
    {
        using var pool = new ComputePool(2);
        var gen = Gen.Elements(Sizes);
        var shapes = gen.Three().Zip(Gen.Choose(0, 5)).ToArbitrary();
        Prop.ForAll(shapes, shape =>
        {
            var ((rows, columns, inner), kind) = shape;
            CheckShape(pool, rows, columns, inner, kind % 3, accumulate: kind >= 3);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(3, 2100, 5)]
    [InlineData(70, 40, 1100)]
    [InlineData(200, 3, 513)]
    public void Products_LargerThanABlock_EqualTheNaiveSum(int rows, int columns, int inner)
    {
        using var pool = new ComputePool(3);
        for (var kind = 0; kind < 3; kind++)
        {
            CheckShape(pool, rows, columns, inner, kind, accumulate: true);
        }
    }

    [Fact]
    public void Products_AreTheSameBits_ForAnyThreadCount()
    {
        var random = new Random(5);
        var a = Numbers(random, 150 * 700);
        var b = Numbers(random, 90 * 700);
        var expected = new float[150 * 90];
        MatrixProduct.TimesTransposed(null, new(a, 150, 700), new(b, 90, 700), new(expected, 150, 90));
        foreach (var threads in new[] { 1, 2, 3, 7 })
        {
            using var pool = new ComputePool(threads);
            var actual = new float[150 * 90];
            MatrixProduct.TimesTransposed(pool, new(a, 150, 700), new(b, 90, 700), new(actual, 150, 90));
            actual.Should().Equal(expected);
        }
    }

    [Fact]
    public unsafe void Kernels_GiveTheSameBits_WhateverTheirWidth()
    {
        var random = new Random(6);
        const int inner = 77;
        var left = Numbers(random, 8 * inner);
        foreach (var kind in Enum.GetValues<MatrixKernelKind>())
        {
            var width = kind == MatrixKernelKind.Vector512 ? 32 : 16;
            var right = Numbers(new Random(7), inner * width);
            var rows = kind == MatrixKernelKind.Vector512 ? 8 : 6;
            var output = new float[rows * width];
            fixed (float* l = left, r = right, o = output)
            {
                MatrixProductKernel.Whole(kind, new TileSource(l, inner, 1, rows), r, inner, o, width, accumulate: false, 0.5f);
            }

            for (var index = 0; index < output.Length; index++)
            {
                var sum = 0f;
                for (var k = 0; k < inner; k++)
                {
                    sum = MathF.FusedMultiplyAdd(left[index / width * inner + k], right[k * width + index % width], sum);
                }

                output[index].Should().Be(sum * 0.5f);
            }
        }
    }

    [Fact]
    public void Products_OfShapesThatDoNotFit_AreRefused()
    {
        var numbers = new float[12];
        FluentActions.Invoking(() => MatrixProduct.Times(null, new(numbers, 3, 4), new(numbers, 3, 4), new(numbers, 3, 4)))
            .Should().Throw<ArgumentException>().WithMessage("*[3, 4] and [3, 4] into [3, 4]*");
        FluentActions.Invoking(() => new MatrixView(numbers, 4, 4).Rows).Should().Throw<ArgumentException>();
    }

    static void CheckShape(ComputePool pool, int rows, int columns, int inner, int kind, bool accumulate)
    {
        const float scale = 0.75f;
        var random = new Random(rows * 31 + columns * 7 + inner);
        var (leftRows, leftColumns) = kind == 2 ? (inner, rows) : (rows, inner);
        var (rightRows, rightColumns) = kind == 0 ? (columns, inner) : (inner, columns);
        int leftStride = leftColumns + 3, rightStride = rightColumns + 2, stride = columns + 1;
        var left = Numbers(random, leftRows * leftStride);
        var right = Numbers(random, rightRows * rightStride);
        var output = Numbers(random, rows * stride);
        var before = (float[])output.Clone();
        var a = new MatrixView(left, leftRows, leftColumns, leftStride);
        var b = new MatrixView(right, rightRows, rightColumns, rightStride);
        var c = new MatrixView(output, rows, columns, stride);
        switch (kind)
        {
            case 0:
                MatrixProduct.TimesTransposed(pool, a, b, c, accumulate, scale);
                break;
            case 1:
                MatrixProduct.Times(pool, a, b, c, accumulate, scale);
                break;
            default:
                MatrixProduct.TransposedTimes(pool, a, b, c, accumulate, scale);
                break;
        }

        if (kind != 2)
        {
            var again = (float[])before.Clone();
            var packed = kind == 0 ? MatrixProduct.PackTransposed(b) : MatrixProduct.Pack(b);
            MatrixProduct.TimesPacked(pool, a, packed, new MatrixView(again, rows, columns, stride), accumulate, scale);
            again.AsSpan().SequenceEqual(output).Should().BeTrue("a packed operand gives the same bits");
        }

        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var sum = accumulate ? (double)before[row * stride + column] : 0;
                for (var k = 0; k < inner; k++)
                {
                    var x = kind == 2 ? left[k * leftStride + row] : left[row * leftStride + k];
                    var y = kind == 0 ? right[column * rightStride + k] : right[k * rightStride + column];
                    sum += (double)x * y * scale;
                }

                ((double)output[row * stride + column]).Should().BeApproximately(sum, 1e-5 * Math.Sqrt(inner) + 1e-6);
            }

            output[row * stride + columns].Should().Be(before[row * stride + columns], "numbers between the rows are not the product's");
        }
    }

    static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
