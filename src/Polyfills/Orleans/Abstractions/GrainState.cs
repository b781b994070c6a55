namespace Orleans;

#nullable disable
/// <summary>A state, as stores see it.</summary>
public interface IGrainState<T>
{
    T State { get; set; }
    string ETag { get; set; }
    bool RecordExists { get; set; }
}

/// <summary>A state, as stores see it.</summary>
public sealed class GrainState<T>(T state) : IGrainState<T>
{
    public GrainState()
        : this(default)
    {
    }

    public T State { get; set; } = state;
    public string ETag { get; set; }
    public bool RecordExists { get; set; }
}
#nullable restore
