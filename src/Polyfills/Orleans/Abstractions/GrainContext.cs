namespace Orleans.Runtime
{
    /// <summary>One activation of a grain, as its own code and the filters see it.</summary>
    public interface IGrainContext : IEquatable<IGrainContext>
    {
        GrainReference GrainReference { get; }
        GrainId GrainId { get; }
        object? GrainInstance { get; }
        ActivationId ActivationId { get; }
        IServiceProvider ActivationServices { get; }
        IGrainLifecycle ObservableLifecycle { get; }
        Task Deactivated { get; }
        void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
    }

    /// <summary>The activation that the current code runs in.</summary>
    public interface IGrainContextAccessor
    {
        IGrainContext GrainContext { get; }
    }

    /// <summary>Stages of an activation.</summary>
    public static class GrainLifecycleStage
    {
        public const int First = int.MinValue;
        public const int SetupState = 1000;
        public const int Activate = 2000;
        public const int Last = int.MaxValue;
    }

    /// <summary>The stages of one activation.</summary>
    public interface IGrainLifecycle : ILifecycleObservable;

    static class RuntimeContext
    {
        [ThreadStatic]
        static IGrainContext? current;

        public static IGrainContext? Current
        {
            get => current;
            set => current = value;
        }
    }
}

namespace Orleans
{
    /// <summary>Takes part in a lifecycle.</summary>
    public interface ILifecycleObserver
    {
        Task OnStart(CancellationToken cancellationToken = default);
        Task OnStop(CancellationToken cancellationToken = default);
    }

    /// <summary>A lifecycle that can be observed.</summary>
    public interface ILifecycleObservable
    {
        IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
    }

    /// <summary>Joins a lifecycle by itself.</summary>
    public interface ILifecycleParticipant<TLifecycleObservable>
        where TLifecycleObservable : ILifecycleObservable
    {
        void Participate(TLifecycleObservable lifecycle);
    }

    /// <summary>Why an activation ends.</summary>
    public readonly struct DeactivationReason
    {
        /// <summary>Without an exception.</summary>
        public DeactivationReason(DeactivationReasonCode code, string text)
            : this(code, null, text)
        {
        }

        /// <summary>With the exception that is the reason.</summary>
        public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
        {
            ReasonCode = code;
            Exception = exception;
            Description = text;
        }

        public string Description { get; }
        public DeactivationReasonCode ReasonCode { get; }

        /// <summary>The exception, where there is one.</summary>
        public Exception? Exception { get; }

        public override string ToString() =>
            Exception is null ? $"{ReasonCode}: {Description}" : $"{ReasonCode}: {Description}. Exception: {Exception}";
    }

    /// <summary>Kinds of reasons for which an activation ends.</summary>
    public enum DeactivationReasonCode : byte
    {
        None,
        ShuttingDown,
        ActivationFailed,
        DirectoryFailure,
        ActivationIdle,
        ActivationUnresponsive,
        DuplicateActivation,
        IncompatibleRequest,
        ApplicationError,
        ApplicationRequested,
        Migrating,
        RuntimeRequested,
        HighMemoryPressure,
    }
}
