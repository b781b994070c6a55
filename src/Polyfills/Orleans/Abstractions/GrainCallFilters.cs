using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans;

/// <summary>A filter of outgoing calls as a function.</summary>
public delegate Task OutgoingGrainCallFilterDelegate(IOutgoingGrainCallContext context);

/// <summary>A filter of incoming calls as a function.</summary>
public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);

/// <summary>A call, as filters see it.</summary>
public interface IGrainCallContext
{
    IInvokable Request { get; }
    object Grain { get; }
    GrainId? SourceId { get; }
    GrainId TargetId { get; }
    GrainInterfaceType InterfaceType { get; }
    string InterfaceName { get; }
    string MethodName { get; }
    MethodInfo InterfaceMethod { get; }
    object? Result { get; set; }
    Task Invoke();
}

/// <summary>A call, as it reaches its grain.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    IGrainContext TargetContext { get; }
    MethodInfo ImplementationMethod { get; }
}

/// <summary>A call, as it leaves its caller.</summary>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    IGrainContext? SourceContext { get; }
}

/// <summary>Wraps every call that reaches a grain; a grain class may be one for its own calls.</summary>
public interface IIncomingGrainCallFilter
{
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>Wraps every call that leaves for a grain.</summary>
public interface IOutgoingGrainCallFilter
{
    Task Invoke(IOutgoingGrainCallContext context);
}
