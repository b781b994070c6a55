using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OpenLedger.Training;

/// <summary>Elementwise loops and reductions in a fixed order: sixteen lanes on any machine, so that results repeat.</summary>
static class VectorMath
{
    /// <summary>Numbers a lane group holds.</summary>
    public const int Lanes = 16;

    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right[..left.Length]);
        var sum = Vector512<float>.Zero;
        var at = 0;
        for (; at <= left.Length - Lanes; at += Lanes)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, (nuint)at), Vector512.LoadUnsafe(ref b, (nuint)at), sum);
        }

        var total = Sum(sum);
        for (; at < left.Length; at++)
        {
            total = MathF.FusedMultiplyAdd(Unsafe.Add(ref a, at), Unsafe.Add(ref b, at), total);
        }

        return total;
    }

    /// <summary>Sum of squares in f64, for norms over millions of numbers.</summary>
    public static double SumOfSquares(ReadOnlySpan<float> values)
    {
        const int block = 4096;
        var total = 0.0;
        for (var at = 0; at < values.Length; at += block)
        {
            var part = values.Slice(at, Math.Min(block, values.Length - at));
            total += Dot(part, part);
        }

        return total;
    }

    /// <summary>y += factor · x.</summary>
    public static void AddScaled(Span<float> y, ReadOnlySpan<float> x, float factor)
    {
        ref var to = ref MemoryMarshal.GetReference(y[..x.Length]);
        ref var from = ref MemoryMarshal.GetReference(x);
        var scale = Vector512.Create(factor);
        var at = 0;
        for (; at <= x.Length - Lanes; at += Lanes)
        {
            var sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref from, (nuint)at), scale, Vector512.LoadUnsafe(ref to, (nuint)at));
            sum.StoreUnsafe(ref to, (nuint)at);
        }

        for (; at < x.Length; at++)
        {
            Unsafe.Add(ref to, at) = MathF.FusedMultiplyAdd(Unsafe.Add(ref from, at), factor, Unsafe.Add(ref to, at));
        }
    }

    /// <summary>The sixteen lanes by halves: one order on every machine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> lanes)
    {
        var eight = lanes.GetLower() + lanes.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector512<float> lanes)
    {
        var eight = Vector256.Max(lanes.GetLower(), lanes.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[2]), MathF.Max(four[1], four[3]));
    }

    /// <summary>output = x ÷ rms(x) · weight. Returns 1 ÷ rms(x).</summary>
    /// <remarks>Zhang and Sennrich, Root mean square layer normalization (2019), with epsilon inside the root.</remarks>
    public static float RmsNorm(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> output)
    {
        var inverse = 1 / MathF.Sqrt(Dot(x, x) / x.Length + epsilon);
        ref var from = ref MemoryMarshal.GetReference(x);
        ref var by = ref MemoryMarshal.GetReference(weight[..x.Length]);
        ref var to = ref MemoryMarshal.GetReference(output[..x.Length]);
        var scale = Vector512.Create(inverse);
        var at = 0;
        for (; at <= x.Length - Lanes; at += Lanes)
        {
            (Vector512.LoadUnsafe(ref from, (nuint)at) * scale * Vector512.LoadUnsafe(ref by, (nuint)at)).StoreUnsafe(ref to, (nuint)at);
        }

        for (; at < x.Length; at++)
        {
            Unsafe.Add(ref to, at) = Unsafe.Add(ref from, at) * inverse * Unsafe.Add(ref by, at);
        }

        return inverse;
    }

    /// <summary>Adds the gradient with respect to x to <paramref name="xGradient"/>, and to the weight's where that is not empty.</summary>
    public static void RmsNormBackward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float inverse, ReadOnlySpan<float> outputGradient, Span<float> xGradient,
        Span<float> weightGradient)
    {
        var sum = Vector512<float>.Zero;
        var whole = x.Length / Lanes * Lanes;
        for (var at = 0; at < whole; at += Lanes)
        {
            var weighted = Vector512.Create(outputGradient.Slice(at, Lanes)) * Vector512.Create(weight.Slice(at, Lanes));
            sum = Vector512.FusedMultiplyAdd(weighted, Vector512.Create(x.Slice(at, Lanes)), sum);
        }

        var dot = Sum(sum);
        for (var at = whole; at < x.Length; at++)
        {
            dot = MathF.FusedMultiplyAdd(outputGradient[at] * weight[at], x[at], dot);
        }

        var correction = dot * inverse * inverse * inverse / x.Length;
        var (scale, minus) = (Vector512.Create(inverse), Vector512.Create(-correction));
        for (var at = 0; at < whole; at += Lanes)
        {
            var (g, value) = (Vector512.Create(outputGradient.Slice(at, Lanes)), Vector512.Create(x.Slice(at, Lanes)));
            var change = Vector512.FusedMultiplyAdd(value, minus, g * Vector512.Create(weight.Slice(at, Lanes)) * scale);
            (Vector512.Create(xGradient.Slice(at, Lanes)) + change).CopyTo(xGradient.Slice(at, Lanes));
            if (!weightGradient.IsEmpty)
            {
                (Vector512.Create(weightGradient.Slice(at, Lanes)) + g * value * scale).CopyTo(weightGradient.Slice(at, Lanes));
            }
        }

        for (var at = whole; at < x.Length; at++)
        {
            xGradient[at] += outputGradient[at] * weight[at] * inverse - x[at] * correction;
            if (!weightGradient.IsEmpty)
            {
                weightGradient[at] += outputGradient[at] * x[at] * inverse;
            }
        }
    }

    /// <summary>output = silu(gate) · up, with silu(g) = g ÷ (1 + e⁻ᵍ).</summary>
    /// <remarks>Shazeer, GLU variants improve transformer (2020).</remarks>
    public static void SwiGlu(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> output)
    {
        var at = 0;
        for (; at <= gate.Length - Lanes; at += Lanes)
        {
            var g = Vector512.Create(gate.Slice(at, Lanes));
            (g * Sigmoid(g) * Vector512.Create(up.Slice(at, Lanes))).CopyTo(output.Slice(at, Lanes));
        }

        for (; at < gate.Length; at++)
        {
            output[at] = gate[at] / (1 + MathF.Exp(-gate[at])) * up[at];
        }
    }

    /// <summary>Gradients of <see cref="SwiGlu"/>; <paramref name="outputGradient"/> may be the memory of either result.</summary>
    public static void SwiGluBackward(
        ReadOnlySpan<float> gate, ReadOnlySpan<float> up, ReadOnlySpan<float> outputGradient, Span<float> gateGradient,
        Span<float> upGradient)
    {
        var at = 0;
        var one = Vector512.Create(1f);
        for (; at <= gate.Length - Lanes; at += Lanes)
        {
            var (g, d) = (Vector512.Create(gate.Slice(at, Lanes)), Vector512.Create(outputGradient.Slice(at, Lanes)));
            var sigmoid = Sigmoid(g);
            var slope = sigmoid * Vector512.FusedMultiplyAdd(g, one - sigmoid, one);
            (d * Vector512.Create(up.Slice(at, Lanes)) * slope).CopyTo(gateGradient.Slice(at, Lanes));
            (d * g * sigmoid).CopyTo(upGradient.Slice(at, Lanes));
        }

        for (; at < gate.Length; at++)
        {
            var sigmoid = 1 / (1 + MathF.Exp(-gate[at]));
            var d = outputGradient[at];
            gateGradient[at] = d * up[at] * sigmoid * (1 + gate[at] * (1 - sigmoid));
            upGradient[at] = d * gate[at] * sigmoid;
        }
    }

    /// <summary>Turns logits into probabilities in place and returns log Σ exp of the logits.</summary>
    public static double Softmax(Span<float> logits)
    {
        var at = 0;
        var whole = logits.Length / Lanes * Lanes;
        var most = Vector512.Create(float.NegativeInfinity);
        for (; at < whole; at += Lanes)
        {
            most = Vector512.Max(most, Vector512.Create(logits.Slice(at, Lanes)));
        }

        var max = Max(most);
        for (; at < logits.Length; at++)
        {
            max = MathF.Max(max, logits[at]);
        }

        var (shift, sum) = (Vector512.Create(max), Vector512<float>.Zero);
        for (at = 0; at < whole; at += Lanes)
        {
            var e = Vector512.Exp(Vector512.Create(logits.Slice(at, Lanes)) - shift);
            e.CopyTo(logits.Slice(at, Lanes));
            sum += e;
        }

        var total = (double)Sum(sum);
        for (; at < logits.Length; at++)
        {
            logits[at] = MathF.Exp(logits[at] - max);
            total += logits[at];
        }

        Scale(logits, (float)(1 / total));
        return max + Math.Log(total);
    }

    public static void Scale(Span<float> values, float factor)
    {
        var at = 0;
        var scale = Vector512.Create(factor);
        for (; at <= values.Length - Lanes; at += Lanes)
        {
            (Vector512.Create(values.Slice(at, Lanes)) * scale).CopyTo(values.Slice(at, Lanes));
        }

        for (; at < values.Length; at++)
        {
            values[at] *= factor;
        }
    }

    /// <summary>One step of Adam: means and squares move, then values by decay and by rate · mean ÷ (√square + epsilon).</summary>
    public static void AdamStep(
        Span<float> values, ReadOnlySpan<float> gradients, Span<float> means, Span<float> squares, AdamStepFactors factors)
    {
        var at = 0;
        for (; at <= values.Length - Lanes; at += Lanes)
        {
            var g = Vector512.Create(gradients.Slice(at, Lanes)) * factors.GradientScale;
            var mean = Vector512.Create(means.Slice(at, Lanes)) * factors.MeanDecay + g * (1 - factors.MeanDecay);
            var square = Vector512.Create(squares.Slice(at, Lanes)) * factors.SquareDecay + g * g * (1 - factors.SquareDecay);
            mean.CopyTo(means.Slice(at, Lanes));
            square.CopyTo(squares.Slice(at, Lanes));
            var root = Vector512.Sqrt(square * factors.SquareCorrection) + Vector512.Create(factors.Epsilon);
            var step = mean * factors.CorrectedRate / root;
            (Vector512.Create(values.Slice(at, Lanes)) * factors.Decay - step).CopyTo(values.Slice(at, Lanes));
        }

        for (; at < values.Length; at++)
        {
            var g = gradients[at] * factors.GradientScale;
            means[at] = means[at] * factors.MeanDecay + g * (1 - factors.MeanDecay);
            squares[at] = squares[at] * factors.SquareDecay + g * g * (1 - factors.SquareDecay);
            var step = means[at] * factors.CorrectedRate / (MathF.Sqrt(squares[at] * factors.SquareCorrection) + factors.Epsilon);
            values[at] = values[at] * factors.Decay - step;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Sigmoid(Vector512<float> x)
    {
        var one = Vector512.Create(1f);
        return one / (one + Vector512.Exp(-x));
    }
}
