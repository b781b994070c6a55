namespace OpenLedger.Silo.Console;

/// <summary>Counts every call that reaches a grain of this silo. It comes first, so that it sees what other filters make of one.</summary>
sealed class CallCountFilter : IIncomingGrainCallFilter
{
    readonly CallCounter _counter;
    readonly TimeProvider _clock;

    public CallCountFilter(CallCounter counter, TimeProvider clock)
    {
        _counter = counter;
        _clock = clock;
    }

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var started = _clock.GetTimestamp();
        var outcome = CallOutcome.Failed;
        try
        {
            await context.Invoke();
            outcome = CallOutcome.Answered;
        }
        catch (UserErrorException)
        {
            outcome = CallOutcome.Refused;
            throw;
        }
        finally
        {
            if (context.Grain is { } grain)
            {
                _counter.Add(grain.GetType(), _clock.GetElapsedTime(started), outcome);
            }
        }
    }
}
