using System.Buffers.Binary;
using System.Text;

namespace OpenLedger;

/// <summary>
/// Writes canonical bytes: fixed-width big-endian integers, texts as a 16-bit length and strict UTF-8, blocks as a 32-bit length and bytes.
/// Every value has exactly one encoding, so equal values have equal hashes.
/// </summary>
public sealed class CanonicalWriter
{
    static readonly UTF8Encoding strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    byte[] buffer;

    public CanonicalWriter(int capacityBytes = 256) => buffer = new byte[Math.Max(16, capacityBytes)];

    /// <summary>Bytes written so far.</summary>
    public int SizeBytes { get; private set; }

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, SizeBytes);

    public byte[] ToArray() => Written.ToArray();

    /// <summary>Begins again with the same memory.</summary>
    public void Clear() => SizeBytes = 0;

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(sizeof(ushort)), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(sizeof(uint)), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(sizeof(ulong)), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(sizeof(long)), value);

    public void UInt128(UInt128 value) => BinaryPrimitives.WriteUInt128BigEndian(Reserve(16), value);

    public void Amount(Amount value) => UInt128(value.Atto);

    public void TransferId(TransferId value) => UInt128(value.Value);

    public void Hash(ContentHash value) => value.CopyTo(Reserve(ContentHash.SizeBytes));

    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>A block with its length.</summary>
    public void Block(ReadOnlySpan<byte> bytes)
    {
        UInt32((uint)bytes.Length);
        Raw(bytes);
    }

    /// <summary>A text of at most <paramref name="sizeBytesMax"/> UTF-8 bytes.</summary>
    /// <exception cref="ArgumentException">The text is longer, or not valid Unicode.</exception>
    public void Text(string value, int sizeBytesMax)
    {
        ArgumentNullException.ThrowIfNull(value);
        var sizeBytes = strictUtf8.GetByteCount(value);
        if (sizeBytes > sizeBytesMax)
        {
            throw new ArgumentException($"a text has {sizeBytes} bytes where at most {sizeBytesMax} are allowed", nameof(value));
        }
        UInt16((ushort)sizeBytes);
        _ = strictUtf8.GetBytes(value, Reserve(sizeBytes));
    }

    Span<byte> Reserve(int sizeBytes)
    {
        if (buffer.Length - SizeBytes < sizeBytes)
        {
            Array.Resize(ref buffer, Math.Max(checked(buffer.Length * 2), checked(SizeBytes + sizeBytes)));
        }
        var span = buffer.AsSpan(SizeBytes, sizeBytes);
        SizeBytes += sizeBytes;
        return span;
    }
}

/// <summary>Reads what <see cref="CanonicalWriter"/> wrote, and refuses everything else.</summary>
public ref struct CanonicalReader(ReadOnlySpan<byte> bytes)
{
    static readonly UTF8Encoding strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    public readonly int Remaining => bytes.Length - Position;

    public byte Byte(string field) => Take(1, field)[0];

    public ushort UInt16(string field) => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort), field));

    public uint UInt32(string field) => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint), field));

    public ulong UInt64(string field) => BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong), field));

    public long Int64(string field) => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long), field));

    public UInt128 UInt128(string field) => BinaryPrimitives.ReadUInt128BigEndian(Take(16, field));

    public Amount Amount(string field) => OpenLedger.Amount.FromAtto(UInt128(field));

    public TransferId TransferId(string field) => new(UInt128(field));

    public ContentHash Hash(string field) => new(Take(ContentHash.SizeBytes, field));

    public ReadOnlySpan<byte> Raw(int sizeBytes, string field) => Take(sizeBytes, field);

    /// <summary>A count of elements that follow, at most <paramref name="max"/>.</summary>
    public int Count(int max, string field)
    {
        var count = UInt32(field);
        return count <= (uint)max
            ? (int)count
            : throw new CanonicalFormatException(field, $"counts {count} where at most {max} are allowed");
    }

    public ReadOnlySpan<byte> Block(int sizeBytesMax, string field)
    {
        var sizeBytes = Count(sizeBytesMax, field);
        return Take(sizeBytes, field);
    }

    public string Text(int sizeBytesMax, string field)
    {
        var sizeBytes = UInt16(field);
        if (sizeBytes > sizeBytesMax)
        {
            throw new CanonicalFormatException(field, $"has {sizeBytes} bytes where at most {sizeBytesMax} are allowed");
        }
        try
        {
            return strictUtf8.GetString(Take(sizeBytes, field));
        }
        catch (DecoderFallbackException)
        {
            throw new CanonicalFormatException(field, "is not UTF-8");
        }
    }

    /// <summary>Nothing may follow.</summary>
    public readonly void End()
    {
        if (Remaining != 0)
        {
            throw new CanonicalFormatException("end", $"is followed by {Remaining} more bytes");
        }
    }

    ReadOnlySpan<byte> Take(int sizeBytes, string field)
    {
        if (Remaining < sizeBytes)
        {
            throw new CanonicalFormatException(field, $"needs {sizeBytes} bytes where {Remaining} are left");
        }
        var taken = bytes.Slice(Position, sizeBytes);
        Position += sizeBytes;
        return taken;
    }
}

/// <summary>Bytes that should be canonical are not.</summary>
public sealed class CanonicalFormatException : UserErrorException
{
    public CanonicalFormatException(string field, string problem)
        : base($"the field '{field}' {problem}")
    {
        Field = field;
    }

    /// <summary>The field that could not be read.</summary>
    public string Field { get; }
}
