namespace OpenLedger.Training;

/// <summary>The plain mean of the weights after each of the last steps; without such steps, the last weights.</summary>
sealed class WeightAverage
{
    readonly IReadOnlyList<TrainedArray> _parameters;
    readonly int _firstStep;
    readonly int _stepCount;
    int _lastStep;

    public WeightAverage(IReadOnlyList<TrainedArray> parameters, int stepCount, double lastShare)
    {
        _parameters = parameters;
        _stepCount = stepCount;
        var averaged = lastShare <= 0 ? 0 : Math.Max(1, (int)Math.Round(lastShare * stepCount));
        _firstStep = stepCount - averaged + 1;
        Sums = averaged == 0 ? [] : [.. parameters.Select(parameter => new float[parameter.Values.Length])];
    }

    /// <summary>Sums of the averaged weights, one array a parameter, or none.</summary>
    public float[][] Sums { get; }

    /// <summary>Takes the weights after a step, counted from 1.</summary>
    public void Add(int step)
    {
        _lastStep = step;
        if (step < _firstStep || step > _stepCount)
        {
            return;
        }

        for (var index = 0; index < Sums.Length; index++)
        {
            VectorMath.AddScaled(Sums[index], _parameters[index].Values, 1);
        }
    }

    /// <summary>Goes on after a step of an earlier process.</summary>
    public void MoveTo(int step) => _lastStep = step;

    public float[] Result(int index)
    {
        var count = _lastStep - _firstStep + 1;
        if (Sums.Length == 0 || count <= 0)
        {
            return _parameters[index].Values;
        }

        var mean = (float[])Sums[index].Clone();
        VectorMath.Scale(mean, 1f / count);
        return mean;
    }
}
