using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A timer whose ticks are turns of its grain.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets when it ticks next and how long after a tick the next one is due.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>How a grain's timer ticks.</summary>
public readonly struct GrainTimerCreationOptions()
{
    /// <summary>Sets both times.</summary>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Until the first tick.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>From the end of one tick to the next.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether ticks may begin while a call is under way.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether ticks count as use of the activation.</summary>
    public bool KeepAlive { get; init; }
}
