namespace Orleans.Runtime
{
    /// <summary>One activation of a grain, as its own code and the filters see it.</summary>
    public interface IGrainContext : IEquatable<IGrainContext>
    {
        /// <summary>A reference to the grain.</summary>
        GrainReference GrainReference { get; }

        /// <summary>The grain's identity.</summary>
        GrainId GrainId { get; }

        /// <summary>The instance of the grain class.</summary>
        object? GrainInstance { get; }

        /// <summary>This activation's own identity.</summary>
        ActivationId ActivationId { get; }

        /// <summary>Services with the lifetime of this activation.</summary>
        IServiceProvider ActivationServices { get; }

        /// <summary>The stages of becoming active and of ceasing to be.</summary>
        IGrainLifecycle ObservableLifecycle { get; }

        /// <summary>Done when the activation has ended.</summary>
        Task Deactivated { get; }

        /// <summary>Ends the activation once the calls that run now are done.</summary>
        void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
    }

    /// <summary>The activation that the current code runs in.</summary>
    public interface IGrainContextAccessor
    {
        /// <summary>The activation.</summary>
        IGrainContext GrainContext { get; }
    }

    /// <summary>Stages of an activation.</summary>
    public static class GrainLifecycleStage
    {
        /// <summary>The first.</summary>
        public const int First = int.MinValue;

        /// <summary>Persistent states are read.</summary>
        public const int SetupState = 1000;

        /// <summary>The grain's own activation code runs.</summary>
        public const int Activate = 2000;

        /// <summary>The last.</summary>
        public const int Last = int.MaxValue;
    }

    /// <summary>The stages of one activation.</summary>
    public interface IGrainLifecycle : ILifecycleObservable;

    static class RuntimeContext
    {
        [ThreadStatic]
        static IGrainContext? current;

        /// <summary>Set while an activation's scheduler runs a piece of work on this thread.</summary>
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
        /// <summary>The stage is reached.</summary>
        Task OnStart(CancellationToken cancellationToken = default);

        /// <summary>The stage is left.</summary>
        Task OnStop(CancellationToken cancellationToken = default);
    }

    /// <summary>A lifecycle that can be observed.</summary>
    public interface ILifecycleObservable
    {
        /// <summary>Joins at a stage.</summary>
        IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
    }

    /// <summary>Joins a lifecycle by itself.</summary>
    public interface ILifecycleParticipant<TLifecycleObservable>
        where TLifecycleObservable : ILifecycleObservable
    {
        /// <summary>Joins.</summary>
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

        /// <summary>The reason in words.</summary>
        public string Description { get; }

        /// <summary>The kind of reason.</summary>
        public DeactivationReasonCode ReasonCode { get; }

        /// <summary>The exception, where there is one.</summary>
        public Exception? Exception { get; }

        /// <inheritdoc/>
        public override string ToString() =>
            Exception is null ? $"{ReasonCode}: {Description}" : $"{ReasonCode}: {Description}. Exception: {Exception}";
    }

    /// <summary>Kinds of reasons for which an activation ends.</summary>
    public enum DeactivationReasonCode : byte
    {
        /// <summary>None was given.</summary>
        None,

        /// <summary>The silo stops.</summary>
        ShuttingDown,

        /// <summary>The activation could not be made.</summary>
        ActivationFailed,

        /// <summary>The grain directory failed.</summary>
        DirectoryFailure,

        /// <summary>Nobody has called for a while.</summary>
        ActivationIdle,

        /// <summary>It does not answer.</summary>
        ActivationUnresponsive,

        /// <summary>The grain is active elsewhere.</summary>
        DuplicateActivation,

        /// <summary>It cannot serve a request's version.</summary>
        IncompatibleRequest,

        /// <summary>The application failed.</summary>
        ApplicationError,

        /// <summary>The application asked for it.</summary>
        ApplicationRequested,

        /// <summary>It moves to another silo.</summary>
        Migrating,

        /// <summary>The runtime asked for it.</summary>
        RuntimeRequested,

        /// <summary>Memory is short.</summary>
        HighMemoryPressure,
    }
}
