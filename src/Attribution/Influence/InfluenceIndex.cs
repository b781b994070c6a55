namespace OpenLedger.Attribution;

/// <summary>
/// Preconditioned sketches φ_u of every row an adapter was trained on: a served answer's influence scores are τ_u = φ_u · g_q,
/// averaged over checkpoints. Immutable, safe for concurrent queries, and blind to who owns a row.
/// </summary>
public sealed class InfluenceIndex
{
    readonly InfluenceCheckpoint[] _checkpoints;

    internal InfluenceIndex(GradientSketch sketch, InfluenceOptions options, InfluenceCheckpoint[] checkpoints, int rowCount)
    {
        Sketch = sketch;
        Options = options;
        _checkpoints = checkpoints;
        RowCount = rowCount;
    }

    /// <summary>How gradients are stored: kind, seed, lengths.</summary>
    public GradientSketch Sketch { get; }

    /// <summary>The parameters that it was built with.</summary>
    public InfluenceOptions Options { get; }

    /// <summary>Rows, in the order in which they were added.</summary>
    public int RowCount { get; }

    /// <summary>Checkpoints that a query needs a gradient for.</summary>
    public int CheckpointCount => _checkpoints.Length;

    /// <summary>Content hash of the adapter's weights at each checkpoint.</summary>
    public IReadOnlyList<string> AdapterHashes => [.. _checkpoints.Select(checkpoint => checkpoint.AdapterHash)];

    internal IReadOnlyList<InfluenceCheckpoint> Checkpoints => _checkpoints;

    /// <summary>Scores of every row for an answer, given its gradient at the only checkpoint.</summary>
    /// <exception cref="ArgumentException">The index has more checkpoints, or the gradient another length.</exception>
    public double[] Scores(ReadOnlySpan<float> queryGradient)
    {
        CheckCheckpoints(1);
        var scores = new double[RowCount];
        AddScores(0, queryGradient, scores);
        return scores;
    }

    /// <summary>Scores of every row, given the answer's gradient at each checkpoint in order: the mean over checkpoints.</summary>
    /// <exception cref="ArgumentException">Not a gradient for each checkpoint, or one of another length.</exception>
    public double[] Scores(IReadOnlyList<float[]> queryGradients)
    {
        ArgumentNullException.ThrowIfNull(queryGradients);
        CheckCheckpoints(queryGradients.Count);
        var scores = new double[RowCount];
        for (var checkpoint = 0; checkpoint < _checkpoints.Length; checkpoint++)
        {
            AddScores(checkpoint, queryGradients[checkpoint], scores);
        }
        for (var row = 0; row < scores.Length; row++)
        {
            scores[row] /= _checkpoints.Length;
        }
        return scores;
    }

    /// <summary>Writes the index; <see cref="InfluenceIndexFile"/> describes the format.</summary>
    public void Write(Stream stream) => InfluenceIndexFile.Write(this, stream);

    /// <summary>Reads an index from a stream that holds nothing else after its position.</summary>
    /// <param name="stream">Any stream; a length is needed if it cannot seek.</param>
    /// <param name="lengthBytes">Bytes of the index, where the stream itself does not know.</param>
    /// <exception cref="ArtefactFormatException">Damaged, cut short, of another version, or made to mislead.</exception>
    public static InfluenceIndex Read(Stream stream, long? lengthBytes = null) => InfluenceIndexFile.Read(stream, lengthBytes);

    void CheckCheckpoints(int count)
    {
        if (count != _checkpoints.Length)
        {
            throw new ArgumentException($"the index needs a gradient for each of its {_checkpoints.Length} checkpoints, but got {count}");
        }
    }

    void AddScores(int checkpoint, ReadOnlySpan<float> gradient, double[] scores)
    {
        var stored = new float[Sketch.StoredLength];
        Sketch.Apply(gradient, stored);
        Sketch.Normalise(stored, Options.Normalisation, query: true);
        _checkpoints[checkpoint].AddScores(stored, scores, Options.ThreadCount);
    }
}

/// <summary>All parts of one checkpoint.</summary>
sealed class InfluenceCheckpoint(string adapterHash, PartStore[] parts)
{
    // A block of rows is one piece of work for a thread.
    const int RowBlock = 64;

    public string AdapterHash { get; } = adapterHash;

    public IReadOnlyList<PartStore> Parts => parts;

    /// <summary>Adds φ_u·g to every row's score. A row's sum runs over parts in order, however many threads there are.</summary>
    public void AddScores(float[] stored, double[] scores, int threadCount)
    {
        var padded = new float[parts.Length][];
        var offset = 0;
        for (var part = 0; part < parts.Length; part++)
        {
            padded[part] = new float[parts[part].Stride];
            stored.AsSpan(offset, parts[part].Length).CopyTo(padded[part]);
            offset += parts[part].Length;
        }
        var blocks = (scores.Length + RowBlock - 1) / RowBlock;
        if (threadCount == 1 || blocks == 1)
        {
            AddBlock(padded, scores, 0, scores.Length);
            return;
        }
        _ = Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threadCount }, block =>
            AddBlock(padded, scores, block * RowBlock, Math.Min((block + 1) * RowBlock, scores.Length)));
    }

    void AddBlock(float[][] padded, double[] scores, int from, int to)
    {
        for (var part = 0; part < parts.Length; part++)
        {
            var store = parts[part];
            for (var row = from; row < to; row++)
            {
                var scale = store.Scales[row];
                if (scale != 0)
                {
                    scores[row] += (double)MatrixKernels.Dot(padded[part], store.Row(row)) * scale;
                }
            }
        }
    }
}
