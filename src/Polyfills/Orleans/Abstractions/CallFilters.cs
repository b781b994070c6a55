using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Serialization.Invocation
{
    /// <summary>One call's method and arguments.</summary>
    public interface IInvokable : IDisposable
    {
        /// <summary>How many arguments there are.</summary>
        int GetArgumentCount();

        /// <summary>An argument.</summary>
        object? GetArgument(int index);

        /// <summary>Replaces an argument.</summary>
        void SetArgument(int index, object value);

        /// <summary>The method's name.</summary>
        string GetMethodName();

        /// <summary>The interface's full name.</summary>
        string GetInterfaceName();

        /// <summary>Both names.</summary>
        string GetActivityName();

        /// <summary>The interface's method.</summary>
        MethodInfo GetMethod();

        /// <summary>The interface.</summary>
        Type GetInterfaceType();

        /// <summary>The method's own response timeout, where it has one.</summary>
        TimeSpan? GetDefaultResponseTimeout() => default;

        /// <summary>The call's cancellation token, where it has one.</summary>
        CancellationToken GetCancellationToken() => default;
    }
}

namespace Orleans
{
    /// <summary>A filter of outgoing calls as a function.</summary>
    public delegate Task OutgoingGrainCallFilterDelegate(IOutgoingGrainCallContext context);

    /// <summary>A filter of incoming calls as a function.</summary>
    public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);

    /// <summary>A call, as filters see it.</summary>
    public interface IGrainCallContext
    {
        /// <summary>Method and arguments.</summary>
        IInvokable Request { get; }

        /// <summary>The grain, or the reference to it.</summary>
        object Grain { get; }

        /// <summary>The caller, where it is a grain.</summary>
        GrainId? SourceId { get; }

        /// <summary>The grain that is called.</summary>
        GrainId TargetId { get; }

        /// <summary>The interface that is called.</summary>
        GrainInterfaceType InterfaceType { get; }

        /// <summary>The interface's full name.</summary>
        string InterfaceName { get; }

        /// <summary>The method's name.</summary>
        string MethodName { get; }

        /// <summary>The interface's method.</summary>
        MethodInfo InterfaceMethod { get; }

        /// <summary>The result, once there is one; a filter may replace it.</summary>
        object? Result { get; set; }

        /// <summary>Runs the rest of the filters and the call itself.</summary>
        Task Invoke();
    }

    /// <summary>A call, as it reaches its grain.</summary>
    public interface IIncomingGrainCallContext : IGrainCallContext
    {
        /// <summary>The activation that is called.</summary>
        IGrainContext TargetContext { get; }

        /// <summary>The class's method.</summary>
        MethodInfo ImplementationMethod { get; }
    }

    /// <summary>A call, as it leaves its caller.</summary>
    public interface IOutgoingGrainCallContext : IGrainCallContext
    {
        /// <summary>The activation that calls, where it is one.</summary>
        IGrainContext? SourceContext { get; }
    }

    /// <summary>Wraps every call that reaches a grain; a grain class may be one for its own calls.</summary>
    public interface IIncomingGrainCallFilter
    {
        /// <summary>Runs <see cref="IGrainCallContext.Invoke"/> somewhere within.</summary>
        Task Invoke(IIncomingGrainCallContext context);
    }

    /// <summary>Wraps every call that leaves for a grain.</summary>
    public interface IOutgoingGrainCallFilter
    {
        /// <summary>Runs <see cref="IGrainCallContext.Invoke"/> somewhere within.</summary>
        Task Invoke(IOutgoingGrainCallContext context);
    }
}
