namespace OpenLedger.Bench;

/// <summary>What the process tells its caller.</summary>
static class ExitCodes
{
    public const int GoalsHold = 0;

    /// <summary>At least one figure misses its goal.</summary>
    public const int GoalMissed = 1;

    /// <summary>The user's mistake; one sentence on standard error says which.</summary>
    public const int UserError = 2;

    /// <summary>A defect of the program.</summary>
    public const int Internal = 70;

    /// <summary>Interrupted, as a shell reports SIGINT.</summary>
    public const int Cancelled = 130;
}
