using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>Takes, for each adapted matrix of a backward pass, what the gradients of its factors are made of.</summary>
interface ILoraGradientSink
{
    void Accept(int layer, Projection projection, LoraMatrix matrix, LoraFlow flow);
}

/// <summary>The flow through one adapted matrix: dA = lowGradientᵀ·input, dB = scale · outputGradientᵀ·low.</summary>
readonly ref struct LoraFlow(MatrixView input, MatrixView low, MatrixView outputGradient, MatrixView lowGradient)
{
    /// <summary>The adapter's input, <c>[tokens, in]</c>.</summary>
    public MatrixView Input { get; } = input;

    /// <summary>Input·Aᵀ, <c>[tokens, rank]</c>.</summary>
    public MatrixView Low { get; } = low;

    /// <summary>With respect to the projection's output, <c>[tokens, out]</c>.</summary>
    public MatrixView OutputGradient { get; } = outputGradient;

    /// <summary>Scale · output gradient·B, <c>[tokens, rank]</c>.</summary>
    public MatrixView LowGradient { get; } = lowGradient;
}

/// <summary>Adds the gradients of a whole batch up in an adapter of the same shape.</summary>
sealed class LoraGradientSum(LoraAdapter gradient) : ILoraGradientSink
{
    public void Accept(int layer, Projection projection, LoraMatrix matrix, LoraFlow flow)
    {
        var target = gradient[layer, projection]
            ?? throw new InvalidOperationException($"The gradient has no matrix for layer {layer}, {projection}.");
        var a = new MatrixView(target.A, matrix.Rank, matrix.InputSize);
        var b = new MatrixView(target.B, matrix.OutputSize, matrix.Rank);
        MatrixProduct.TransposedTimes(null, flow.LowGradient, flow.Input, a, accumulate: true);
        MatrixProduct.TransposedTimes(null, flow.OutputGradient, flow.Low, b, accumulate: true, matrix.Scale);
    }
}
