using Microsoft.Extensions.Logging;

namespace Orleans.Engine;

/// <summary>Cancels on behalf of the application, whose registrations may throw: that is logged, and stops nothing.</summary>
static class Quietly
{
    public static void Cancel(CancellationTokenSource source, ILogger log)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException exception)
        {
            log.LogWarning(exception, "A callback of a cancellation token failed");
        }
    }
}
