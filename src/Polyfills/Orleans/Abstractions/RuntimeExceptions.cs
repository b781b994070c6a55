namespace Orleans.Runtime;

/// <summary>The base of the engine's exceptions.</summary>
public class OrleansException(string message, Exception? innerException) : Exception(message, innerException)
{
    public OrleansException(string message)
        : this(message, null)
    {
    }
}

/// <summary>The silo's options contradict each other.</summary>
public sealed class OrleansConfigurationException(string message) : Exception(message);

/// <summary>A call was refused without being made.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message)
        : base(message)
    {
    }
}

/// <summary>The silo does not take calls.</summary>
public sealed class SiloUnavailableException(string msg) : OrleansMessageRejectionException(msg);

/// <summary>An observer that is called is no longer there.</summary>
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(GrainId clientId)
        : base($"No activation for client {clientId}")
    {
    }
}

/// <summary>A reminder could not be kept or removed.</summary>
public sealed class ReminderException(string message) : OrleansException(message);

/// <summary>A bounded queue is full: a grain's mailbox, say.</summary>
public sealed class LimitExceededException(string limitName, int current, int threshold, object extraInfo)
    : OrleansException($"Limit exceeded {limitName} Current={current} Threshold={threshold} {extraInfo}");

/// <summary>An enumeration ended before its time: the grain was deactivated, or the consumer was silent for too long.</summary>
public sealed class EnumerationAbortedException(string message) : Exception(message);
