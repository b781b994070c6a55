using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Engine;

/// <summary>What the contexts of incoming and outgoing calls share.</summary>
abstract class CallContext<TResult>(GrainMethod method, object?[] arguments) : IGrainCallContext, IInvokable
{
    bool hasResult;
    TResult? result;

    protected object?[] Arguments { get; } = arguments;
    public IInvokable Request => this;
    public abstract object Grain { get; }
    public abstract GrainId? SourceId { get; }
    public abstract GrainId TargetId { get; }
    public GrainInterfaceType InterfaceType => method.Interface.Type;
    public string InterfaceName => method.Interface.ClrType.FullName!;
    public string MethodName => method.Method.Name;
    public MethodInfo InterfaceMethod => method.Method;

    public object? Result
    {
        get => result;
        set => TypedResult = (TResult)value!;
    }

    /// <exception cref="InvalidOperationException">A filter neither went on with the call nor set a result.</exception>
    public TResult TypedResult
    {
        get => hasResult
            ? result!
            : throw new InvalidOperationException($"A filter ended the call of {method.FullName} without a result.");
        protected set
        {
            result = value;
            hasResult = true;
        }
    }

    public abstract Task Invoke();

    public int GetArgumentCount() => Arguments.Length;
    public object? GetArgument(int index) => Arguments[index];
    public void SetArgument(int index, object value) => Arguments[index] = value;
}

sealed class IncomingContext<TResult>(
    Call<TResult> call, Activation activation, object instance, IIncomingGrainCallFilter[] filters)
    : CallContext<TResult>(call.Method, call.Arguments), IIncomingGrainCallContext
{
    int stage;

    public override object Grain => instance;
    public override GrainId? SourceId => call.SourceId;
    public override GrainId TargetId => activation.GrainId;
    public IGrainContext TargetContext => activation;

    public MethodInfo ImplementationMethod
    {
        get
        {
            var map = instance.GetType().GetInterfaceMap(InterfaceMethod.DeclaringType!);
            return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, InterfaceMethod)];
        }
    }

    // The silo's filters in the order of their registration, then the grain's own, then the call.
    public override Task Invoke()
    {
        var current = stage++;
        return current < filters.Length ? filters[current].Invoke(this)
            : current == filters.Length && instance is IIncomingGrainCallFilter own ? own.Invoke(this)
            : InvokeMethod();
    }

    async Task InvokeMethod() => TypedResult = await call.Invoke(activation, instance);
}

sealed class OutgoingContext<TResult>(
    GrainReference target, GrainMethod<TResult> method, object?[] arguments, IOutgoingGrainCallFilter[] filters)
    : CallContext<TResult>(method, arguments), IOutgoingGrainCallContext
{
    int stage;

    public override object Grain => target;
    public override GrainId? SourceId => SourceContext?.GrainId;
    public override GrainId TargetId => target.GrainId;
    public IGrainContext? SourceContext { get; } = RuntimeContext.Current;

    public override Task Invoke()
    {
        var current = stage++;
        return current < filters.Length ? filters[current].Invoke(this) : Send();
    }

    async Task Send() => TypedResult = await method.SendUnfiltered(target, Arguments);

    public async Task<TResult> Run()
    {
        await Invoke();
        return TypedResult;
    }
}

/// <summary>A function as a filter.</summary>
sealed class IncomingFilter(IncomingGrainCallFilterDelegate filter) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) => filter(context);
}

/// <summary>A function as a filter.</summary>
sealed class OutgoingFilter(OutgoingGrainCallFilterDelegate filter) : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context) => filter(context);
}
