using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>The matrices of a base that training leaves alone, packed once for both passes: twice their memory.</summary>
sealed class FrozenWeights
{
    readonly PackedOperand[] _forward;
    readonly PackedOperand[] _backward;

    public FrozenWeights(ModelWeights weights)
    {
        var config = weights.Config;
        var count = config.LayerCount * Projections.All.Count;
        _forward = new PackedOperand[count];
        _backward = new PackedOperand[count];
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (var projection in Projections.All)
            {
                var matrix = new MatrixView(
                    weights.Layers[layer][projection], Projections.OutputSize(config, projection),
                    Projections.InputSize(config, projection));
                _forward[Index(layer, projection)] = MatrixProduct.PackTransposed(matrix);
                _backward[Index(layer, projection)] = MatrixProduct.Pack(matrix);
            }
        }

        var output = new MatrixView(weights.Output, config.VocabularySize, config.HiddenSize);
        Output = MatrixProduct.PackTransposed(output);
        OutputBackward = MatrixProduct.Pack(output);
    }

    /// <summary>For x·Wᵀ of the output projection.</summary>
    public PackedOperand Output { get; }

    /// <summary>For dy·W of the output projection.</summary>
    public PackedOperand OutputBackward { get; }

    /// <summary>For x·Wᵀ.</summary>
    public PackedOperand Forward(int layer, Projection projection) => _forward[Index(layer, projection)];

    /// <summary>For dy·W.</summary>
    public PackedOperand Backward(int layer, Projection projection) => _backward[Index(layer, projection)];

    static int Index(int layer, Projection projection) => layer * Projections.All.Count + (int)projection;
}
