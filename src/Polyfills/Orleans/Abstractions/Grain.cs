using System.Diagnostics.CodeAnalysis;

namespace Orleans;

/// <summary>What every grain class is, whether or not it derives from <see cref="Grain"/>.</summary>
public interface IGrainBase
{
    IGrainContext GrainContext { get; }
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}

/// <summary>The usual base of grain classes.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    protected Grain() => GrainContext = RuntimeContext.Current;

    [AllowNull]
    public IGrainContext GrainContext { get; }
    public GrainReference GrainReference => GrainContext.GrainReference;
    protected IGrainFactory GrainFactory => ServiceProvider.GetRequiredService<IGrainFactory>();
    protected internal IServiceProvider ServiceProvider => Context().ActivationServices;

    /// <summary>Runs before the first call; an exception here fails that call and ends the activation.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    protected void DeactivateOnIdle()
    {
        Context();
        ((IGrainBase)this).DeactivateOnIdle();
    }

    protected void DelayDeactivation(TimeSpan timeSpan) => ((Engine.Activation)Context()).DelayDeactivation(timeSpan);

    internal IGrainContext Context() => GrainContext ?? throw new InvalidOperationException(
        "Grain was created outside of the Orleans creation process and no runtime was specified.");
}

/// <summary>What a grain class can do to its own activation.</summary>
public static class GrainBaseExtensions
{
    public static void DeactivateOnIdle(this IGrainBase grain) => grain.GrainContext.Deactivate(
        new(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));

    public static IGrainTimer RegisterGrainTimer(
        this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return ((Engine.Activation)grain.GrainContext).RegisterTimer(callback, options);
    }
}
