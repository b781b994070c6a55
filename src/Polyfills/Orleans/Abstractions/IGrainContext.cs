namespace Orleans.Runtime;

/// <summary>One activation of a grain, as its own code and the filters see it.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    GrainReference GrainReference { get; }
    GrainId GrainId { get; }
    object? GrainInstance { get; }
    ActivationId ActivationId { get; }
    IServiceProvider ActivationServices { get; }
    Task Deactivated { get; }
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}

static class RuntimeContext
{
    [ThreadStatic]
    static IGrainContext? current;

    public static IGrainContext? Current
    {
        get => current;
        set => current = value;
    }
}
