using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OpenLedger.Training;

/// <summary>Where a run stands.</summary>
sealed class PretrainingState
{
    public int Step { get; set; }

    public int Epoch { get; set; }

    public int Place { get; set; }
}

/// <summary>Everything that a run needs to go on: its place, and every array that a step changes.</summary>
readonly record struct PretrainingContent(PretrainingState State, IReadOnlyList<float[]> Arrays);

/// <summary>
/// The file of a run's state: magic, the run's identity, step, epoch, place, array lengths, arrays, and SHA-256 of all before it,
/// little-endian. It is written beside its place and moved there, so that a crash leaves the former one.
/// </summary>
static class PretrainingCheckpoint
{
    const uint Magic = 0x31504B4F;

    const int HeaderSizeBytes = 28;

    public static void Write(string path, ulong identity, PretrainingContent content)
    {
        var partial = path + ".partial";
        using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write))
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            void Put(ReadOnlySpan<byte> bytes)
            {
                hash.AppendData(bytes);
                stream.Write(bytes);
            }

            var header = new byte[HeaderSizeBytes];
            BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(4), identity);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), content.State.Step);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), content.State.Epoch);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), content.State.Place);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), content.Arrays.Count);
            Put(header);
            foreach (var array in content.Arrays)
            {
                Put(MemoryMarshal.AsBytes(array.AsSpan()));
            }

            stream.Write(hash.GetHashAndReset());
            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <exception cref="TrainingException">The file is of another run or is damaged.</exception>
    public static void Read(string path, ulong identity, PretrainingContent content)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var expected = HeaderSizeBytes + content.Arrays.Sum(array => (long)array.Length * sizeof(float)) + SHA256.HashSizeInBytes;
        var header = new byte[HeaderSizeBytes];
        if (stream.Length < HeaderSizeBytes || stream.ReadAtLeast(header, HeaderSizeBytes, throwOnEndOfStream: false) < HeaderSizeBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic)
        {
            throw new TrainingException($"{path} is not a pretraining checkpoint. Name another file, or delete it to start again.");
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(4)) != identity
            || BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(24)) != content.Arrays.Count)
        {
            throw new TrainingException(
                $"The checkpoint {path} is of a run with another model, text, seed or option. "
                + "Repeat that run's settings, or delete the file.");
        }

        if (stream.Length != expected)
        {
            throw new TrainingException(
                $"The checkpoint {path} has {stream.Length} bytes instead of {expected}: it is damaged. Delete it to start again.");
        }

        hash.AppendData(header);
        foreach (var array in content.Arrays)
        {
            var bytes = MemoryMarshal.AsBytes(array.AsSpan());
            stream.ReadExactly(bytes);
            hash.AppendData(bytes);
        }

        var sum = new byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(sum);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(sum))
        {
            throw new TrainingException($"The checkpoint {path} fails its checksum: it is damaged. Delete it to start again.");
        }

        content.State.Step = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12));
        content.State.Epoch = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(16));
        content.State.Place = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(20));
    }
}
