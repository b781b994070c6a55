namespace OpenLedger.Conformance;

/// <summary>For what no signal tells: asks again until it is so, and fails after a minute instead of hanging.</summary>
static class Eventually
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan EvidenceMax = TimeSpan.FromSeconds(60);

    public static async Task IsTrue(Func<Task<bool>> condition, string because)
    {
        using var deadline = new CancellationTokenSource(EvidenceMax);
        while (!await condition().WaitAsync(deadline.Token))
        {
            deadline.IsCancellationRequested.Should().BeFalse(because);
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <summary>Lets time pass in small steps until a gate opens: who listens to the clock may need many turns for one step.</summary>
    public static Task Reached(string gate, FakeTime time, TimeSpan step) => IsTrue(
        () =>
        {
            if (!Signals.IsOpen(gate))
            {
                time.Advance(step);
            }

            return Task.FromResult(Signals.IsOpen(gate));
        },
        $"{gate} is reached");
}
