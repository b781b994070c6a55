using System.Diagnostics.CodeAnalysis;

namespace OpenLedger.Ledger;

/// <summary>Assertions that stay on in production: a ledger that has gone wrong must stop, not go on.</summary>
static class Invariant
{
    public static void Check([DoesNotReturnIf(false)] bool holds, string sentence)
    {
        if (!holds)
        {
            throw new LedgerInvariantException(sentence);
        }
    }
}

/// <summary>The ledger contradicts itself: a fault of the program or of the machine, never of the caller.</summary>
public sealed class LedgerInvariantException(string sentence) : Exception($"the ledger stopped: {sentence}");
