namespace OpenLedger.Grains.Hosting;

/// <summary>
/// Runs pieces of work of one grain after each other, although its calls interleave: a piece begins when the one before has ended, well
/// or not. For one activation, whose turns never run at the same time.
/// </summary>
sealed class TurnSequence
{
    Task _last = Task.CompletedTask;

    public async Task<T> Run<T>(Func<Task<T>> work)
    {
        var before = _last;
        var done = new TaskCompletionSource();
        _last = done.Task;
        await before;
        try
        {
            return await work();
        }
        finally
        {
            done.SetResult();
        }
    }

    /// <inheritdoc cref="Run{T}"/>
    public Task Run(Func<Task> work) => Run(async () =>
    {
        await work();
        return true;
    });
}
