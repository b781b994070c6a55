namespace OpenLedger.Grains.Identity;

/// <summary>
/// The hash of a call's arguments, all but the authorisation, in the method's order: what a signature covers of a command. Client and
/// grain name the same static types, those of the method's parameters.
/// </summary>
public static class RequestBody
{
    /// <summary>Of a method without other arguments.</summary>
    public static ContentHash Nothing { get; } = ContentHash.Of([0]);

    public static ContentHash Of<T>(T argument)
    {
        var writer = Begin(1);
        CanonicalMessage<T>.Write(writer, argument);
        return ContentHash.Of(writer.Written);
    }

    public static ContentHash Of<T1, T2>(T1 first, T2 second)
    {
        var writer = Begin(2);
        CanonicalMessage<T1>.Write(writer, first);
        CanonicalMessage<T2>.Write(writer, second);
        return ContentHash.Of(writer.Written);
    }

    public static ContentHash Of<T1, T2, T3>(T1 first, T2 second, T3 third)
    {
        var writer = Begin(3);
        CanonicalMessage<T1>.Write(writer, first);
        CanonicalMessage<T2>.Write(writer, second);
        CanonicalMessage<T3>.Write(writer, third);
        return ContentHash.Of(writer.Written);
    }

    static CanonicalWriter Begin(byte argumentCount)
    {
        var writer = new CanonicalWriter();
        writer.Byte(argumentCount);
        return writer;
    }
}
