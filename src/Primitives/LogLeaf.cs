using System.Buffers.Binary;

namespace OpenLedger;

/// <summary>What an entry of the log stands for.</summary>
public enum LogEntryKind : byte
{
    /// <summary>A record of the ledger's journal.</summary>
    Batch = 1,

    /// <summary>A receipt.</summary>
    Receipt = 2,
}

/// <summary>
/// An entry of the log, 41 bytes: kind, sequence (8 bytes, big-endian; the entry's index in the log), and
/// SHA-256 over a 16-byte salt ‖ the canonical bytes. Public, and says nothing to whoever does not hold the salt.
/// </summary>
public readonly record struct LogLeaf(LogEntryKind Kind, ulong Sequence, ContentHash Digest)
{
    /// <summary>Bytes of an entry.</summary>
    public const int SizeBytes = 1 + sizeof(ulong) + ContentHash.SizeBytes;

    /// <summary>Bytes of a salt.</summary>
    public const int SaltSizeBytes = 16;

    /// <summary>The entry over canonical bytes.</summary>
    /// <exception cref="ArgumentException">The salt has not 16 bytes.</exception>
    public static LogLeaf Of(LogEntryKind kind, ulong sequence, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> canonical) =>
        salt.Length == SaltSizeBytes
            ? new LogLeaf(kind, sequence, ContentHash.OfSalted(salt, canonical))
            : throw new ArgumentException($"a salt has {SaltSizeBytes} bytes, not {salt.Length}", nameof(salt));

    public byte[] ToBytes()
    {
        var bytes = new byte[SizeBytes];
        CopyTo(bytes);
        return bytes;
    }

    public void CopyTo(Span<byte> destination)
    {
        destination[0] = (byte)Kind;
        BinaryPrimitives.WriteUInt64BigEndian(destination[1..], Sequence);
        Digest.CopyTo(destination[(1 + sizeof(ulong))..]);
    }

    /// <summary>The RFC 6962 leaf hash of the entry.</summary>
    public ContentHash Hash()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        CopyTo(bytes);
        return Merkle.LeafHash(bytes);
    }
}
