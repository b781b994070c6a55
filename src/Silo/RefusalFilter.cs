using OpenLedger.Grains;

namespace OpenLedger.Silo;

/// <summary>
/// Turns every user's mistake that a grain's core reports into the one exception that crosses silos with its message.
/// </summary>
sealed class RefusalFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (UserErrorException exception) when (exception is not RefusedException)
        {
            throw new RefusedException(exception.Message);
        }
    }
}
