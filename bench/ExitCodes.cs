namespace OpenLedger.Bench;

/// <summary>What the process tells its caller.</summary>
static class ExitCodes
{
    public const int GoalsHold = 0;

    /// <summary>At least one figure misses its goal.</summary>
    public const int GoalMissed = 1;

    /// <summary>The user's mistake; one sentence on standard error says which.</summary>
    public const int UserError = 2;

    /// <summary>Interrupted, as a shell reports SIGINT.</summary>
    public const int Cancelled = 130;
}
