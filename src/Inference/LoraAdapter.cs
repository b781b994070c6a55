namespace OpenLedger.Inference;

/// <summary>A LoRA adapter over one base model: for each adapted matrix W the served map is W + scale·B·A, never merged.</summary>
/// <remarks>Hu et al., LoRA (2021), section 4.1; layout as PEFT stores it.</remarks>
public sealed class LoraAdapter
{
    readonly LoraMatrix?[] _matrices;

    public LoraAdapter(ModelConfig config, string baseModel)
    {
        Config = config;
        BaseModel = baseModel;
        _matrices = new LoraMatrix?[config.LayerCount * Projections.All.Count];
    }

    public ModelConfig Config { get; }

    /// <summary>The base model's name (<c>base_model_name_or_path</c>).</summary>
    public string BaseModel { get; }

    /// <summary>The adapted matrix at a layer and projection, or null where the base is left alone.</summary>
    public LoraMatrix? this[int layer, Projection projection]
    {
        get => _matrices[layer * Projections.All.Count + (int)projection];
        set => _matrices[layer * Projections.All.Count + (int)projection] = value;
    }

    /// <summary>Every adapted matrix with its place, in layer order, then in projection order.</summary>
    public IEnumerable<(int Layer, Projection Projection, LoraMatrix Matrix)> Matrices()
    {
        for (var index = 0; index < _matrices.Length; index++)
        {
            if (_matrices[index] is { } matrix)
            {
                yield return (index / Projections.All.Count, (Projection)(index % Projections.All.Count), matrix);
            }
        }
    }
}

/// <summary>The two factors of one adapted matrix.</summary>
public sealed class LoraMatrix
{
    public LoraMatrix(int rank, int inputSize, int outputSize, float scale)
    {
        Rank = rank;
        InputSize = inputSize;
        OutputSize = outputSize;
        Scale = scale;
        A = new float[(long)rank * inputSize];
        B = new float[(long)outputSize * rank];
    }

    public int Rank { get; }

    public int InputSize { get; }

    public int OutputSize { get; }

    /// <summary>α ÷ r, or α ÷ √r with rsLoRA.</summary>
    public float Scale { get; }

    /// <summary><c>lora_A.weight</c>, <c>[rank, in]</c>.</summary>
    public float[] A { get; }

    /// <summary><c>lora_B.weight</c>, <c>[out, rank]</c>.</summary>
    public float[] B { get; }
}
