namespace OpenLedger.Client;

/// <summary>A timeout leaves the outcome unknown; idempotent calls are repeated once with the same id.</summary>
static class Repetition
{
    public static async Task<T> Once<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (TimeoutException)
        {
            return await call();
        }
    }

    public static async Task Once(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (TimeoutException)
        {
            await call();
        }
    }
}
