using OpenLedger.Inference;

namespace OpenLedger.Training;

/// <summary>How <see cref="AdamW"/> steps.</summary>
readonly record struct AdamWSettings(float MeanDecay, float SquareDecay, float Epsilon, float WeightDecay);

/// <summary>Adam with decoupled weight decay over a fixed list of arrays.</summary>
/// <remarks>Loshchilov and Hutter, Decoupled weight decay regularization (2019), algorithm 2.</remarks>
sealed class AdamW
{
    /// <summary>Numbers that one item of the pool handles; also the block of the norm's partial sums.</summary>
    const int RangeLength = 1 << 15;

    readonly AdamWSettings _settings;
    readonly IReadOnlyList<TrainedArray> _parameters;
    readonly Range[] _ranges;
    readonly double[] _sums;

    public AdamW(IReadOnlyList<TrainedArray> parameters, AdamWSettings settings)
    {
        _settings = settings;
        _parameters = parameters;
        Means = [.. parameters.Select(parameter => new float[parameter.Values.Length])];
        Squares = [.. parameters.Select(parameter => new float[parameter.Values.Length])];
        _ranges = [.. parameters.SelectMany((parameter, index) => Split(index, parameter.Values.Length))];
        _sums = new double[_ranges.Length];
    }

    /// <summary>Running means of the gradients, an array for each parameter array.</summary>
    public float[][] Means { get; }

    /// <summary>Running means of their squares.</summary>
    public float[][] Squares { get; }

    /// <summary>Steps taken.</summary>
    public int StepCount { get; set; }

    /// <summary>Adds the gradients of all shards up in the first, in order, and returns the norm of the sum.</summary>
    public double Reduce(ComputePool pool, IReadOnlyList<IReadOnlyList<TrainedArray>> shards)
    {
        pool.Run(_ranges.Length, item =>
        {
            var range = _ranges[item];
            var sum = shards[0][range.Array].Values.AsSpan(range.Start, range.Length);
            for (var shard = 1; shard < shards.Count; shard++)
            {
                VectorMath.AddScaled(sum, shards[shard][range.Array].Values.AsSpan(range.Start, range.Length), 1);
            }

            _sums[item] = VectorMath.SumOfSquares(sum);
        });
        return Math.Sqrt(_sums.Sum());
    }

    /// <summary>One step along <paramref name="gradients"/> times <paramref name="gradientScale"/>.</summary>
    public void Step(ComputePool pool, IReadOnlyList<TrainedArray> gradients, float learningRate, float gradientScale)
    {
        StepCount++;
        var meanCorrection = (float)(1 / (1 - Math.Pow(_settings.MeanDecay, StepCount)));
        var squareCorrection = (float)(1 / (1 - Math.Pow(_settings.SquareDecay, StepCount)));
        pool.Run(_ranges.Length, item =>
        {
            var range = _ranges[item];
            var decay = _parameters[range.Array].Decays ? 1 - learningRate * _settings.WeightDecay : 1;
            VectorMath.AdamStep(
                _parameters[range.Array].Values.AsSpan(range.Start, range.Length),
                gradients[range.Array].Values.AsSpan(range.Start, range.Length),
                Means[range.Array].AsSpan(range.Start, range.Length), Squares[range.Array].AsSpan(range.Start, range.Length),
                new AdamStepFactors(
                    gradientScale, _settings.MeanDecay, _settings.SquareDecay, learningRate * meanCorrection, squareCorrection,
                    _settings.Epsilon, decay));
        });
    }

    static IEnumerable<Range> Split(int array, int length)
    {
        for (var start = 0; start < length; start += RangeLength)
        {
            yield return new Range(array, start, Math.Min(RangeLength, length - start));
        }
    }

    readonly record struct Range(int Array, int Start, int Length);
}

/// <summary>The numbers of one Adam step that all elements share.</summary>
readonly record struct AdamStepFactors(
    float GradientScale, float MeanDecay, float SquareDecay, float CorrectedRate, float SquareCorrection, float Epsilon, float Decay);
