using System.Security.Cryptography;

namespace OpenLedger.Attribution;

/// <summary>
/// The stored form of a <see cref="SpanIndex"/>, little-endian: magic <c>OLSPAN01</c>, rows (int), each row's tokens (int) and then
/// the tokens themselves (int each), SHA-256 of all before it. Postings follow from the tokens and are made again on reading.
/// </summary>
static class SpanIndexFile
{
    const int HashBytes = 32;

    // Header, lengths, tokens and hash at their bounds; anything longer is refused before it is read.
    const long LengthBytesMax = 8 + 4 + (4L * SpanIndex.RowCountMax) + (4L * SpanIndex.TokenCountMax) + HashBytes;
    static readonly byte[] magic = "OLSPAN01"u8.ToArray();

    public static void Write(SpanIndex index, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(magic);
        writer.Write(index.RowCount);
        foreach (var row in index.Rows)
        {
            writer.Write(row.Length);
        }
        foreach (var row in index.Rows)
        {
            foreach (var token in row)
            {
                writer.Write(token);
            }
        }
        writer.Flush();
        var content = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        stream.Write(content);
        stream.Write(SHA256.HashData(content));
    }

    public static SpanIndex Read(Stream stream, long? lengthBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var length = lengthBytes ?? (stream.CanSeek
            ? stream.Length - stream.Position
            : throw new ArgumentException("give the length of a stream that cannot seek", nameof(lengthBytes)));
        if (length is < 12 + HashBytes or > LengthBytesMax)
        {
            throw new ArtefactFormatException($"a span index has {12 + HashBytes} to {LengthBytesMax} bytes, not {length}");
        }
        var bytes = new byte[length];
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException exception)
        {
            throw new ArtefactFormatException("the span index is cut short; fetch it again", exception);
        }
        var content = bytes.AsSpan(0, bytes.Length - HashBytes);
        if (!content[..magic.Length].SequenceEqual(magic))
        {
            throw new ArtefactFormatException("this is not a span index of version 1; train the adapter again or fetch the right file");
        }
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
        {
            throw new ArtefactFormatException("the span index does not match its checksum; fetch it again");
        }
        return Parse(bytes.AsMemory(0, content.Length));
    }

    static SpanIndex Parse(ReadOnlyMemory<byte> content)
    {
        var span = content.Span;
        var rowCount = BitConverter.ToInt32(span[magic.Length..]);
        var offset = magic.Length + sizeof(int);
        if (rowCount is < 1 or > SpanIndex.RowCountMax || span.Length - offset < (long)rowCount * sizeof(int))
        {
            throw new ArtefactFormatException($"the span index claims {rowCount} rows, which its length does not hold");
        }
        var rows = new int[rowCount][];
        long total = 0;
        for (var row = 0; row < rowCount; row++)
        {
            var length = BitConverter.ToInt32(span[(offset + (row * sizeof(int)))..]);
            if (length is < 0 or > SpanIndex.RowLengthMax)
            {
                throw new ArtefactFormatException($"the span index claims {length} tokens of row {row}, which cannot be");
            }
            total += length;
            if (offset + ((rowCount + total) * sizeof(int)) > span.Length)
            {
                throw new ArtefactFormatException("the span index claims more tokens than it holds");
            }
            rows[row] = new int[length];
        }
        offset += rowCount * sizeof(int);
        if (offset + (total * sizeof(int)) != span.Length)
        {
            throw new ArtefactFormatException($"the span index claims {total} tokens, which its length does not hold exactly");
        }
        foreach (var row in rows)
        {
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(span.Slice(offset, row.Length * sizeof(int))).CopyTo(row);
            offset += row.Length * sizeof(int);
        }
        try
        {
            return SpanIndex.Build(rows);
        }
        catch (ArgumentException exception)
        {
            throw new ArtefactFormatException($"the span index cannot be: {exception.Message}", exception);
        }
    }
}
