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
public sealed class GrainState<T> : IGrainState<T>
{
    public GrainState()
    {
    }

    public GrainState(T state) => State = state;

    public T State { get; set; }
    public string ETag { get; set; }
    public bool RecordExists { get; set; }
}
#nullable restore
