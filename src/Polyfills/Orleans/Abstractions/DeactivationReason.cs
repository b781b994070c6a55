namespace Orleans;

/// <summary>Why an activation ends.</summary>
public readonly struct DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
{
    public DeactivationReason(DeactivationReasonCode code, string text)
        : this(code, null, text)
    {
    }

    public string Description => text;
    public DeactivationReasonCode ReasonCode => code;
    public Exception? Exception => exception;
    public override string ToString() => exception is null ? $"{code}: {text}" : $"{code}: {text}. Exception: {exception}";
}

/// <summary>Kinds of reasons for which an activation ends.</summary>
public enum DeactivationReasonCode : byte
{
    None, ShuttingDown, ActivationFailed, DirectoryFailure, ActivationIdle, ActivationUnresponsive, DuplicateActivation,
    IncompatibleRequest, ApplicationError, ApplicationRequested, Migrating, RuntimeRequested, HighMemoryPressure,
}
