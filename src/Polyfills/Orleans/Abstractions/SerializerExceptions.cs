namespace Orleans.Serialization;

/// <summary>A value cannot be sent.</summary>
public class SerializerException(string message) : Exception(message);

/// <summary>The type of a value does not say how it is sent.</summary>
public sealed class CodecNotFoundException(string message) : SerializerException(message);
