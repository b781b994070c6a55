using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpenLedger.Inference;

/// <summary>A tensor to be written: f32 values, row-major, and the precision that the file shall have.</summary>
public sealed record SafetensorsTensor(string Name, TensorPrecision Precision, IReadOnlyList<long> Shape, ReadOnlyMemory<float> Values);

/// <summary>Writes safetensors: tensors in the order given, metadata sorted by name, so the same content gives the same bytes.</summary>
public static class SafetensorsWriter
{
    /// <summary>The data begin at a multiple of this; the header is padded with spaces.</summary>
    const int AlignmentBytes = 8;

    const int ChunkLength = 1 << 16;

    /// <exception cref="ArgumentException">A tensor's values do not fill its shape, or a name is there twice.</exception>
    public static void Write(Stream stream, IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var header = WriteHeader(tensors, metadata);
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixSizeBytes];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Write(prefix);
        stream.Write(header);
        var chunk = new byte[ChunkLength * sizeof(float)];
        foreach (var tensor in tensors)
        {
            var width = TensorEncoding.SizeBytes(tensor.Precision);
            for (var begin = 0; begin < tensor.Values.Length; begin += ChunkLength)
            {
                var values = tensor.Values.Span.Slice(begin, Math.Min(ChunkLength, tensor.Values.Length - begin));
                var bytes = chunk.AsSpan(0, values.Length * width);
                TensorEncoding.Encode(tensor.Precision, values, bytes);
                stream.Write(bytes);
            }
        }
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="ArgumentException">A tensor's values do not fill its shape, or a name is there twice.</exception>
    public static void Write(string path, IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        ModelFiles.Write(path, stream => Write(stream, tensors, metadata));

    static byte[] WriteHeader(IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (name, value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    json.WriteString(name, value);
                }
                json.WriteEndObject();
            }
            var begin = 0L;
            foreach (var tensor in tensors)
            {
                if (tensor.Shape.Aggregate(1L, (product, size) => product * size) != tensor.Values.Length || !names.Add(tensor.Name))
                {
                    throw new ArgumentException(
                        $"Tensor {tensor.Name} of {tensor.Values.Length} values does not fill its shape, or is there twice.",
                        nameof(tensors));
                }
                var end = begin + ((long)tensor.Values.Length * TensorEncoding.SizeBytes(tensor.Precision));
                WriteEntry(json, tensor, begin, end);
                begin = end;
            }
            json.WriteEndObject();
        }
        var padding = -buffer.WrittenCount & (AlignmentBytes - 1);
        buffer.GetSpan(AlignmentBytes)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenSpan.ToArray();
    }

    static void WriteEntry(Utf8JsonWriter json, SafetensorsTensor tensor, long begin, long end)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", TensorEncoding.TypeName(tensor.Precision));
        json.WriteStartArray("shape");
        foreach (var size in tensor.Shape)
        {
            json.WriteNumberValue(size);
        }
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
