using System.Numerics.Tensors;

namespace OpenLedger.Inference;

/// <summary>Natural logarithms of probabilities from logits.</summary>
public static class LogSoftmax
{
    /// <summary>log p of one token: its logit less the logarithm of the sum of all exponentials, summed in f64.</summary>
    public static double At(ReadOnlySpan<float> logits, int token)
    {
        var max = TensorPrimitives.Max(logits);
        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - max);
        }
        return logits[token] - max - Math.Log(sum);
    }
}
