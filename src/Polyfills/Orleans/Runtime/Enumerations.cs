using Microsoft.Extensions.Logging;

namespace Orleans.Engine;

/// <summary>What one step of an enumeration brought: nothing yet, elements, the last of them, or why there are none.</summary>
enum StepKind
{
    Heartbeat, Elements, Completed, Missing, Canceled,
}

readonly record struct Step<T>(StepKind Kind, List<T>? Elements = null);

/// <summary>What a method that returns an asynchronous enumerable gives to its caller: nothing runs until it is enumerated.</summary>
sealed class RemoteEnumerable<T>(GrainReference target, EnumerableMethod<T> method, object?[] arguments) : IAsyncEnumerable<T>
{
    /// <summary>The most elements that one step brings.</summary>
    public int BatchSizeMax { get; set; } = 100;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var own = method.CancellationIndex < 0 ? default : (CancellationToken)arguments[method.CancellationIndex]!;
        return new RemoteEnumerator<T>(
            target, method, arguments, BatchSizeMax, CancellationTokenSource.CreateLinkedTokenSource(own, cancellationToken));
    }
}

/// <summary>Pulls the elements step by step: the grain runs ahead of its consumer by one batch at most.</summary>
sealed class RemoteEnumerator<T>(
    GrainReference target, EnumerableMethod<T> method, object?[] arguments, int batchSizeMax, CancellationTokenSource cancellation)
    : IAsyncEnumerator<T>
{
    readonly long id = Numbers.Next();
    List<T> batch = [];
    int position = -1;
    bool begun;
    bool completed;
    bool disposed;

    public T Current => batch[position];

    public async ValueTask<bool> MoveNextAsync()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        try
        {
            while (++position >= batch.Count)
            {
                if (completed)
                {
                    return false;
                }

                batch = await NextBatch();
                position = -1;
            }

            return true;
        }
        catch
        {
            await Release();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!disposed)
        {
            disposed = true;
            await Release();
            cancellation.Dispose();
        }
    }

    async Task<List<T>> NextBatch()
    {
        var token = cancellation.Token;
        token.ThrowIfCancellationRequested();
        var first = !begun;
        begun = true;
        var step = await target.Shared.Silo.SendStep(target.GrainId, method, arguments, token, (activation, cancelled) => first
            ? activation.Enumerations.Start(id, method, arguments, batchSizeMax, cancelled)
            : activation.Enumerations.Next<T>(id, cancelled));
        completed |= step.Kind == StepKind.Completed;
        return step.Kind switch
        {
            StepKind.Canceled => throw new OperationCanceledException(token),
            StepKind.Missing => throw new EnumerationAbortedException(
                "Enumeration aborted: the remote target does not have a record of this enumerator. This likely indicates that the remote "
                + "grain was deactivated since enumeration begun or that the enumerator was idle for longer than the expiration period."),
            _ => step.Elements ?? [],
        };
    }

    async Task Release()
    {
        if (!begun || completed)
        {
            return;
        }

        completed = true;
        var silo = target.Shared.Silo;
        try
        {
            await silo.SendStep(target.GrainId, method, arguments, default, async (activation, _) =>
            {
                await activation.Enumerations.Remove(id);
                return true;
            });
        }
        catch (Exception exception)
        {
            silo.Log.LogWarning(exception, "Failed to dispose an enumeration of {Grain}", target);
        }
    }
}

sealed partial class Activation
{
    Enumerations? enumerations;

    /// <summary>Enumerations under way; used on the activation's scheduler alone.</summary>
    public Enumerations Enumerations => enumerations ??= new(this);

    Task StopEnumerations() => enumerations?.RemoveAll() ?? Task.CompletedTask;
}

/// <summary>The enumerations under way in one activation.</summary>
sealed class Enumerations
{
    readonly Dictionary<long, Enumeration> active = [];
    readonly CancellationTokenSource closing = new();
    readonly Activation activation;
    readonly TimeSpan responseTimeout;

    public Enumerations(Activation activation)
    {
        this.activation = activation;
        responseTimeout = activation.Silo.Messaging.ResponseTimeout;

        // A consumer that asks for nothing during a whole period has gone; the timer does not keep the grain active.
        activation.RegisterTimer(
            _ => RemoveSilent(), new() { DueTime = responseTimeout, Period = responseTimeout, Interleave = true });
    }

    public ValueTask<Step<T>> Start<T>(long id, EnumerableMethod<T> method, object?[] arguments, int batchSizeMax, CancellationToken token)
    {
        var cancellation = new CancellationTokenSource();
        var source = method.Invoke(activation.GrainInstance!, arguments, cancellation.Token);
        active[id] = new(source.GetAsyncEnumerator(cancellation.Token), cancellation, batchSizeMax);
        return Next<T>(id, token);
    }

    public async ValueTask<Step<T>> Next<T>(long id, CancellationToken token)
    {
        if (closing.IsCancellationRequested || !active.TryGetValue(id, out var enumeration))
        {
            return new(StepKind.Missing);
        }

        var source = (IAsyncEnumerator<T>)enumeration.Source;
        enumeration.Seen = true;
        var elements = new List<T>();
        try
        {
            // What is there at once goes in one batch; only with nothing to give does the step wait.
            while (elements.Count < enumeration.BatchSizeMax)
            {
                enumeration.Pending ??= source.MoveNextAsync().AsTask();
                if (!enumeration.Pending.IsCompleted && (elements.Count > 0 || !await WaitForPending(enumeration, token)))
                {
                    break;
                }

                var more = await enumeration.Pending;
                enumeration.Pending = null;
                if (!more)
                {
                    await Remove(id);
                    return new(StepKind.Completed, elements);
                }

                elements.Add(Copier<T>.Copy(source.Current));
            }
        }
        catch (Exception) when (closing.IsCancellationRequested)
        {
            return new(StepKind.Missing);
        }
        catch (Exception) when (elements.Count > 0)
        {
            // The elements before the failure are delivered first; the next step finds the failed move and throws.
            return new(StepKind.Elements, elements);
        }
        catch
        {
            await Remove(id);
            throw;
        }

        if (closing.IsCancellationRequested || token.IsCancellationRequested)
        {
            await Remove(id);
            return new(closing.IsCancellationRequested ? StepKind.Missing : StepKind.Canceled);
        }

        return elements.Count > 0 ? new(StepKind.Elements, elements) : new(StepKind.Heartbeat);
    }

    // Long polling: half the response timeout leaves the answer time to arrive.
    async Task<bool> WaitForPending(Enumeration enumeration, CancellationToken token)
    {
        enumeration.Busy = true;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, closing.Token);
        try
        {
            await ((Task)enumeration.Pending!).WaitAsync(responseTimeout / 2, activation.Silo.Time, either.Token)
                .ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            enumeration.Busy = false;
        }

        return enumeration.Pending!.IsCompleted;
    }

    public async Task Remove(long id)
    {
        if (active.Remove(id, out var enumeration))
        {
            await Dispose(enumeration);
        }
    }

    /// <summary>Ends the waits of consumers: the activation waits for the calls under way, and these are among them.</summary>
    public void Close()
    {
        closing.Cancel();
        foreach (var enumeration in active.Values.ToArray())
        {
            Quietly.Cancel(enumeration.Cancellation, activation.Silo.Log);
        }
    }

    public async Task RemoveAll()
    {
        foreach (var id in active.Keys.ToArray())
        {
            await Remove(id);
        }
    }

    async Task RemoveSilent()
    {
        foreach (var (id, enumeration) in active.ToArray())
        {
            if (!enumeration.Seen && !enumeration.Busy)
            {
                await Remove(id);
            }

            enumeration.Seen = false;
        }
    }

    async Task Dispose(Enumeration enumeration)
    {
        Quietly.Cancel(enumeration.Cancellation, activation.Silo.Log);

        // An iterator may be disposed only between its steps: one that heeds no cancellation is waited for, but not by the consumer.
        await DisposeAfter(enumeration.Pending ?? Task.CompletedTask, enumeration).WaitAsync(responseTimeout / 2, activation.Silo.Time)
            .ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task DisposeAfter(Task pending, Enumeration enumeration)
    {
        await pending.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await enumeration.Source.DisposeAsync();
        }
        catch (Exception exception)
        {
            activation.Silo.Log.LogWarning(exception, "An enumeration of {Activation} failed to end", activation);
        }
    }

    /// <summary>Seen: the consumer has asked since the last look. Busy: a step waits for the next element.</summary>
    sealed record Enumeration(IAsyncDisposable Source, CancellationTokenSource Cancellation, int BatchSizeMax)
    {
        public Task<bool>? Pending { get; set; }
        public bool Seen { get; set; }
        public bool Busy { get; set; }
    }
}
