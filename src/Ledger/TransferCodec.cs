using System.Buffers.Binary;

namespace OpenLedger.Ledger;

/// <summary>
/// A transfer in the journal, about half the size of its 64 bytes in memory: id (16 bytes, big-endian), flags (2, big-endian), which
/// optional fields follow (1), debit and credit account (each its number + 1, so that 0 is an unknown one), amount; then, where there are
/// any, pending id (16), timeout, code. Numbers are written in groups of seven bits, the lowest first, the eighth bit set but in the last.
/// </summary>
static class TransferCodec
{
    const byte HasPendingId = 1;
    const byte HasTimeout = 2;
    const byte HasCode = 4;
    const byte IsWhole = 8;
    const int SizeBytesMax = 16 + 2 + 1 + 5 + 5 + 19 + 16 + 5 + 3;

    public static void Write(CanonicalWriter writer, in TransferEvent transfer)
    {
        Span<byte> bytes = stackalloc byte[SizeBytesMax];
        // Written before it is known whether the book takes it: unknown flags and accounts come back as they were.
        var isWhole = transfer.Amount == UInt128.MaxValue;
        BinaryPrimitives.WriteUInt128BigEndian(bytes, transfer.Id.Value);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[16..], (ushort)transfer.Flags);
        bytes[18] = (byte)((transfer.PendingId.Value != UInt128.Zero ? HasPendingId : 0) | (transfer.TimeoutSeconds != 0 ? HasTimeout : 0)
            | (transfer.Code != 0 ? HasCode : 0) | (isWhole ? IsWhole : 0));
        var at = 19;
        at += WriteNumber(bytes[at..], (uint)(transfer.Debit + 1));
        at += WriteNumber(bytes[at..], (uint)(transfer.Credit + 1));
        at += isWhole ? 0 : WriteNumber(bytes[at..], transfer.Amount);
        if (transfer.PendingId.Value != UInt128.Zero)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes[at..], transfer.PendingId.Value);
            at += 16;
        }
        at += transfer.TimeoutSeconds == 0 ? 0 : WriteNumber(bytes[at..], transfer.TimeoutSeconds);
        at += transfer.Code == 0 ? 0 : WriteNumber(bytes[at..], transfer.Code);
        writer.Raw(bytes[..at]);
    }

    /// <exception cref="CanonicalFormatException">Names the field.</exception>
    public static TransferEvent Read(ref CanonicalReader reader)
    {
        var id = reader.TransferId("transfer id");
        var flags = (TransferFlags)reader.UInt16("flags");
        var fields = reader.Byte("fields");
        if ((fields & ~(HasPendingId | HasTimeout | HasCode | IsWhole)) != 0)
        {
            throw new CanonicalFormatException("fields", $"has unknown bits ({fields})");
        }
        var debit = (int)(uint)ReadNumber(ref reader, uint.MaxValue, "debit account") - 1;
        var credit = (int)(uint)ReadNumber(ref reader, uint.MaxValue, "credit account") - 1;
        var amount = (fields & IsWhole) != 0 ? UInt128.MaxValue : ReadNumber(ref reader, UInt128.MaxValue, "amount");
        var pending = (fields & HasPendingId) != 0 ? reader.TransferId("pending id") : default;
        var timeout = (fields & HasTimeout) != 0 ? (uint)ReadNumber(ref reader, uint.MaxValue, "timeout") : 0;
        var code = (fields & HasCode) != 0 ? (ushort)ReadNumber(ref reader, ushort.MaxValue, "code") : (ushort)0;
        return new TransferEvent(id, debit, credit, amount, pending, timeout, code, flags);
    }

    static int WriteNumber(Span<byte> bytes, UInt128 value)
    {
        var at = 0;
        for (; value > ulong.MaxValue; value >>= 7)
        {
            bytes[at++] = (byte)((ulong)value | 0x80);
        }
        var low = (ulong)value;
        for (; low >= 0x80; low >>= 7)
        {
            bytes[at++] = (byte)(low | 0x80);
        }
        bytes[at] = (byte)low;
        return at + 1;
    }

    static UInt128 ReadNumber(ref CanonicalReader reader, UInt128 max, string field)
    {
        UInt128 value = 0;
        for (var shift = 0; shift < 128; shift += 7)
        {
            var group = reader.Byte(field);
            var part = (UInt128)(group & 0x7Fu);
            if ((part << shift) >> shift != part || (group == 0 && shift > 0))
            {
                throw new CanonicalFormatException(field, "is not written in the shortest way, or is too large");
            }
            value |= part << shift;
            if ((group & 0x80) == 0)
            {
                return value <= max ? value : throw new CanonicalFormatException(field, $"is above {max}");
            }
        }
        throw new CanonicalFormatException(field, "has too many groups");
    }
}
