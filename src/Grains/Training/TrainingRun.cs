using OpenLedger.Grains.Adapters;
using OpenLedger.Grains.Datanets;
using OpenLedger.Grains.Models;

namespace OpenLedger.Grains.Training;

/// <summary>What a run needs to know; all of it is in the blob store.</summary>
public sealed record TrainingOrder(
    string JobId, TrainingSpecification Specification, ModelCard Model, DatanetVersionCard Version, string HeldOutHash);

/// <summary>What a run leaves behind.</summary>
public sealed record TrainingOutcome(AdapterManifest Manifest, TrainingEvaluation Evaluation);

/// <summary>A run on the training thread, watched from a grain.</summary>
public sealed class TrainingRun
{
    /// <summary>Most points kept; beyond it the newest takes the place of the one before.</summary>
    const int PointsMax = 20_000;

    readonly Lock _gate = new();
    readonly List<TrainingPoint> _points = [];
    readonly CancellationTokenSource _cancellation = new();
    volatile string _stage = "queued";
    volatile bool _evaluating;

    internal TrainingRun(TrainingOrder order) => Order = order;

    public TrainingOrder Order { get; }

    public Task<TrainingOutcome> Completion { get; private set; } = Task.FromCanceled<TrainingOutcome>(new CancellationToken(true));

    public CancellationToken CancellationToken => _cancellation.Token;

    /// <summary>What the run is doing, in a word or two.</summary>
    public string Stage => _stage;

    public bool Evaluating => _evaluating;

    public int StepCount { get; private set; }

    public int Step => Last()?.Step ?? 0;

    public double LossFirst { get; private set; }

    public double LossLast => Last()?.Loss ?? 0;

    /// <summary>Points of the curve at equal distances, the first and the last among them.</summary>
    /// <param name="max">At least 2.</param>
    public IReadOnlyList<TrainingPoint> Outline(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 2);
        lock (_gate)
        {
            return _points.Count <= max
                ? [.. _points]
                : [.. Enumerable.Range(0, max).Select(index => _points[(int)((long)index * (_points.Count - 1) / (max - 1))])];
        }
    }

    public void Cancel() => _cancellation.Cancel();

    public IReadOnlyList<TrainingPoint> Points(int from, int max)
    {
        lock (_gate)
        {
            return from < _points.Count ? _points.GetRange(from, Math.Min(max, _points.Count - from)) : [];
        }
    }

    internal void CompleteWith(Task<TrainingOutcome> work) => Completion = work;

    internal void Enter(string stage, bool evaluating)
    {
        _stage = stage;
        _evaluating = evaluating;
    }

    internal void Report(TrainingPoint point, int stepCount)
    {
        lock (_gate)
        {
            StepCount = stepCount;
            if (_points.Count == 0)
            {
                LossFirst = point.Loss;
            }

            if (_points.Count < PointsMax)
            {
                _points.Add(point);
            }
            else
            {
                _points[^1] = point;
            }
        }
    }

    TrainingPoint? Last()
    {
        lock (_gate)
        {
            return _points.Count == 0 ? null : _points[^1];
        }
    }
}
