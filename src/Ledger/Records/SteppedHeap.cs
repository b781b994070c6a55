namespace OpenLedger.Ledger;

/// <summary>A binary heap on a <see cref="SteppedList{T}"/>, least first: growing never copies it.</summary>
sealed class SteppedHeap
{
    readonly SteppedList<Hold> holds = new();

    public int Count => holds.Count;

    public Hold Least => holds[0];

    public void Push(Hold hold)
    {
        var at = holds.Add(hold);
        while (at > 0 && hold.IsBefore(holds[(at - 1) / 2]))
        {
            holds[at] = holds[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        holds[at] = hold;
    }

    public Hold Pop()
    {
        var least = holds[0];
        var last = TakeLast();
        if (Count > 0)
        {
            Sink(last);
        }
        return least;
    }

    /// <summary>Takes some hold out, whichever is cheapest.</summary>
    public Hold TakeLast()
    {
        var last = holds[Count - 1];
        holds.Truncate(Count - 1);
        return last;
    }

    void Sink(Hold hold)
    {
        var at = 0;
        for (var child = 1; child < Count; child = (2 * at) + 1)
        {
            if (child + 1 < Count && holds[child + 1].IsBefore(holds[child]))
            {
                child++;
            }
            if (!holds[child].IsBefore(hold))
            {
                break;
            }
            holds[at] = holds[child];
            at = child;
        }
        holds[at] = hold;
    }
}

/// <summary>When a pending transfer expires.</summary>
readonly record struct Hold(ulong ExpiresNs, long Number)
{
    /// <summary>Earlier, and at the same time the older transfer.</summary>
    public bool IsBefore(Hold other) => ExpiresNs < other.ExpiresNs || (ExpiresNs == other.ExpiresNs && Number < other.Number);
}
