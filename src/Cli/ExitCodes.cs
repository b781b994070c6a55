namespace OpenLedger.Cli;

/// <summary>What the process tells its caller.</summary>
static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The answer is no: a receipt is invalid, a check failed.</summary>
    public const int Negative = 1;

    /// <summary>The user's mistake; one sentence on standard error says which.</summary>
    public const int UserError = 2;

    /// <summary>A defect of the program.</summary>
    public const int Internal = 70;

    /// <summary>A bounded queue is full; the same command may work later.</summary>
    public const int Busy = 75;

    /// <summary>Interrupted, as a shell reports SIGINT.</summary>
    public const int Cancelled = 130;
}
