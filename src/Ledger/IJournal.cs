using System.Buffers.Binary;

namespace OpenLedger.Ledger;

/// <summary>
/// A record of the journal. Its hash is SHA-256 over its header: sequence (8 bytes, big-endian) ‖ timestamp (8) ‖ hash of the previous
/// record (32) ‖ SHA-256 of the payload (32); so the last hash vouches for everything before it.
/// </summary>
/// <param name="Sequence">1 for the first.</param>
/// <param name="TimestampNs">Of its first event, nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Previous">Hash of the record before; zero for the first.</param>
/// <param name="Payload">What <see cref="BatchCodec"/> encodes.</param>
/// <param name="Hash">The record's own hash, as stored.</param>
public sealed record JournalRecord(ulong Sequence, ulong TimestampNs, ContentHash Previous, byte[] Payload, ContentHash Hash)
{
    /// <summary>Bytes of the header that is hashed.</summary>
    public const int HeaderSizeBytes = 80;

    /// <summary>Bytes of a payload.</summary>
    public const int PayloadSizeBytesMax = 64 << 20;

    /// <summary>A new record with its hash.</summary>
    public static JournalRecord Create(ulong sequence, ulong timestampNs, ContentHash previous, byte[] payload) =>
        Create(sequence, timestampNs, previous, payload, out _);

    /// <summary>A new record with its hash.</summary>
    /// <param name="header">The 80 bytes that were hashed.</param>
    public static JournalRecord Create(ulong sequence, ulong timestampNs, ContentHash previous, byte[] payload, out byte[] header)
    {
        header = HeaderOf(sequence, timestampNs, previous, payload);
        return new JournalRecord(sequence, timestampNs, previous, payload, ContentHash.Of(header));
    }

    /// <summary>The 80 bytes that are hashed.</summary>
    public byte[] Header() => HeaderOf(Sequence, TimestampNs, Previous, Payload);

    /// <summary>Whether the stored hash is that of the stored bytes.</summary>
    public bool IsIntact() => IsIntact(out _);

    /// <summary>Whether the stored hash is that of the stored bytes.</summary>
    /// <param name="header">The 80 bytes that are hashed.</param>
    public bool IsIntact(out byte[] header)
    {
        header = Header();
        return ContentHash.Of(header) == Hash;
    }

    static byte[] HeaderOf(ulong sequence, ulong timestampNs, ContentHash previous, byte[] payload)
    {
        var header = new byte[HeaderSizeBytes];
        BinaryPrimitives.WriteUInt64BigEndian(header, sequence);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(8), timestampNs);
        previous.CopyTo(header.AsSpan(16));
        ContentHash.Of(payload).CopyTo(header.AsSpan(48));
        return header;
    }
}

/// <summary>
/// Where the ledger's records are kept: append-only, in order, durable. One writer: whoever appends names the sequence that it believes
/// to be the last, and is refused when it is not.
/// </summary>
public interface IJournal : IDisposable
{
    /// <summary>Sequence of the last record; 0 when there is none.</summary>
    ulong LastSequence { get; }

    /// <summary>The records from a sequence on, in order.</summary>
    /// <exception cref="JournalCorruptException">A record is missing or cannot be read.</exception>
    IEnumerable<JournalRecord> Read(ulong fromSequence);

    /// <summary>One record, or null.</summary>
    JournalRecord? Find(ulong sequence);

    /// <summary>
    /// Appends records, all or none, durable when this returns. After an exception the outcome is unknown: reopen and look.
    /// </summary>
    /// <param name="records">In order, the first one following <paramref name="expectedLastSequence"/>.</param>
    /// <param name="expectedLastSequence">The fence: what the writer believes to be the last sequence.</param>
    /// <exception cref="JournalFencedException">Another writer has appended; nothing was written.</exception>
    /// <exception cref="JournalUnavailableException">The store does not answer: the outcome is unknown.</exception>
    void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence);
}

/// <summary>Another writer has appended to the journal since this one last looked.</summary>
public sealed class JournalFencedException(ulong expected)
    : UserErrorException($"the journal went on after record {expected} under another writer: this one must be opened again");

/// <summary>
/// The journal's store does not answer. Whether a write that was under way happened is unknown: open the journal again and look.
/// </summary>
public sealed class JournalUnavailableException(string problem, Exception? inner)
    : Exception($"the journal cannot be reached ({problem.TrimEnd('.')}); whether the last write happened is unknown: open it anew", inner);

/// <summary>The journal is damaged. <see cref="Sequence"/> is the first record that disagrees.</summary>
public sealed class JournalCorruptException(ulong sequence, string problem)
    : UserErrorException($"record {sequence} of the journal {problem}: restore the data folder from a copy")
{
    public ulong Sequence { get; } = sequence;
}

/// <summary>A journal in memory, for tests and for silos that keep nothing.</summary>
public sealed class MemoryJournal : IJournal
{
    readonly Lock gate = new();
    readonly List<JournalRecord> stored = [];

    public ulong LastSequence
    {
        get
        {
            lock (gate)
            {
                return (ulong)stored.Count;
            }
        }
    }

    public IEnumerable<JournalRecord> Read(ulong fromSequence)
    {
        lock (gate)
        {
            return [.. stored.Skip(checked((int)Math.Max(1, fromSequence) - 1))];
        }
    }

    public JournalRecord? Find(ulong sequence)
    {
        lock (gate)
        {
            return sequence >= 1 && sequence <= (ulong)stored.Count ? stored[(int)sequence - 1] : null;
        }
    }

    public void Append(IReadOnlyList<JournalRecord> records, ulong expectedLastSequence)
    {
        ArgumentNullException.ThrowIfNull(records);
        if (records.Count == 0)
        {
            return;
        }
        lock (gate)
        {
            if ((ulong)stored.Count != expectedLastSequence)
            {
                throw new JournalFencedException(expectedLastSequence);
            }
            for (var i = 0; i < records.Count; i++)
            {
                if (records[i].Sequence != expectedLastSequence + 1 + (ulong)i)
                {
                    throw new ArgumentException($"record {records[i].Sequence} does not follow the one before it", nameof(records));
                }
            }
            stored.AddRange(records);
        }
    }

    /// <summary>Forgets nothing: a memory journal can be opened again by the next core.</summary>
    public void Dispose()
    {
    }
}
