namespace Orleans;

/// <summary>Tasks that nobody awaits.</summary>
public static class PublicOrleansTaskExtensions
{
    /// <summary>Marks the exception of the task as seen, whenever it comes.</summary>
    public static void Ignore(this Task task) => _ = task.ContinueWith(
        static failed => _ = failed.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
