namespace OpenLedger.Attribution;

/// <summary>
/// Builds an <see cref="InfluenceIndex"/>, checkpoint by checkpoint: <see cref="BeginCheckpoint"/>, every row's gradient in row
/// order, the gradients of a few unrelated answers, <see cref="EndCheckpoint"/>; at last <see cref="Build"/>. A gradient is flat:
/// part after part (a part is one matrix of one LoRA pair). Memory is the int8 rows of all checkpoints, and while a checkpoint
/// ends some floats for one part a thread. Not thread-safe.
/// </summary>
public sealed class InfluenceIndexBuilder
{
    /// <summary>The most unrelated answers of a checkpoint.</summary>
    public const int UnrelatedCountMax = 1_024;

    readonly GradientSketch sketch;
    readonly InfluenceOptions options;
    readonly int rowCount;
    readonly List<InfluenceCheckpoint> checkpoints = [];
    readonly List<float[]> unrelated = [];
    readonly float[] stored;
    double[][] unrelatedScores = [];
    PartStore[]? parts;
    double[] weights = [];
    string adapterHash = "";
    int rowsAdded;

    /// <param name="partLengths">Parameters of each part.</param>
    /// <param name="rowCount">Rows that every checkpoint will get.</param>
    /// <param name="options">Damping, sketch and normalisation.</param>
    /// <exception cref="ArgumentException">A size is out of its bounds; the message names the bound.</exception>
    public InfluenceIndexBuilder(IReadOnlyList<int> partLengths, int rowCount, InfluenceOptions? options = null)
    {
        this.options = options ?? new InfluenceOptions();
        this.rowCount = rowCount;
        sketch = new GradientSketch(partLengths, this.options);
        InfluenceLimits.CheckSizes(rowCount, sketch.StoredLengths, checkpointCount: 1);
        stored = new float[sketch.StoredLength];
    }

    /// <summary>How gradients are stored.</summary>
    public GradientSketch Sketch => sketch;

    /// <summary>Starts a checkpoint (or the end of a run with another seed).</summary>
    /// <param name="adapterHash">Content hash of the adapter's weights at this checkpoint; at most 128 characters.</param>
    public void BeginCheckpoint(string adapterHash)
    {
        ArgumentNullException.ThrowIfNull(adapterHash);
        if (adapterHash.Length > InfluenceLimits.AdapterHashLengthMax)
        {
            throw new ArgumentException($"an adapter hash has at most {InfluenceLimits.AdapterHashLengthMax} characters", nameof(adapterHash));
        }
        if (parts is not null)
        {
            throw new InvalidOperationException("end the checkpoint before the next begins");
        }
        InfluenceLimits.CheckSizes(rowCount, sketch.StoredLengths, checkpoints.Count + 1);
        this.adapterHash = adapterHash;
        parts = [.. sketch.StoredLengths.Select(length => new PartStore(rowCount, length))];
        weights = new double[rowCount];
        rowsAdded = 0;
        unrelated.Clear();
    }

    /// <summary>Adds the next row.</summary>
    /// <param name="gradient">Gradient of the row's answer-token loss, [parameters].</param>
    /// <param name="weight">Training weight (novelty), from 0 to 1; a row of weight 0 neither scores nor changes anything.</param>
    public void AddRow(ReadOnlySpan<float> gradient, double weight = 1)
    {
        var open = parts ?? throw new InvalidOperationException("begin a checkpoint first");
        if (rowsAdded == rowCount)
        {
            throw new InvalidOperationException($"the index was made for {rowCount} rows");
        }
        if (!(weight >= 0 && weight <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "a weight lies from 0 to 1");
        }
        sketch.Apply(gradient, stored);
        var whole = options.Normalisation == RowNormalisation.Whole ? InverseLength(stored) : 1;
        for (var part = 0; part < open.Length; part++)
        {
            var values = stored.AsSpan(sketch.StoredOffset(part), sketch.StoredLengths[part]);
            open[part].Quantise(rowsAdded, values, options.Normalisation == RowNormalisation.Part ? InverseLength(values) : whole);
        }
        weights[rowsAdded] = weight;
        rowsAdded++;
    }

    /// <summary>
    /// Adds the gradient of an answer that none of the rows has to do with; their scores are the noise. Every checkpoint gets the same
    /// answers in the same order.
    /// </summary>
    public void AddUnrelated(ReadOnlySpan<float> gradient)
    {
        if (parts is null)
        {
            throw new InvalidOperationException("begin a checkpoint first");
        }
        if (unrelated.Count == UnrelatedCountMax)
        {
            throw new InvalidOperationException($"a checkpoint has at most {UnrelatedCountMax} unrelated answers");
        }
        var copy = new float[sketch.StoredLength];
        sketch.Apply(gradient, copy);
        unrelated.Add(copy);
    }

    /// <summary>Preconditions the rows of the checkpoint; takes seconds.</summary>
    public void EndCheckpoint(CancellationToken cancellation = default)
    {
        var open = parts ?? throw new InvalidOperationException("begin a checkpoint first");
        if (rowsAdded != rowCount)
        {
            throw new InvalidOperationException($"the checkpoint has {rowsAdded} rows of {rowCount}");
        }
        if (!Array.Exists(weights, weight => weight > 0))
        {
            throw new InvalidOperationException("every row has weight 0: there is nothing to attribute to");
        }
        if (checkpoints.Count > 0 && unrelated.Count != unrelatedScores.Length)
        {
            throw new InvalidOperationException($"the checkpoint has {unrelated.Count} unrelated answers, the first had {unrelatedScores.Length}");
        }
        var self = new double[open.Length][];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.ThreadCount, CancellationToken = cancellation };
        _ = Parallel.For(0, open.Length, parallel, part =>
        {
            self[part] = new double[rowCount];
            FisherPreconditioner.Apply(open[part], weights, options.DampingFactor, self[part]);
        });
        if (options.Normalisation == RowNormalisation.SelfInfluence)
        {
            DivideBySelfInfluence(open, self);
        }
        var checkpoint = new InfluenceCheckpoint(adapterHash, open);
        AddUnrelatedScores(checkpoint);
        checkpoints.Add(checkpoint);
        parts = null;
        unrelated.Clear();
    }

    /// <summary>The finished index; the builder is done.</summary>
    public InfluenceIndex Build()
    {
        if (parts is not null || checkpoints.Count == 0)
        {
            throw new InvalidOperationException("end at least one checkpoint first");
        }
        foreach (var scores in unrelatedScores)
        {
            for (var row = 0; row < scores.Length; row++)
            {
                scores[row] = Math.Abs(scores[row] / checkpoints.Count);
            }
        }
        var noise = Median([.. unrelatedScores.SelectMany(scores => scores)]);
        return new InfluenceIndex(sketch, options, [.. checkpoints], rowCount, noise, unrelatedScores.Length);
    }

    void AddUnrelatedScores(InfluenceCheckpoint checkpoint)
    {
        if (checkpoints.Count == 0)
        {
            unrelatedScores = new double[unrelated.Count][];
            for (var i = 0; i < unrelatedScores.Length; i++)
            {
                unrelatedScores[i] = new double[rowCount];
            }
        }
        for (var i = 0; i < unrelated.Count; i++)
        {
            checkpoint.AddScores(unrelated[i], unrelatedScores[i], options.ThreadCount);
        }
    }

    void DivideBySelfInfluence(PartStore[] open, double[][] self)
    {
        for (var row = 0; row < rowCount; row++)
        {
            var sum = 0.0;
            foreach (var part in self)
            {
                sum += part[row];
            }
            // φ carries the weight once, and so does the sum; the root takes half of it out again.
            var factor = sum > 0 && weights[row] > 0 ? 1 / Math.Sqrt(sum / weights[row]) : 0;
            foreach (var part in open)
            {
                part.Scales[row] = (float)(part.Scales[row] * factor);
            }
        }
    }

    static double InverseLength(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += (double)value * value;
        }
        return sum > 0 ? 1 / Math.Sqrt(sum) : 0;
    }

    static double Median(double[] values)
    {
        if (values.Length == 0)
        {
            return 0;
        }
        Array.Sort(values);
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
