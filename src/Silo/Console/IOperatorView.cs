namespace OpenLedger.Silo.Console;

/// <summary>Where the console has its figures from: the one interface between the pages and the engine.</summary>
public interface IOperatorView
{
    /// <summary>
    /// Looks once. A source that does not answer in time, or fails, is reported in its part of the snapshot and spoils no other.
    /// Not for several callers at once: <see cref="OperatorFeed"/> shares one look among all who watch.
    /// </summary>
    Task<OperatorSnapshot> Take(CancellationToken cancellationToken);
}
