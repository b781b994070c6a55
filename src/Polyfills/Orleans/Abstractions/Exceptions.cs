namespace Orleans.Runtime
{
    /// <summary>The base of the engine's exceptions.</summary>
    public class OrleansException : Exception
    {
        /// <inheritdoc cref="Exception()"/>
        public OrleansException()
            : base("Unexpected error.")
        {
        }

        /// <inheritdoc cref="Exception(string)"/>
        public OrleansException(string message)
            : base(message)
        {
        }

        /// <inheritdoc cref="Exception(string, Exception)"/>
        public OrleansException(string message, Exception? innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The silo's options contradict each other.</summary>
    public sealed class OrleansConfigurationException : Exception
    {
        /// <inheritdoc cref="Exception(string)"/>
        public OrleansConfigurationException(string message)
            : base(message)
        {
        }

        /// <inheritdoc cref="Exception(string, Exception)"/>
        public OrleansConfigurationException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>A call was refused without being made.</summary>
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message)
            : base(message)
        {
        }
    }

    /// <summary>The silo does not take calls.</summary>
    public sealed class SiloUnavailableException : OrleansMessageRejectionException
    {
        /// <inheritdoc cref="Exception(string)"/>
        public SiloUnavailableException(string msg)
            : base(msg)
        {
        }
    }

    /// <summary>A bounded queue is full: a grain's mailbox, say.</summary>
    public sealed class LimitExceededException : OrleansException
    {
        /// <inheritdoc cref="Exception(string)"/>
        public LimitExceededException(string message)
            : base(message)
        {
        }

        /// <summary>Names the limit, what was reached, and where.</summary>
        public LimitExceededException(string limitName, int current, int threshold, object extraInfo)
            : base($"Limit exceeded {limitName} Current={current} Threshold={threshold} {extraInfo}")
        {
        }
    }

    /// <summary>An enumeration ended before its time: the grain was deactivated, or the consumer was silent for too long.</summary>
    public sealed class EnumerationAbortedException : Exception
    {
        /// <inheritdoc cref="Exception()"/>
        public EnumerationAbortedException()
        {
        }

        /// <inheritdoc cref="Exception(string)"/>
        public EnumerationAbortedException(string message)
            : base(message)
        {
        }

        /// <inheritdoc cref="Exception(string, Exception)"/>
        public EnumerationAbortedException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }
}

namespace Orleans.Storage
{
    /// <summary>A grain asks for a store that is not there.</summary>
    public sealed class BadProviderConfigException : OrleansException
    {
        /// <inheritdoc cref="Exception(string)"/>
        public BadProviderConfigException(string msg)
            : base(msg)
        {
        }
    }

#nullable disable warnings
    /// <summary>Somebody else has changed the stored state since it was read. If it leaves a grain, the activation ends.</summary>
    public class InconsistentStateException : OrleansException
    {
        /// <inheritdoc cref="Exception()"/>
        public InconsistentStateException()
        {
        }

        /// <inheritdoc cref="Exception(string)"/>
        public InconsistentStateException(string message)
            : base(message)
        {
        }

        /// <inheritdoc cref="Exception(string, Exception)"/>
        public InconsistentStateException(string message, Exception innerException)
            : base(message, innerException)
        {
        }

        /// <summary>With the ETag that is stored and the one that the caller holds.</summary>
        public InconsistentStateException(string errorMsg, string storedEtag, string currentEtag, Exception storageException)
            : base(errorMsg, storageException)
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        /// <summary>With the ETag that is stored and the one that the caller holds.</summary>
        public InconsistentStateException(string errorMsg, string storedEtag, string currentEtag)
            : this(errorMsg, storedEtag, currentEtag, null)
        {
        }

        /// <summary>The ETag that is stored.</summary>
        public string StoredEtag { get; private set; }

        /// <summary>The ETag that the caller holds.</summary>
        public string CurrentEtag { get; private set; }

        // Only the activation whose write failed is stale: callers further up, whom the exception reaches too, are not.
        internal bool IsSourceActivation { get; set; } = true;
    }
#nullable restore warnings
}
