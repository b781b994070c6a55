using System.Numerics.Tensors;

namespace OpenLedger.Inference;

/// <summary>Natural logarithms of probabilities from logits.</summary>
public static class LogSoftmax
{
    const int ChunkLength = 512;

    /// <summary>log p of one token: its logit less the logarithm of the sum of all exponentials, which is summed in f64.</summary>
    public static double At(ReadOnlySpan<float> logits, int token)
    {
        var max = TensorPrimitives.Max(logits);
        Span<float> exponentials = stackalloc float[ChunkLength];
        var sum = 0.0;
        for (var begin = 0; begin < logits.Length; begin += ChunkLength)
        {
            var chunk = logits.Slice(begin, Math.Min(ChunkLength, logits.Length - begin));
            var values = exponentials[..chunk.Length];
            TensorPrimitives.Subtract(chunk, max, values);
            TensorPrimitives.Exp(values, values);
            sum += Reduction.Sum(values);
        }
        return (double)logits[token] - max - Math.Log(sum);
    }
}
