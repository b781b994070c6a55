using System.Collections.Concurrent;

namespace OpenLedger.Ledger;

/// <summary>
/// A core on a thread of its own, with group commit: callers that arrive while a write is in flight ride the next one. Questions are
/// answered between commits, so that nobody ever sees what is not yet durable. Safe for several threads.
/// </summary>
public sealed class LedgerWriter : IAsyncDisposable
{
    /// <summary>Requests and questions that may wait; one more is refused.</summary>
    public const int WaitingMax = 16_384;

    readonly BlockingCollection<Work> waiting = new(WaitingMax);
    readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly LedgerCore core;

    /// <summary>Takes a core over; it is disposed with the writer.</summary>
    public LedgerWriter(LedgerCore core)
    {
        ArgumentNullException.ThrowIfNull(core);
        this.core = core;
        Origin = core.Origin;
        LogKey = core.LogKey;
        new Thread(Run) { IsBackground = true, Name = "ledger" }.Start();
    }

    /// <inheritdoc cref="LedgerCore.Origin"/>
    public string Origin { get; }

    /// <inheritdoc cref="LedgerCore.LogKey"/>
    public string LogKey { get; }

    /// <summary>Commits a request: durable when the task ends. A failure other than a refusal means that the outcome is unknown.</summary>
    /// <exception cref="LedgerRequestException">The request breaks a bound; nothing was applied.</exception>
    /// <exception cref="LedgerBusyException">Too many are waiting; nothing was applied.</exception>
    public Task<LedgerReply> CommitAsync(LedgerRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        var work = new Commit(request);
        Enqueue(work);
        return work.Reply.Task;
    }

    /// <summary>Asks the core something, on its thread, and only while the journal is this writer's.</summary>
    /// <exception cref="LedgerBusyException">Too many are waiting.</exception>
    /// <exception cref="JournalFencedException">Another writer has taken the journal over.</exception>
    public Task<T> ReadAsync<T>(Func<LedgerCore, T> question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var work = new Question<T>(question);
        Enqueue(work);
        return work.Answer.Task;
    }

    /// <summary>Finishes what waits, then closes the core.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.CompleteAdding();
        await stopped.Task;
    }

    void Enqueue(Work work)
    {
        try
        {
            if (!waiting.TryAdd(work))
            {
                throw new LedgerBusyException();
            }
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(LedgerWriter));
        }
    }

    void Run()
    {
        var group = new List<Commit>();
        Work? held = null;
        while (held is not null || waiting.TryTake(out held, Timeout.Infinite))
        {
            if (held is not Commit first)
            {
                held.Ask(core);
                held = null;
                continue;
            }
            held = Gather(first, group);
            CommitGroup(group);
        }
        try
        {
            core.Dispose();
            stopped.SetResult();
        }
        catch (Exception exception)
        {
            stopped.SetException(exception);
        }
    }

    // Takes the commits that wait, up to the bounds of one record or the first question; returns what did not fit.
    Work? Gather(Commit first, List<Commit> group)
    {
        group.Clear();
        group.Add(first);
        var sizeBytes = LedgerCore.SizeBytesOf(first.Request);
        while (group.Count < LedgerCore.RequestsMax && waiting.TryTake(out var next))
        {
            sizeBytes += next is Commit commit ? LedgerCore.SizeBytesOf(commit.Request) : LedgerCore.CommitSizeBytesMax;
            if (next is not Commit fitting || sizeBytes > LedgerCore.CommitSizeBytesMax)
            {
                return next;
            }
            group.Add(fitting);
        }
        return null;
    }

    void CommitGroup(List<Commit> group)
    {
        try
        {
            var replies = core.Commit(group.ConvertAll(commit => commit.Request));
            for (var i = 0; i < group.Count; i++)
            {
                group[i].Reply.SetResult(replies[i]);
            }
        }
        catch (Exception exception)
        {
            foreach (var commit in group)
            {
                commit.Reply.SetException(exception);
            }
        }
    }

    abstract class Work
    {
        public virtual void Ask(LedgerCore core) => throw new NotSupportedException();
    }

    sealed class Commit(LedgerRequest request) : Work
    {
        public LedgerRequest Request { get; } = request;

        public TaskCompletionSource<LedgerReply> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    sealed class Question<T>(Func<LedgerCore, T> question) : Work
    {
        public TaskCompletionSource<T> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Ask(LedgerCore core)
        {
            try
            {
                core.ConfirmHead();
                Answer.SetResult(question(core));
            }
            catch (Exception exception)
            {
                Answer.SetException(exception);
            }
        }
    }
}

/// <summary>More callers wait for the ledger than it lets wait.</summary>
public sealed class LedgerBusyException()
    : UserErrorException($"the ledger is busy: {LedgerWriter.WaitingMax} requests wait already; try again in a moment with the same id");
