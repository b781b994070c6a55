using OpenLedger.Ledger;

namespace Simulation.Tests.Running;

/// <summary>How a run talks to an open ledger.</summary>
interface ILedgerDoor : IAsyncDisposable
{
    /// <summary>Commits requests as one record of the journal.</summary>
    Task<IReadOnlyList<LedgerReply>> Commit(IReadOnlyList<LedgerRequest> requests);

    Task<T> Ask<T>(Func<LedgerCore, T> question);
}

/// <summary>The core itself.</summary>
sealed class CoreDoor(LedgerCore core) : ILedgerDoor
{
    public Task<IReadOnlyList<LedgerReply>> Commit(IReadOnlyList<LedgerRequest> requests)
    {
        try
        {
            return Task.FromResult(core.Commit(requests));
        }
        catch (Exception exception)
        {
            return Task.FromException<IReadOnlyList<LedgerReply>>(exception);
        }
    }

    public Task<T> Ask<T>(Func<LedgerCore, T> question) => Task.FromResult(question(core));

    public ValueTask DisposeAsync()
    {
        core.Dispose();
        return default;
    }
}

/// <summary>
/// The core behind its writer thread. A question holds the thread until all requests wait, so that they ride one commit: group commit
/// without chance.
/// </summary>
sealed class WriterDoor(LedgerWriter writer) : ILedgerDoor
{
    public async Task<IReadOnlyList<LedgerReply>> Commit(IReadOnlyList<LedgerRequest> requests)
    {
        using var gate = new ManualResetEventSlim();
        var waiting = writer.ReadAsync(_ =>
        {
            gate.Wait();
            return true;
        });
        Task<LedgerReply>[] commits;
        try
        {
            commits = [.. requests.Select(writer.CommitAsync)];
        }
        finally
        {
            gate.Set();
            await Settled(waiting);
        }
        foreach (var commit in commits)
        {
            await Settled(commit);
        }
        return await Task.WhenAll(commits);
    }

    public Task<T> Ask<T>(Func<LedgerCore, T> question) => writer.ReadAsync(question);

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    // A question may be refused, as by the fence; what the commits say is what counts.
    static async Task Settled(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
