namespace OpenLedger.Ledger;

/// <summary>What a log, or whoever serves it, was caught at.</summary>
public enum LogFault
{
    /// <summary>None of it.</summary>
    None,

    /// <summary>A checkpoint that the log's key did not sign, or that breaks its format.</summary>
    BadCheckpoint,

    /// <summary>Two signed checkpoints of one size with different roots: different people see different logs.</summary>
    SplitView,

    /// <summary>A signed checkpoint whose tree does not contain that of an earlier, smaller one.</summary>
    Fork,

    /// <summary>A checkpoint that is smaller than one seen before.</summary>
    Shrunk,

    /// <summary>A signed root that is not that of the log's own entries.</summary>
    WrongRoot,

    /// <summary>An entry that does not have the hash that the tree vouches for.</summary>
    RewrittenEntry,

    /// <summary>A tile that is not that of the tree whose root is signed: out of date, or damaged.</summary>
    StaleTile,

    /// <summary>A tile or a bundle of entries that the signed size asks for and that is not served.</summary>
    MissingTile,

    /// <summary>A receipt with the log's signature whose entry the log no longer has.</summary>
    DroppedReceipt,
}

/// <summary>A log was caught at something.</summary>
public sealed class LogFaultException(LogFault fault, string message) : Exception(message)
{
    public LogFault Fault { get; } = fault;
}
