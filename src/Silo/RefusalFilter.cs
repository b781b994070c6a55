using System.Data.Common;
using OpenLedger.Grains;

namespace OpenLedger.Silo;

/// <summary>
/// Turns what a grain's core and its database report into the exceptions that cross silos with their message: a user's mistake, or a
/// passing failure. A grain whose database failed may remember what was never written, so that its activation ends.
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
        catch (Exception exception) when (exception is DbException || exception.InnerException is DbException)
        {
            (context.Grain as IGrainBase)?.DeactivateOnIdle();
            throw new UnavailableException($"The database did not answer as it should ({exception.Message}).");
        }
    }
}
