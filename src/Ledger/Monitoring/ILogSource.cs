namespace OpenLedger.Ledger;

/// <summary>A log as anybody sees it from outside, C2SP <c>tlog-tiles</c>: its checkpoint and its tiles.</summary>
public interface ILogSource
{
    /// <summary>The signed checkpoint as it is served, or null where there is none.</summary>
    /// <exception cref="LogUnreachableException">The log does not answer.</exception>
    Task<string?> ReadCheckpoint(CancellationToken cancellation);

    /// <summary>The bytes of a tile of exactly this width, or null where there is none.</summary>
    /// <exception cref="LogUnreachableException">The log does not answer.</exception>
    Task<byte[]?> ReadTile(LogTile tile, CancellationToken cancellation);
}

/// <summary>The tiles of a store as a source.</summary>
public sealed class StoredLogSource(ITileStore store) : ILogSource
{
    public Task<string?> ReadCheckpoint(CancellationToken cancellation) => Task.FromResult(store.ReadCheckpoint());

    public Task<byte[]?> ReadTile(LogTile tile, CancellationToken cancellation) => Task.FromResult(store.Read(tile));
}

/// <summary>A log does not answer, which is not yet a lie.</summary>
public sealed class LogUnreachableException : UserErrorException
{
    public LogUnreachableException(string message)
        : base(message)
    {
    }

    public LogUnreachableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
