using System.Runtime.Intrinsics;

namespace OpenLedger.Inference;

/// <summary>Sums in a fixed order. Library sums start where memory is aligned, so their last bit depends on the address.</summary>
static class Reduction
{
    public static float Sum(ReadOnlySpan<float> values)
    {
        var lanes = Vector512<float>.Zero;
        var index = 0;
        for (; index + Vector512<float>.Count <= values.Length; index += Vector512<float>.Count)
        {
            lanes += Vector512.Create(values[index..]);
        }
        var sum = Vector512.Sum(lanes);
        for (; index < values.Length; index++)
        {
            sum += values[index];
        }
        return sum;
    }

    public static float SumOfSquares(ReadOnlySpan<float> values)
    {
        var lanes = Vector512<float>.Zero;
        var index = 0;
        for (; index + Vector512<float>.Count <= values.Length; index += Vector512<float>.Count)
        {
            var vector = Vector512.Create(values[index..]);
            lanes = Vector512.FusedMultiplyAdd(vector, vector, lanes);
        }
        var sum = Vector512.Sum(lanes);
        for (; index < values.Length; index++)
        {
            sum = MathF.FusedMultiplyAdd(values[index], values[index], sum);
        }
        return sum;
    }
}
