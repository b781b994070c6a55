using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace OpenLedger.Grains.Hosting;

/// <summary>
/// An exception that ends an enumeration fails the call that asked for the next element, so that what is done about exceptions of calls
/// is done about it: a user's mistake becomes a refusal, and a stale write ends the activation.
/// </summary>
/// <remarks>Orleans hands such an exception on as a result, and leaves a stale activation in place (dotnet/orleans #9652).</remarks>
public sealed class EnumerationFailureFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await context.Invoke();

        // A pull answers how it went and what came of it: elements or an exception. Other calls' results are left alone, unread.
        if (IsPull(context.MethodName) && context.Result is ITuple { Length: 2 } pulled && pulled[1] is Exception exception)
        {
            ExceptionDispatchInfo.Throw(exception);
        }
    }

    // The engine names a generic method with its parameters.
    static bool IsPull(string method) =>
        method.StartsWith("MoveNext", StringComparison.Ordinal) || method.StartsWith("StartEnumeration", StringComparison.Ordinal);
}
