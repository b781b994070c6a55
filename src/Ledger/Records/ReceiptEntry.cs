using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace OpenLedger.Ledger;

/// <summary>Where a receipt is: its entry in the log, and its draft's bytes in the journal. In memory and on disk alike.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = SizeBytes)]
struct ReceiptEntry
{
    public const int SizeBytes = 72;

    ulong idLow;
    ulong idHigh;

    /// <summary>Index of its entry in the log.</summary>
    public ulong Index;

    /// <summary>Sequence of the journal's record that holds it.</summary>
    public ulong RecordSequence;

    /// <summary>Where its draft begins in the record's payload.</summary>
    public int Offset;

    /// <summary>Bytes of the draft.</summary>
    public int DraftSizeBytes;

    ulong draft0;
    ulong draft1;
    ulong draft2;
    ulong draft3;

    /// <summary>The first 16 bytes of the SHA-256 of the receipt's id.</summary>
    public UInt128 IdHash
    {
        readonly get => new(idHigh, idLow);
        set => (idHigh, idLow) = ((ulong)(value >> 64), (ulong)value);
    }

    /// <summary>SHA-256 of the draft, by which a repetition is told from another receipt of the same id.</summary>
    public ContentHash DraftHash
    {
        readonly get
        {
            Span<byte> bytes = stackalloc byte[ContentHash.SizeBytes];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, draft0);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], draft1);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], draft2);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], draft3);
            return new ContentHash(bytes);
        }
        set
        {
            Span<byte> bytes = stackalloc byte[ContentHash.SizeBytes];
            value.CopyTo(bytes);
            draft0 = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            draft1 = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
            draft2 = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
            draft3 = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
        }
    }

    public static UInt128 HashOf(string id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> buffer = stackalloc byte[Receipt.TextSizeBytesMax * 3];
        ReadOnlySpan<byte> text = id.Length <= Receipt.TextSizeBytesMax
            ? buffer[..Encoding.UTF8.GetBytes(id, buffer)]
            : Encoding.UTF8.GetBytes(id);
        Sha256Hasher.Hash(text, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}

/// <summary>The receipt of an id.</summary>
readonly struct ReceiptMatch(UInt128 idHash) : IRecordMatch<ReceiptEntry>
{
    public ulong Key { get; } = RecordKeys.OfId(idHash);

    public bool Is(in ReceiptEntry record) => record.IdHash == idHash;
}
