using System.Runtime.Intrinsics;
using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>
/// Grouped-query causal attention over one sequence, forward and backward. Keys and values of a head are copied once, padded to
/// whole lane groups and transposed too, so that all inner loops run over keys or over the head without horizontal sums.
/// </summary>
/// <remarks>Vaswani et al. (2017), section 3.2.1; Ainslie et al., GQA (2023). Probabilities are computed again on the way back.</remarks>
sealed unsafe class CausalAttention(ModelConfig config)
{
    const int Lanes = VectorMath.Lanes;

    readonly int _headSize = config.HeadSize;
    readonly int _paddedSize = RoundUp(config.HeadSize);
    readonly int _groupSize = config.HeadCount / config.KeyValueHeadCount;
    readonly float _scale = 1 / MathF.Sqrt(config.HeadSize);
    float[] _scratch = [];

    /// <summary>Within one sequence: queries <c>[tokens, query size]</c>, keys and values <c>[tokens, key-value size]</c>.</summary>
    public void Forward(SequenceSpan sequence, float[] queries, float[] keys, float[] values, float[] output)
    {
        var padded = RoundUp(sequence.Length);
        Reserve(4L * padded * _paddedSize + padded + 4L * _paddedSize);
        fixed (float* scratch = _scratch)
        {
            var head = new HeadScratch(scratch, padded, _paddedSize);
            for (var group = 0; group < config.KeyValueHeadCount; group++)
            {
                Load(keys, config.KeyValueSize, group, sequence, head.Keys, head.KeysTransposed, padded);
                Load(values, config.KeyValueSize, group, sequence, head.Values, null, padded);
                for (var query = group * _groupSize; query < (group + 1) * _groupSize; query++)
                {
                    for (var index = 0; index < sequence.Length; index++)
                    {
                        var at = (sequence.Start + index) * config.QuerySize + query * _headSize;
                        CopyRow(queries.AsSpan(at, _headSize), head.Query);
                        Probabilities(head, index + 1);
                        WeightedSum(head.Probabilities, head.Values, index + 1, head.Output);
                        new ReadOnlySpan<float>(head.Output, _headSize).CopyTo(output.AsSpan(at, _headSize));
                    }
                }
            }
        }
    }

    /// <summary>Gradients with respect to queries, keys and values, overwriting what the sequence's rows held.</summary>
    public void Backward(SequenceSpan sequence, AttentionInputs inputs, float[] outputGradient, AttentionInputs gradients)
    {
        var padded = RoundUp(sequence.Length);
        Reserve(6L * padded * _paddedSize + 2L * padded + 4L * _paddedSize);
        fixed (float* scratch = _scratch)
        {
            var head = new HeadScratch(scratch, padded, _paddedSize);
            var gradientScratch = new GradientScratch(head.End, padded, _paddedSize);
            for (var group = 0; group < config.KeyValueHeadCount; group++)
            {
                Load(inputs.Keys, config.KeyValueSize, group, sequence, head.Keys, head.KeysTransposed, padded);
                Load(inputs.Values, config.KeyValueSize, group, sequence, head.Values, head.ValuesTransposed, padded);
                new Span<float>(gradientScratch.Keys, padded * _paddedSize).Clear();
                new Span<float>(gradientScratch.Values, padded * _paddedSize).Clear();
                for (var query = group * _groupSize; query < (group + 1) * _groupSize; query++)
                {
                    for (var index = 0; index < sequence.Length; index++)
                    {
                        var at = (sequence.Start + index) * config.QuerySize + query * _headSize;
                        CopyRow(inputs.Queries.AsSpan(at, _headSize), head.Query);
                        CopyRow(outputGradient.AsSpan(at, _headSize), head.Output);
                        BackwardRow(head, gradientScratch, index + 1);
                        new ReadOnlySpan<float>(gradientScratch.Query, _headSize).CopyTo(gradients.Queries.AsSpan(at, _headSize));
                    }
                }

                Store(gradientScratch.Keys, gradients.Keys, group, sequence);
                Store(gradientScratch.Values, gradients.Values, group, sequence);
            }
        }
    }

    static int RoundUp(int value) => (value + Lanes - 1) / Lanes * Lanes;

    void Reserve(long length)
    {
        if (_scratch.Length < length)
        {
            _scratch = new float[length];
        }
    }

    void CopyRow(ReadOnlySpan<float> from, float* to)
    {
        from.CopyTo(new Span<float>(to, _paddedSize));
        new Span<float>(to + _headSize, _paddedSize - _headSize).Clear();
    }

    void Load(float[] source, int stride, int group, SequenceSpan sequence, float* rows, float* transposed, int padded)
    {
        new Span<float>(rows, padded * _paddedSize).Clear();
        for (var index = 0; index < sequence.Length; index++)
        {
            source.AsSpan((sequence.Start + index) * stride + group * _headSize, _headSize)
                .CopyTo(new Span<float>(rows + index * _paddedSize, _headSize));
        }

        if (transposed is null)
        {
            return;
        }

        for (var column = 0; column < _headSize; column++)
        {
            for (var index = 0; index < padded; index++)
            {
                transposed[column * padded + index] = rows[index * _paddedSize + column];
            }
        }
    }

    void Store(float* rows, float[] target, int group, SequenceSpan sequence)
    {
        for (var index = 0; index < sequence.Length; index++)
        {
            new ReadOnlySpan<float>(rows + index * _paddedSize, _headSize)
                .CopyTo(target.AsSpan((sequence.Start + index) * config.KeyValueSize + group * _headSize, _headSize));
        }
    }

    /// <summary>Sixteen inner products of one row with the columns of a transposed matrix.</summary>
    Vector512<float> Products(float* row, float* transposed, int padded)
    {
        Vector512<float> first = default, second = default, third = default, fourth = default;
        for (var column = 0; column < _headSize; column += 2)
        {
            // Head sizes are even; two chains for each parity keep the multipliers busy.
            var at = transposed + column * padded;
            if ((column & 2) == 0)
            {
                first = Vector512.FusedMultiplyAdd(Vector512.Create(row[column]), Vector512.Load(at), first);
                second = Vector512.FusedMultiplyAdd(Vector512.Create(row[column + 1]), Vector512.Load(at + padded), second);
            }
            else
            {
                third = Vector512.FusedMultiplyAdd(Vector512.Create(row[column]), Vector512.Load(at), third);
                fourth = Vector512.FusedMultiplyAdd(Vector512.Create(row[column + 1]), Vector512.Load(at + padded), fourth);
            }
        }

        return (first + second) + (third + fourth);
    }

    /// <summary>softmax(q·K ÷ √size) over the first <paramref name="count"/> keys, zeros behind them to the end of the lanes.</summary>
    void Probabilities(in HeadScratch head, int count)
    {
        var scale = Vector512.Create(_scale);
        var most = Vector512.Create(float.NegativeInfinity);
        var lane = Vector512<int>.Indices;
        for (var key = 0; key < count; key += Lanes)
        {
            var scores = Products(head.Query, head.KeysTransposed + key, head.PaddedLength) * scale;
            var inside = Vector512.LessThan(lane, Vector512.Create(count - key)).AsSingle();
            scores = Vector512.ConditionalSelect(inside, scores, Vector512.Create(float.NegativeInfinity));
            scores.Store(head.Probabilities + key);
            most = Vector512.Max(most, scores);
        }

        var max = Vector512.Create(VectorMath.Max(most));
        var sum = Vector512<float>.Zero;
        for (var key = 0; key < count; key += Lanes)
        {
            var e = Vector512.Exp(Vector512.Load(head.Probabilities + key) - max);
            e.Store(head.Probabilities + key);
            sum += e;
        }

        var inverse = Vector512.Create(1 / VectorMath.Sum(sum));
        for (var key = 0; key < count; key += Lanes)
        {
            (Vector512.Load(head.Probabilities + key) * inverse).Store(head.Probabilities + key);
        }
    }

    /// <summary>output = Σ weight · row over the first <paramref name="count"/> rows.</summary>
    void WeightedSum(float* weights, float* rows, int count, float* output)
    {
        for (var column = 0; column < _paddedSize; column += Lanes)
        {
            Vector512<float> even = default, odd = default;
            var at = rows + column;
            var index = 0;
            for (; index + 1 < count; index += 2, at += 2 * _paddedSize)
            {
                even = Vector512.FusedMultiplyAdd(Vector512.Create(weights[index]), Vector512.Load(at), even);
                odd = Vector512.FusedMultiplyAdd(Vector512.Create(weights[index + 1]), Vector512.Load(at + _paddedSize), odd);
            }

            if (index < count)
            {
                even = Vector512.FusedMultiplyAdd(Vector512.Create(weights[index]), Vector512.Load(at), even);
            }

            (even + odd).Store(output + column);
        }
    }

    void BackwardRow(in HeadScratch head, in GradientScratch gradients, int count)
    {
        Probabilities(head, count);
        var dot = Vector512<float>.Zero;
        for (var key = 0; key < count; key += Lanes)
        {
            var change = Products(head.Output, head.ValuesTransposed + key, head.PaddedLength);
            change.Store(gradients.Scores + key);
            dot = Vector512.FusedMultiplyAdd(change, Vector512.Load(head.Probabilities + key), dot);
        }

        var (mean, scale) = (Vector512.Create(VectorMath.Sum(dot)), Vector512.Create(_scale));
        for (var key = 0; key < count; key += Lanes)
        {
            var change = Vector512.Load(head.Probabilities + key) * (Vector512.Load(gradients.Scores + key) - mean) * scale;
            change.Store(gradients.Scores + key);
        }

        WeightedSum(gradients.Scores, head.Keys, count, gradients.Query);
        for (var column = 0; column < _paddedSize; column += Lanes)
        {
            var (query, output) = (Vector512.Load(head.Query + column), Vector512.Load(head.Output + column));
            for (var key = 0; key < count; key++)
            {
                var at = key * _paddedSize + column;
                Vector512.FusedMultiplyAdd(query, Vector512.Create(gradients.Scores[key]), Vector512.Load(gradients.Keys + at))
                    .Store(gradients.Keys + at);
                Vector512.FusedMultiplyAdd(output, Vector512.Create(head.Probabilities[key]), Vector512.Load(gradients.Values + at))
                    .Store(gradients.Values + at);
            }
        }
    }

    readonly struct HeadScratch(float* memory, int padded, int size)
    {
        public int PaddedLength => padded;

        public float* Keys => memory;

        public float* KeysTransposed => memory + (long)padded * size;

        public float* Values => memory + 2L * padded * size;

        public float* ValuesTransposed => memory + 3L * padded * size;

        public float* Query => memory + 4L * padded * size;

        public float* Output => Query + size;

        public float* Probabilities => Output + size;

        public float* End => Probabilities + padded;
    }

    readonly struct GradientScratch(float* memory, int padded, int size)
    {
        public float* Keys => memory;

        public float* Values => memory + (long)padded * size;

        public float* Query => memory + 2L * padded * size;

        public float* Scores => Query + size;
    }
}

/// <summary>Queries, keys and values of one layer after rotation, or their gradients.</summary>
readonly record struct AttentionInputs(float[] Queries, float[] Keys, float[] Values);
