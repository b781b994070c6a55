namespace Orleans.Engine;

/// <summary>What waits in an activation's mailbox.</summary>
abstract class Message
{
    // Links of the list that the message is in: the mailbox, or those that run.
    public Message? Next { get; set; }
    public Message? Previous { get; set; }
    public bool IsReadOnly { get; init; }
    public bool IsAlwaysInterleave { get; init; }

    /// <summary>Whether it counts as use of the activation.</summary>
    public bool IsKeepAlive { get; init; } = true;

    /// <summary>Whether it is meant for this activation alone and dies with it.</summary>
    public virtual bool IsLocalOnly => false;

    /// <summary>Whether nobody waits for it any more.</summary>
    public virtual bool IsExpired => false;
    public Guid ReentrancyId { get; init; }

    /// <summary>Timestamp after which its caller no longer waits.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    /// <summary>What the caller's context holds, and the interface that it calls by.</summary>
    public virtual (Dictionary<string, object>? Context, GrainInterfaceType Interface) Origin => default;

    /// <summary>Whether it may begin while another is under way: then it does not wait behind those that may not.</summary>
    public bool MayInterleave => IsAlwaysInterleave || IsReadOnly || ReentrancyId != Guid.Empty;

    /// <summary>Runs as a turn of the activation; never throws.</summary>
    public abstract Task Execute(Activation activation);

    /// <summary>Ends it without its having been run.</summary>
    public abstract void Reject(Exception exception);

    /// <summary>Ends the wait of a caller whose time is up.</summary>
    public virtual void Expire()
    {
    }
}

/// <summary>A request of a caller who waits for the result.</summary>
abstract class Call<TResult> : Message
{
    readonly TaskCompletionSource<TResult> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly ContextValues? requestContext;
    CancellationTokenSource? cancellation;
    CancellationTokenRegistration callerCancellation;
    TimeSpan timeout;
    Activation? runningOn;

    protected Call(Silo silo, GrainMethod method, object?[] arguments)
    {
        (Silo, Method, Arguments) = (silo, method, arguments);
        requestContext = RequestContext.Values?.ForCall();
        ReentrancyId = requestContext is null ? Guid.Empty : RequestContext.ReentrancyId;
        SourceId = RuntimeContext.Current?.GrainId;
    }

    public GrainMethod Method { get; }
    public object?[] Arguments { get; }
    public GrainId? SourceId { get; }
    public required GrainId Target { get; init; }
    public Task<TResult> Completion => completion.Task;
    public bool IsOneWay { get; init; }
    public override bool IsExpired => completion.Task.IsCompleted && Silo.Messaging.DropExpiredMessages;

    /// <summary>The token that the callee gets in place of the caller's.</summary>
    public CancellationToken CalleeToken => cancellation?.Token ?? CancellationToken.None;
    public override (Dictionary<string, object>? Context, GrainInterfaceType Interface) Origin => (requestContext, Method.Interface.Type);
    Silo Silo { get; }

    /// <summary>Ends the wait of the caller when its token is cancelled, and tells the callee.</summary>
    public void ObserveCancellation(CancellationToken callerToken)
    {
        cancellation = new();
        callerCancellation = callerToken.UnsafeRegister(
            static (state, token) =>
            {
                var call = (Call<TResult>)state!;
                call.completion.TrySetException(new OperationCanceledException(token));
                call.CancelCallee();
            },
            this);
    }

    /// <summary>Ends the wait of the caller after this time, give or take the period in which the silo looks.</summary>
    public void ObserveTimeout(TimeSpan wait)
    {
        timeout = wait;
        if (wait != Timeout.InfiniteTimeSpan)
        {
            Deadline = Silo.Time.GetTimestamp() + (long)(wait.TotalSeconds * Silo.Time.TimestampFrequency);
        }
    }

    public override void Expire()
    {
        Reject(new TimeoutException(
            $"Response did not arrive on time in {timeout} for message: "
            + $"Request [{SourceId?.ToString() ?? "client"}]->[{Target}] {Method.FullName}."));
        if (Silo.Messaging.CancelRequestOnTimeout)
        {
            CancelCallee();
        }
    }

    public sealed override async Task Execute(Activation activation)
    {
        Volatile.Write(ref runningOn, activation);
        if (requestContext is not null)
        {
            RequestContext.Values = requestContext;
        }

        try
        {
            var result = await Run(activation);
            callerCancellation.Unregister();
            completion.TrySetResult(Copier<TResult>.Copy(result));
        }
        catch (Exception exception)
        {
            activation.ObserveFailure(exception);
            callerCancellation.Unregister();
            if (!completion.TrySetException(exception) || IsOneWay)
            {
                Silo.ReportUnseen(exception, Method.FullName, Target);
            }
        }
        finally
        {
            activation.Complete(this);
        }
    }

    public override void Reject(Exception exception)
    {
        callerCancellation.Unregister();
        completion.TrySetException(exception);
    }

    /// <summary>The work itself.</summary>
    public abstract ValueTask<TResult> Invoke(Activation activation, object instance);

    ValueTask<TResult> Run(Activation activation)
    {
        var instance = activation.GrainInstance ?? throw new ClientNotAvailableException(activation.GrainId);
        return Silo.IncomingFilters.Length == 0 && instance is not IIncomingGrainCallFilter
            ? Invoke(activation, instance)
            : RunFiltered(activation, instance);
    }

    async ValueTask<TResult> RunFiltered(Activation activation, object instance)
    {
        var context = new IncomingContext<TResult>(this, activation, instance, Silo.IncomingFilters);
        await context.Invoke();
        return context.TypedResult;
    }

    // The callee's registrations run as a turn of its own activation, never on the thread that cancels.
    void CancelCallee()
    {
        if (cancellation is { } source && Volatile.Read(ref runningOn) is { } activation)
        {
            activation.Post(state => Quietly.Cancel((CancellationTokenSource)state!, Silo.Log), source);
        }
    }
}

/// <summary>A call of an interface's method.</summary>
sealed class MethodCall<TResult>(Silo silo, GrainMethod<TResult> method, object?[] arguments) : Call<TResult>(silo, method, arguments)
{
    public override ValueTask<TResult> Invoke(Activation activation, object instance) => method.Invoke(instance, Arguments);
}

/// <summary>A step of a method that takes several, such as an enumeration.</summary>
sealed class StepCall<TResult>(
    Silo silo, GrainMethod method, object?[] arguments, Func<Activation, CancellationToken, ValueTask<TResult>> work)
    : Call<TResult>(silo, method, arguments)
{
    public override ValueTask<TResult> Invoke(Activation activation, object instance) => work(activation, CalleeToken);
}

/// <summary>Messages in order; any can be taken out.</summary>
struct MessageList
{
    public Message? First { get; private set; }
    public int Count { get; private set; }
    Message? last;
    int interleaving;

    public void Add(Message message)
    {
        (message.Previous, message.Next) = (last, null);
        if (last is null)
        {
            First = message;
        }
        else
        {
            last.Next = message;
        }

        last = message;
        Count++;
        interleaving += message.MayInterleave ? 1 : 0;
    }

    public void Remove(Message message)
    {
        if (message.Previous is null)
        {
            First = message.Next;
        }
        else
        {
            message.Previous.Next = message.Next;
        }

        if (message.Next is null)
        {
            last = message.Previous;
        }
        else
        {
            message.Next.Previous = message.Previous;
        }

        (message.Previous, message.Next) = (null, null);
        Count--;
        interleaving -= message.MayInterleave ? 1 : 0;
    }

    /// <summary>Takes the first that may run; where the first may not, only those that may interleave are asked.</summary>
    public Message? Dequeue(Activation activation)
    {
        var left = interleaving;
        for (var message = First; message is not null && (ReferenceEquals(message, First) || left > 0); message = message.Next)
        {
            if ((ReferenceEquals(message, First) || message.MayInterleave) && activation.MayRun(message))
            {
                Remove(message);
                return message;
            }

            left -= message.MayInterleave ? 1 : 0;
        }

        return null;
    }

    /// <summary>Adds those whose time is up to the list.</summary>
    public readonly void CollectExpired(long now, List<Message> expired)
    {
        for (var message = First; message is not null; message = message.Next)
        {
            if (message.Deadline <= now)
            {
                message.Deadline = long.MaxValue;
                expired.Add(message);
            }
        }
    }
}
