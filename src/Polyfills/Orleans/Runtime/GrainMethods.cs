using System.Linq.Expressions;
using System.Reflection;
using Orleans.Concurrency;

namespace Orleans.Engine;

/// <summary>A grain interface: its name and its methods, in the order in which the proxy numbers them.</summary>
sealed class GrainInterface
{
    static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, GrainInterface> Known = new();

    GrainInterface(Type clrType)
    {
        ClrType = clrType;
        Type = GrainInterfaceType.Create(clrType.GetCustomAttribute<AliasAttribute>()?.Alias ?? clrType.FullName ?? clrType.Name);
        Methods = [.. MethodsOf(clrType).Select(method => GrainMethod.Create(this, method))];
    }

    public Type ClrType { get; }
    public GrainInterfaceType Type { get; }
    public IReadOnlyList<GrainMethod> Methods { get; }

    public static GrainInterface Of(Type clrType) => Known.GetOrAdd(clrType, static type => new(type));

    public static IEnumerable<MethodInfo> MethodsOf(Type clrType) => clrType.GetInterfaces().Prepend(clrType)
        .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(method => method.IsAbstract);
}

/// <summary>One method of a grain interface, made once: calls go through a compiled delegate.</summary>
abstract class GrainMethod
{
    readonly Type[] types;
    readonly Copier?[] copiers;
    readonly bool copies;

    protected GrainMethod(GrainInterface grainInterface, MethodInfo method)
    {
        Interface = grainInterface;
        Method = method;
        FullName = $"{method.DeclaringType!.FullName}.{method.Name}";
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute), true);
        IsAlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute), true);
        IsOneWay = method.IsDefined(typeof(OneWayAttribute), true) || method.ReturnType == typeof(void);
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        types = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
        CancellationIndex = Array.IndexOf(types, typeof(CancellationToken));
        copiers = [.. method.GetParameters().Select(parameter => IsShared(parameter) ? null : Copier.For(parameter.ParameterType))];
        copies = copiers.Any(copier => copier is not null);
    }

    public GrainInterface Interface { get; }
    public MethodInfo Method { get; }
    public string FullName { get; }
    public bool IsReadOnly { get; }
    public bool IsAlwaysInterleave { get; }
    public bool IsOneWay { get; }
    public TimeSpan? ResponseTimeout { get; }
    public int CancellationIndex { get; }

    /// <summary>Calls from outside; returns what the interface's method returns.</summary>
    public abstract object Call(GrainReference target, object?[] arguments);

    /// <summary>Arguments as they are sent: copies of what the caller may change, and references for grains that pass themselves.</summary>
    protected object?[] Sendable(object?[] arguments)
    {
        if (!copies)
        {
            return arguments;
        }

        using var context = CopyContext.Rent();
        for (var index = 0; index < arguments.Length; index++)
        {
            arguments[index] = arguments[index] is IAddressable grain and not GrainReference
                ? grain.AsReference(types[index])
                : copiers[index] is { } copier ? copier.CopyBoxed(arguments[index], context) : arguments[index];
        }

        return arguments;
    }

    static bool IsShared(ParameterInfo parameter) => parameter.IsDefined(typeof(ImmutableAttribute))
        || (Copier.IsImmutable(parameter.ParameterType) && !typeof(IAddressable).IsAssignableFrom(parameter.ParameterType));

    protected TDelegate Compile<TDelegate>()
        where TDelegate : Delegate
    {
        var target = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(object[]));
        var values = Method.GetParameters().Select((parameter, index) =>
            Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(index)), parameter.ParameterType));
        Expression call = Expression.Call(Expression.Convert(target, Method.DeclaringType!), Method, values);
        var returned = typeof(TDelegate).GetMethod("Invoke")!.ReturnType;
        if (call.Type == typeof(void))
        {
            call = Expression.Block(call, Expression.Default(returned));
        }
        else if (returned != call.Type)
        {
            // A task becomes the value task around it.
            call = Expression.New(returned.GetConstructor([call.Type])!, call);
        }

        return Expression.Lambda<TDelegate>(call, target, arguments).Compile();
    }

    public static GrainMethod Create(GrainInterface grainInterface, MethodInfo method)
    {
        var result = method.ReturnType;
        if (method.IsGenericMethodDefinition || method.GetParameters().Any(parameter => parameter.ParameterType.IsByRef))
        {
            throw new NotSupportedException(
                $"{method.DeclaringType}.{method.Name}: generic methods and by-reference parameters are not part of the engine in use.");
        }

        if (result == typeof(Task) || result == typeof(ValueTask) || result == typeof(void))
        {
            return new UnitMethod(grainInterface, method);
        }

        var open = result.IsGenericType ? result.GetGenericTypeDefinition() : null;
        var kind = open == typeof(Task<>) || open == typeof(ValueTask<>) ? typeof(ResultMethod<>)
            : open == typeof(IAsyncEnumerable<>) ? typeof(EnumerableMethod<>)
            : throw new NotSupportedException($"{method.DeclaringType}.{method.Name} returns {result}: a grain's method returns "
                + "Task, Task<T>, ValueTask, ValueTask<T> or IAsyncEnumerable<T>.");
        return (GrainMethod)Activator.CreateInstance(kind.MakeGenericType(result.GetGenericArguments()), grainInterface, method)!;
    }
}

/// <summary>A method with one result, sent as one call.</summary>
abstract class GrainMethod<TResult>(GrainInterface grainInterface, MethodInfo method) : GrainMethod(grainInterface, method)
{
    /// <summary>Calls the grain's own method.</summary>
    public abstract ValueTask<TResult> Invoke(object instance, object?[] arguments);

    protected Task<TResult> Send(GrainReference target, object?[] arguments)
    {
        var silo = target.Shared.Silo;
        return silo.OutgoingFilters.Length == 0
            ? SendUnfiltered(target, Sendable(arguments))
            : new OutgoingContext<TResult>(target, this, Sendable(arguments), silo.OutgoingFilters).Run();
    }

    public Task<TResult> SendUnfiltered(GrainReference target, object?[] arguments)
    {
        var silo = target.Shared.Silo;
        var callerToken = CancellationIndex < 0 ? CancellationToken.None : (CancellationToken)arguments[CancellationIndex]!;
        if (callerToken.IsCancellationRequested)
        {
            return Task.FromCanceled<TResult>(callerToken);
        }

        var call = new MethodCall<TResult>(silo, this, arguments)
        {
            Target = target.GrainId,
            IsReadOnly = IsReadOnly,
            IsAlwaysInterleave = IsAlwaysInterleave,
            IsOneWay = IsOneWay,
        };
        if (callerToken.CanBeCanceled)
        {
            call.ObserveCancellation(callerToken);
            arguments[CancellationIndex] = call.CalleeToken;
        }

        return silo.Send(call, ResponseTimeout);
    }
}

/// <summary>Returns Task, ValueTask or nothing.</summary>
sealed class UnitMethod : GrainMethod<object?>
{
    readonly Func<object, object?[], ValueTask> invoke;

    public UnitMethod(GrainInterface grainInterface, MethodInfo method)
        : base(grainInterface, method) => invoke = Compile<Func<object, object?[], ValueTask>>();

    public override object Call(GrainReference target, object?[] arguments) =>
        Method.ReturnType == typeof(ValueTask) ? new ValueTask(Send(target, arguments)) : Send(target, arguments);

    public override async ValueTask<object?> Invoke(object instance, object?[] arguments)
    {
        await invoke(instance, arguments);
        return null;
    }
}

/// <summary>Returns Task or ValueTask of a result.</summary>
sealed class ResultMethod<TResult> : GrainMethod<TResult>
{
    readonly Func<object, object?[], ValueTask<TResult>> invoke;

    public ResultMethod(GrainInterface grainInterface, MethodInfo method)
        : base(grainInterface, method) => invoke = Compile<Func<object, object?[], ValueTask<TResult>>>();

    public override object Call(GrainReference target, object?[] arguments) =>
        Method.ReturnType == typeof(Task<TResult>) ? Send(target, arguments) : new ValueTask<TResult>(Send(target, arguments));

    public override ValueTask<TResult> Invoke(object instance, object?[] arguments) => invoke(instance, arguments);
}

sealed class EnumerableMethod<T> : GrainMethod
{
    readonly Func<object, object?[], IAsyncEnumerable<T>> invoke;

    public EnumerableMethod(GrainInterface grainInterface, MethodInfo method)
        : base(grainInterface, method) => invoke = Compile<Func<object, object?[], IAsyncEnumerable<T>>>();

    public override object Call(GrainReference target, object?[] arguments) =>
        new RemoteEnumerable<T>(target, this, Sendable(arguments));

    public IAsyncEnumerable<T> Invoke(object instance, object?[] arguments, CancellationToken token)
    {
        if (CancellationIndex < 0)
        {
            return invoke(instance, arguments);
        }

        var copy = arguments.ToArray();
        copy[CancellationIndex] = token;
        return invoke(instance, copy);
    }
}
