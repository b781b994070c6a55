using System.Security.Cryptography;
using System.Text;

namespace OpenLedger.Attribution;

/// <summary>
/// The stored form of an <see cref="InfluenceIndex"/>, little-endian. Header: magic <c>OLINFL01</c>, damping factor (double),
/// normalisation (byte), sketch seed (long), row limit and least part length (int, int),
/// rows, checkpoints, parts (int each), then each part's parameters and stored numbers (int, int), then each checkpoint's adapter
/// hash (byte length, ASCII). Body: for each checkpoint and part the scales (float a row) and the int8 rows, padded with zeros to
/// 64. Trailer: SHA-256 of all before it. The header fixes the length of the whole, which is checked before the body is allocated.
/// </summary>
static class InfluenceIndexFile
{
    const int HashBytes = 32;
    static readonly byte[] magic = "OLINFL01"u8.ToArray();

    public static void Write(InfluenceIndex index, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var header = Header(index);
        Emit(stream, hash, header);
        foreach (var checkpoint in index.Checkpoints)
        {
            foreach (var part in checkpoint.Parts)
            {
                var scales = new byte[part.Scales.Length * sizeof(float)];
                for (var row = 0; row < part.Scales.Length; row++)
                {
                    BitConverter.TryWriteBytes(scales.AsSpan(row * sizeof(float)), part.Scales[row]);
                }
                Emit(stream, hash, scales);
                Emit(stream, hash, System.Runtime.InteropServices.MemoryMarshal.AsBytes(part.Numbers.AsSpan()));
            }
        }
        stream.Write(hash.GetHashAndReset());
    }

    public static InfluenceIndex Read(Stream stream, long? lengthBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var length = lengthBytes ?? (stream.CanSeek
            ? stream.Length - stream.Position
            : throw new ArgumentException("give the length of a stream that cannot seek", nameof(lengthBytes)));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            return Read(new HashingReader(stream, hash, length));
        }
        catch (EndOfStreamException exception)
        {
            throw new ArtefactFormatException("the influence index is cut short; fetch it again", exception);
        }
        catch (ArgumentException exception)
        {
            throw new ArtefactFormatException($"the influence index claims sizes that cannot be: {exception.Message}", exception);
        }
    }

    static byte[] Header(InfluenceIndex index)
    {
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(magic);
        writer.Write(index.Options.DampingFactor);
        writer.Write((byte)index.Options.Normalisation);
        writer.Write(index.Sketch.Seed);
        writer.Write(index.Options.RowBytesMax);
        writer.Write(index.Options.PartLengthMin);
        writer.Write(index.RowCount);
        writer.Write(index.CheckpointCount);
        writer.Write(index.Sketch.PartLengths.Count);
        for (var part = 0; part < index.Sketch.PartLengths.Count; part++)
        {
            writer.Write(index.Sketch.PartLengths[part]);
            writer.Write(index.Sketch.StoredLengths[part]);
        }
        foreach (var adapterHash in index.AdapterHashes)
        {
            var ascii = Encoding.ASCII.GetBytes(adapterHash);
            writer.Write((byte)ascii.Length);
            writer.Write(ascii);
        }
        writer.Flush();
        return bytes.ToArray();
    }

    static InfluenceIndex Read(HashingReader reader)
    {
        if (!reader.Bytes(magic.Length).AsSpan().SequenceEqual(magic))
        {
            throw new ArtefactFormatException("this is no influence index of version 1; train the adapter again or fetch the right file");
        }
        var damping = reader.Double();
        var normalisation = (RowNormalisation)reader.Bytes(1)[0];
        var seed = reader.Long();
        var options = new InfluenceOptions
        {
            DampingFactor = damping,
            Normalisation = normalisation,
            SketchSeed = seed,
            RowBytesMax = reader.Int(),
            PartLengthMin = reader.Int(),
        };
        options.Validate();
        var rowCount = reader.Int();
        var checkpointCount = reader.Int();
        var partLengths = new int[Within(reader.Int(), 1, GradientSketch.PartCountMax, "parts")];
        var storedLengths = new int[partLengths.Length];
        for (var part = 0; part < partLengths.Length; part++)
        {
            partLengths[part] = reader.Int();
            storedLengths[part] = reader.Int();
        }
        // The stored lengths follow from the options; a file that says otherwise was made to mislead.
        if (!storedLengths.AsSpan().SequenceEqual(GradientSketch.StoredLengthsOf(partLengths, options)))
        {
            throw new ArtefactFormatException("the influence index claims part lengths that its options do not give");
        }
        InfluenceLimits.CheckSizes(rowCount, storedLengths, checkpointCount);
        var adapterHashes = new string[checkpointCount];
        for (var checkpoint = 0; checkpoint < checkpointCount; checkpoint++)
        {
            var length = Within(reader.Bytes(1)[0], 0, InfluenceLimits.AdapterHashLengthMax, "characters of an adapter hash");
            adapterHashes[checkpoint] = Encoding.ASCII.GetString(reader.Bytes(length));
        }
        CheckLength(reader, rowCount, checkpointCount, storedLengths);
        var checkpoints = new InfluenceCheckpoint[checkpointCount];
        for (var checkpoint = 0; checkpoint < checkpointCount; checkpoint++)
        {
            checkpoints[checkpoint] = new InfluenceCheckpoint(adapterHashes[checkpoint], ReadParts(reader, rowCount, storedLengths));
        }
        reader.CheckHash(HashBytes);
        var sketch = new GradientSketch(partLengths, storedLengths, seed);
        return new InfluenceIndex(sketch, options, checkpoints, rowCount);
    }

    static PartStore[] ReadParts(HashingReader reader, int rowCount, int[] storedLengths)
    {
        var parts = new PartStore[storedLengths.Length];
        for (var part = 0; part < parts.Length; part++)
        {
            var store = parts[part] = new PartStore(rowCount, storedLengths[part]);
            var scales = reader.Bytes(rowCount * sizeof(float));
            for (var row = 0; row < rowCount; row++)
            {
                store.Scales[row] = BitConverter.ToSingle(scales, row * sizeof(float));
                if (!float.IsFinite(store.Scales[row]))
                {
                    throw new ArtefactFormatException($"the influence index has a scale that is not finite, at row {row}");
                }
            }
            reader.Fill(System.Runtime.InteropServices.MemoryMarshal.AsBytes(store.Numbers.AsSpan()));
        }
        return parts;
    }

    static void CheckLength(HashingReader reader, int rowCount, int checkpointCount, int[] storedLengths)
    {
        var body = storedLengths.Sum(length => (long)rowCount * (sizeof(float) + MatrixKernels.Padded(length, PartStore.RowAlignment)));
        var expected = (body * checkpointCount) + HashBytes;
        if (reader.Remaining != expected)
        {
            throw new ArtefactFormatException(
                $"the influence index should go on for {expected} bytes after its header, but there are {reader.Remaining}");
        }
    }

    static int Within(int value, int least, int most, string what) =>
        value >= least && value <= most
            ? value
            : throw new ArtefactFormatException($"the influence index claims {value} {what}; at least {least} and at most {most} can be");

    static void Emit(Stream stream, IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        hash.AppendData(bytes);
    }

    /// <summary>Reads forward within a known length and hashes what it read.</summary>
    sealed class HashingReader(Stream stream, IncrementalHash hash, long length)
    {
        // What is read before the length of the whole is checked comes in pieces this large at most.
        const int PieceBytesMax = 1 << 26;

        public long Remaining { get; private set; } = length;

        public byte[] Bytes(int count)
        {
            if (count > Math.Min(Remaining, PieceBytesMax))
            {
                throw new EndOfStreamException();
            }
            var bytes = new byte[count];
            Fill(bytes);
            return bytes;
        }

        public void Fill(Span<byte> bytes)
        {
            if (bytes.Length > Remaining)
            {
                throw new EndOfStreamException();
            }
            stream.ReadExactly(bytes);
            hash.AppendData(bytes);
            Remaining -= bytes.Length;
        }

        public int Int() => BitConverter.ToInt32(Bytes(sizeof(int)));

        public long Long() => BitConverter.ToInt64(Bytes(sizeof(long)));

        public double Double() => BitConverter.ToDouble(Bytes(sizeof(double)));

        public void CheckHash(int hashBytes)
        {
            var computed = hash.GetHashAndReset();
            if (!computed.AsSpan().SequenceEqual(Bytes(hashBytes)))
            {
                throw new ArtefactFormatException("the influence index does not match its checksum; fetch it again");
            }
        }
    }
}
