namespace OpenLedger.Inference;

/// <summary>A LoRA adapter laid out for serving. A copy: later changes to the <see cref="LoraAdapter"/> are not seen.</summary>
public sealed class PackedAdapter
{
    readonly PackedLora?[] _matrices;

    /// <exception cref="ArgumentException">A factor has another shape than the model's projection.</exception>
    public PackedAdapter(LoraAdapter adapter)
    {
        Config = adapter.Config;
        BaseModel = adapter.BaseModel;
        _matrices = new PackedLora?[Config.LayerCount * Projections.All.Count];
        foreach (var (layer, projection, matrix) in adapter.Matrices())
        {
            if (matrix.InputSize != Projections.InputSize(Config, projection)
                || matrix.OutputSize != Projections.OutputSize(Config, projection))
            {
                throw new ArgumentException(
                    $"Layer {layer}, {Projections.ModuleName(projection)}: {matrix.OutputSize} × {matrix.InputSize} is another shape.",
                    nameof(adapter));
            }
            _matrices[(layer * Projections.All.Count) + (int)projection] = new PackedLora(
                new PackedMatrix(matrix.A, matrix.Rank, matrix.InputSize),
                new PackedMatrix(matrix.B, matrix.OutputSize, matrix.Rank),
                matrix.Scale);
            RankMax = Math.Max(RankMax, matrix.Rank);
        }
        SizeBytes = _matrices.Sum(matrix => matrix is null ? 0 : matrix.A.SizeBytes + matrix.B.SizeBytes);
    }

    public ModelConfig Config { get; }

    /// <summary>The base model's name (<c>base_model_name_or_path</c>).</summary>
    public string BaseModel { get; }

    /// <summary>The greatest rank of any matrix.</summary>
    public int RankMax { get; }

    /// <summary>Bytes of the packed factors.</summary>
    public long SizeBytes { get; }

    internal PackedLora? this[int layer, Projection projection] => _matrices[(layer * Projections.All.Count) + (int)projection];
}

/// <summary>The two factors of one adapted matrix, packed.</summary>
sealed record PackedLora(PackedMatrix A, PackedMatrix B, float Scale);
