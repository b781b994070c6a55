namespace Orleans.Engine;

/// <summary>Identities that are unique within the process; nothing needs more, and runs stay reproducible.</summary>
static class Numbers
{
    static long last;

    public static long Next() => Interlocked.Increment(ref last);

    public static Guid NextGuid() => GuidOf(Next());

    public static Guid GuidOf(long number)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes[8..], number);
        return new(bytes, bigEndian: true);
    }
}
