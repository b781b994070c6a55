namespace Orleans.Engine;

/// <summary>What waits in an activation's mailbox.</summary>
abstract class Message
{
    // Links of the mailbox that the message waits in.
    public Message? Next { get; set; }
    public bool IsReadOnly { get; init; }
    public bool IsAlwaysInterleave { get; init; }

    /// <summary>Whether it counts as use of the activation.</summary>
    public bool IsKeepAlive { get; init; } = true;

    /// <summary>Whether it is meant for this activation alone and dies with it.</summary>
    public virtual bool IsLocalOnly => false;

    /// <summary>Whether nobody waits for it any more.</summary>
    public virtual bool IsExpired => false;
    public Guid ReentrancyId { get; init; }

    /// <summary>Whether it may begin while another is under way: then it does not wait behind those that may not.</summary>
    public bool MayInterleave => IsAlwaysInterleave || IsReadOnly || ReentrancyId != Guid.Empty;

    /// <summary>Runs as a turn of the activation; never throws.</summary>
    public abstract Task Execute(Activation activation);

    /// <summary>Ends it without its having been run.</summary>
    public abstract void Reject(Exception exception);
}

/// <summary>A request of a caller who waits for the result.</summary>
abstract class Call<TResult> : Message
{
    readonly TaskCompletionSource<TResult> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Dictionary<string, object>? requestContext;
    readonly Silo silo;
    CancellationTokenSource? cancellation;
    CancellationTokenRegistration callerCancellation;
    ITimer? timeoutTimer;
    Activation? runningOn;

    protected Call(Silo silo)
    {
        this.silo = silo;
        requestContext = RequestContext.Values;
        ReentrancyId = requestContext is null ? Guid.Empty : RequestContext.ReentrancyId;
        SourceId = RuntimeContext.Current?.GrainId;
    }

    public GrainId? SourceId { get; }
    public required GrainId Target { get; init; }
    public Task<TResult> Completion => completion.Task;
    public bool IsOneWay { get; init; }
    public override bool IsExpired => completion.Task.IsCompleted && silo.Messaging.DropExpiredMessages;

    /// <summary>The token that the callee gets in place of the caller's.</summary>
    public CancellationToken CalleeToken => cancellation?.Token ?? CancellationToken.None;
    protected abstract string Name { get; }

    /// <summary>Ends the wait of the caller when its token is cancelled, and tells the callee.</summary>
    public void ObserveCancellation(CancellationToken callerToken)
    {
        cancellation = new();
        callerCancellation = callerToken.UnsafeRegister(
            static (state, token) =>
            {
                var call = (Call<TResult>)state!;
                call.Finish();
                call.completion.TrySetException(new OperationCanceledException(token));
                call.CancelCallee();
            },
            this);
    }

    /// <summary>Ends the wait of the caller after this time.</summary>
    public void ObserveTimeout(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        timeoutTimer = silo.Time.CreateTimer(
            static state =>
            {
                var (call, timeout) = ((Call<TResult>, TimeSpan))state!;
                call.Finish();
                call.completion.TrySetException(new TimeoutException(
                    $"Response did not arrive on time in {timeout} for message: {call.Name} of {call.Target}."));
                if (call.silo.Messaging.CancelRequestOnTimeout)
                {
                    call.CancelCallee();
                }
            },
            (this, timeout),
            timeout,
            Timeout.InfiniteTimeSpan);
        if (completion.Task.IsCompleted)
        {
            timeoutTimer.Dispose();
        }
    }

    public sealed override async Task Execute(Activation activation)
    {
        Volatile.Write(ref runningOn, activation);
        RequestContext.Values = requestContext;
        try
        {
            var result = await Run(activation);
            Finish();
            completion.TrySetResult(result);
        }
        catch (Exception exception)
        {
            activation.ObserveFailure(exception);
            Finish();
            if (!completion.TrySetException(exception) || IsOneWay)
            {
                silo.ReportUnseen(exception, Name, Target);
            }
        }
        finally
        {
            activation.Complete(this);
        }
    }

    public override void Reject(Exception exception)
    {
        Finish();
        completion.TrySetException(exception);
    }

    /// <summary>The work itself.</summary>
    protected abstract ValueTask<TResult> Run(Activation activation);

    void Finish()
    {
        timeoutTimer?.Dispose();
        callerCancellation.Unregister();
    }

    // The callee's registrations run as a turn of its own activation, never on the thread that cancels.
    void CancelCallee()
    {
        if (cancellation is { } source && Volatile.Read(ref runningOn) is { } activation)
        {
            activation.Scheduler.Post(state => Quietly.Cancel((CancellationTokenSource)state!, silo.Log), source);
        }
    }
}

/// <summary>A call of an interface's method.</summary>
sealed class MethodCall<TResult>(Silo silo, GrainMethod<TResult> method, object?[] arguments) : Call<TResult>(silo)
{
    readonly Silo silo = silo;

    protected override string Name => method.FullName;

    protected override ValueTask<TResult> Run(Activation activation)
    {
        var instance = activation.GrainInstance!;
        return silo.IncomingFilters.Length == 0 && instance is not IIncomingGrainCallFilter
            ? method.Invoke(instance, arguments)
            : RunFiltered(activation, instance);
    }

    async ValueTask<TResult> RunFiltered(Activation activation, object instance)
    {
        var context = new IncomingContext<TResult>(activation, method, arguments, SourceId, silo.IncomingFilters, instance);
        await context.Invoke();
        return context.TypedResult;
    }
}

/// <summary>A call of the engine's own, beside those of the grain's interface.</summary>
sealed class EngineCall<TResult>(Silo silo, string name, Func<Activation, CancellationToken, ValueTask<TResult>> work)
    : Call<TResult>(silo)
{
    protected override string Name => name;

    protected override ValueTask<TResult> Run(Activation activation) => work(activation, CalleeToken);
}

/// <summary>First in, first out, save that those which may interleave can be taken from the middle.</summary>
sealed class Mailbox
{
    Message? first;
    Message? last;
    int interleaving;

    public int Count { get; private set; }

    public void Enqueue(Message message)
    {
        message.Next = null;
        if (last is null)
        {
            first = message;
        }
        else
        {
            last.Next = message;
        }

        last = message;
        Count++;
        interleaving += message.MayInterleave ? 1 : 0;
    }

    /// <summary>Takes the first that may run; where the first may not, only those that may interleave are asked.</summary>
    public Message? Dequeue(Func<Message, bool> mayRun)
    {
        Message? previous = null;
        var left = interleaving;
        for (var message = first; message is not null; previous = message, message = message.Next)
        {
            if (previous is not null && left == 0)
            {
                return null;
            }

            if (previous is null || message.MayInterleave)
            {
                if (mayRun(message))
                {
                    Remove(message, previous);
                    return message;
                }
            }

            left -= message.MayInterleave ? 1 : 0;
        }

        return null;
    }

    void Remove(Message message, Message? previous)
    {
        if (previous is null)
        {
            first = message.Next;
        }
        else
        {
            previous.Next = message.Next;
        }

        if (ReferenceEquals(last, message))
        {
            last = previous;
        }

        message.Next = null;
        Count--;
        interleaving -= message.MayInterleave ? 1 : 0;
    }
}
