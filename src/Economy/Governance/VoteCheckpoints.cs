namespace OpenLedger.Economy.Governance;

/// <summary>Votes from a moment on.</summary>
/// <param name="TimeMs">Milliseconds since 1970.</param>
public readonly record struct VoteCheckpoint(long TimeMs, Amount Votes);

/// <summary>
/// How votes changed over time, as OpenZeppelin's <c>Checkpoints</c> keep it: the value at a past moment is that of the last checkpoint
/// at or before it. What no snapshot asks for any more is let go, so that there are never more than two checkpoints more than snapshots.
/// </summary>
public sealed class VoteCheckpoints
{
    readonly List<VoteCheckpoint> points;

    public VoteCheckpoints()
        : this([])
    {
    }

    /// <param name="points">By rising time.</param>
    public VoteCheckpoints(IEnumerable<VoteCheckpoint> points)
    {
        this.points = [.. points];
        for (var i = 1; i < this.points.Count; i++)
        {
            if (this.points[i].TimeMs <= this.points[i - 1].TimeMs)
            {
                throw new ArgumentException("checkpoints come by rising time", nameof(points));
            }
        }
    }

    public IReadOnlyList<VoteCheckpoint> Points => points;

    /// <summary>The votes now.</summary>
    public Amount Latest => points.Count == 0 ? Amount.Zero : points[^1].Votes;

    /// <summary>The votes at a moment, by binary search; nothing before the first checkpoint.</summary>
    public Amount At(long timeMs)
    {
        // The first checkpoint after the moment; the one before it holds at the moment.
        var (low, high) = (0, points.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = points[middle].TimeMs <= timeMs ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? Amount.Zero : points[low - 1].Votes;
    }

    /// <summary>Sets the votes from a moment on; a second change at the same moment takes the place of the first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The moment is before the last checkpoint: the past does not change.</exception>
    public void Push(long timeMs, Amount votes)
    {
        if (points.Count > 0)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeMs, points[^1].TimeMs);
            if (points[^1].TimeMs == timeMs)
            {
                points.RemoveAt(points.Count - 1);
            }
        }

        if (Latest != votes)
        {
            points.Add(new VoteCheckpoint(timeMs, votes));
        }
    }

    /// <summary>
    /// Lets go of what neither the snapshots nor anybody who asks later than <paramref name="floorMs"/> can see. The answers at the
    /// snapshots, at the floor and after it stay as they are.
    /// </summary>
    /// <param name="snapshotsMs">The moments at which votes may still be asked for, in any order.</param>
    public void Prune(IReadOnlyCollection<long> snapshotsMs, long floorMs)
    {
        for (var i = points.Count - 2; i >= 0; i--)
        {
            var (from, to) = (points[i].TimeMs, points[i + 1].TimeMs);
            if (to <= floorMs && !snapshotsMs.Any(snapshot => from <= snapshot && snapshot < to))
            {
                points.RemoveAt(i);
            }
        }
    }
}
