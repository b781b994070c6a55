namespace Simulation.Tests.Disk;

/// <summary>What becomes of changes that were not synced when the power goes.</summary>
enum PowerLoss
{
    /// <summary>All of them are lost.</summary>
    Nothing,

    /// <summary>All of them arrived.</summary>
    Everything,

    /// <summary>Each file's first few arrived, in order.</summary>
    Prefix,

    /// <summary>Any sectors of any of them arrived.</summary>
    Sectors,

    /// <summary>As <see cref="Sectors"/>, some only up to a byte within.</summary>
    TornSectors,
}

/// <summary>What the disk does instead of what it was told.</summary>
enum Fault
{
    None,

    /// <summary>An error, and nothing was done.</summary>
    ErrorBefore,

    /// <summary>It was done, and an error is reported all the same.</summary>
    ErrorAfter,

    /// <summary>A write of which only a part was done, and an error; a sync that fails with its changes dropped.</summary>
    ErrorPartly,

    /// <summary>The disk is full: no file grows until the disk is relieved.</summary>
    Full,

    /// <summary>The power goes before it was done: nothing works until the disk is started again.</summary>
    PowerBefore,

    /// <summary>The power goes after it was done.</summary>
    PowerAfter,
}

/// <summary>An operation that changes the disk, and that a fault can hit.</summary>
enum DiskOperation
{
    Create,
    Delete,
    Write,
    Truncate,
    Sync,
    Read,
}
