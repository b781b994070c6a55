namespace OpenLedger.Testing;

/// <summary>Waits for what another thread brings about, a bounded number of times.</summary>
static class Polling
{
    const int PollsMax = 2_400;

    static readonly TimeSpan interval = TimeSpan.FromMilliseconds(25);

    /// <summary>Reads until a value is as expected; the last one read, whether it is or not.</summary>
    public static async Task<T> Until<T>(Func<Task<T>> read, Func<T, bool> expected)
    {
        var value = await read();
        for (var poll = 0; poll < PollsMax && !expected(value); poll++)
        {
            await Task.Delay(interval, TimeProvider.System);
            value = await read();
        }

        return value;
    }
}
