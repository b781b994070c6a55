namespace OpenLedger.Attribution;

/// <summary>
/// Builds an <see cref="InfluenceIndex"/>, checkpoint by checkpoint: <see cref="BeginCheckpoint"/>, every row's gradient in row
/// order, <see cref="EndCheckpoint"/>; at last <see cref="Build"/>. A gradient is flat: part after part (a part is one matrix of one
/// LoRA pair). Memory is the int8 rows of all checkpoints, and while a checkpoint ends some floats for one part a thread. Not
/// thread-safe.
/// </summary>
public sealed class InfluenceIndexBuilder
{
    readonly GradientSketch _sketch;
    readonly InfluenceOptions _options;
    readonly int _rowCount;
    readonly List<InfluenceCheckpoint> _checkpoints = [];
    readonly float[] _stored;
    PartStore[]? _parts;
    double[] _weights = [];
    string _adapterHash = "";
    int _rowsAdded;

    /// <param name="partLengths">Parameters of each part.</param>
    /// <param name="rowCount">Rows that every checkpoint will get.</param>
    /// <param name="options">Damping, sketch and normalisation.</param>
    /// <exception cref="ArgumentException">A size is out of its bounds; the message names the bound.</exception>
    public InfluenceIndexBuilder(IReadOnlyList<int> partLengths, int rowCount, InfluenceOptions? options = null)
    {
        _options = options ?? new InfluenceOptions();
        _rowCount = rowCount;
        _sketch = new GradientSketch(partLengths, _options);
        InfluenceLimits.CheckSizes(rowCount, _sketch.StoredLengths, checkpointCount: 1);
        _stored = new float[_sketch.StoredLength];
    }

    /// <summary>How gradients are stored.</summary>
    public GradientSketch Sketch => _sketch;

    /// <summary>Starts a checkpoint (or the end of a run with another seed).</summary>
    /// <param name="adapterHash">Content hash of the adapter's weights at this checkpoint; at most 128 characters.</param>
    public void BeginCheckpoint(string adapterHash)
    {
        ArgumentNullException.ThrowIfNull(adapterHash);
        if (adapterHash.Length > InfluenceLimits.AdapterHashLengthMax)
        {
            throw new ArgumentException(
                $"an adapter hash has at most {InfluenceLimits.AdapterHashLengthMax} characters", nameof(adapterHash));
        }
        if (_parts is not null)
        {
            throw new InvalidOperationException("end the checkpoint before the next begins");
        }
        InfluenceLimits.CheckSizes(_rowCount, _sketch.StoredLengths, _checkpoints.Count + 1);
        _adapterHash = adapterHash;
        _parts = [.. _sketch.StoredLengths.Select(length => new PartStore(_rowCount, length))];
        _weights = new double[_rowCount];
        _rowsAdded = 0;
    }

    /// <summary>Adds the next row.</summary>
    /// <param name="gradient">Gradient of the row's answer-token loss, [parameters].</param>
    /// <param name="weight">Training weight (novelty), from 0 to 1; a row of weight 0 neither scores nor changes anything.</param>
    public void AddRow(ReadOnlySpan<float> gradient, double weight = 1)
    {
        var open = _parts ?? throw new InvalidOperationException("begin a checkpoint first");
        if (_rowsAdded == _rowCount)
        {
            throw new InvalidOperationException($"the index was made for {_rowCount} rows");
        }
        if (!(weight >= 0 && weight <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "a weight lies from 0 to 1");
        }
        _sketch.Apply(gradient, _stored);
        _sketch.Normalise(_stored, _options.Normalisation, query: false);
        for (var part = 0; part < open.Length; part++)
        {
            open[part].Quantise(_rowsAdded, _stored.AsSpan(_sketch.StoredOffset(part), _sketch.StoredLengths[part]), 1);
        }
        _weights[_rowsAdded] = weight;
        _rowsAdded++;
    }

    /// <summary>Preconditions the rows of the checkpoint; takes seconds.</summary>
    public void EndCheckpoint(CancellationToken cancellation = default)
    {
        var open = _parts ?? throw new InvalidOperationException("begin a checkpoint first");
        if (_rowsAdded != _rowCount)
        {
            throw new InvalidOperationException($"the checkpoint has {_rowsAdded} rows of {_rowCount}");
        }
        if (!Array.Exists(_weights, weight => weight > 0))
        {
            throw new InvalidOperationException("every row has weight 0: there is nothing to attribute to");
        }
        var self = new double[open.Length][];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.ThreadCount, CancellationToken = cancellation };
        _ = Parallel.For(0, open.Length, parallel, part =>
        {
            self[part] = new double[_rowCount];
            FisherPreconditioner.Apply(open[part], _weights, _options.DampingFactor, self[part]);
        });
        if (_options.Normalisation == RowNormalisation.SelfInfluence)
        {
            DivideBySelfInfluence(open, self);
        }
        _checkpoints.Add(new InfluenceCheckpoint(_adapterHash, open));
        _parts = null;
    }

    /// <summary>The finished index; the builder is done.</summary>
    public InfluenceIndex Build()
    {
        if (_parts is not null || _checkpoints.Count == 0)
        {
            throw new InvalidOperationException("end at least one checkpoint first");
        }
        return new InfluenceIndex(_sketch, _options, [.. _checkpoints], _rowCount);
    }

    void DivideBySelfInfluence(PartStore[] open, double[][] self)
    {
        for (var row = 0; row < _rowCount; row++)
        {
            var sum = 0.0;
            foreach (var part in self)
            {
                sum += part[row];
            }
            // φ carries the weight once, and so does the sum; the root takes half of it out again.
            var factor = sum > 0 && _weights[row] > 0 ? 1 / Math.Sqrt(sum / _weights[row]) : 0;
            foreach (var part in open)
            {
                part.Scales[row] = (float)(part.Scales[row] * factor);
            }
        }
    }
}
