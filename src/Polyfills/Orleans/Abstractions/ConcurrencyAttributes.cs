namespace Orleans.Concurrency;

/// <summary>Calls of this class interleave at every await.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;

/// <summary>Calls of this method may begin while any other call is under way.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>Calls of methods so marked interleave with each other, and with nothing else.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;

/// <summary>The caller neither waits nor learns how the call ended.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;

/// <summary>The class has several activations for one key, made as calls need them; it keeps no state of its own.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StatelessWorkerAttribute(int maxLocalWorkers) : Orleans.Placement.PlacementAttribute(new StatelessWorkerPlacement())
{
    public StatelessWorkerAttribute()
        : this(-1)
    {
    }

    internal int MaxLocalWorkers => maxLocalWorkers > 0 ? maxLocalWorkers : Environment.ProcessorCount;
}
