using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace OpenLedger.Inference;

/// <summary>
/// One tensor of a safetensors file: its type as the file names it, its shape, and where its bytes lie behind the header.
/// </summary>
public sealed record SafetensorsEntry(string Name, string Type, IReadOnlyList<long> Shape, long BeginBytes, long EndBytes)
{
    /// <summary>How many numbers the tensor holds.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The shape as text: <c>[4096, 192]</c>, say.</summary>
    public string ShapeText => SafetensorsHeader.Text(Shape);
}

/// <summary>The checked header of a safetensors file.</summary>
/// <remarks>The rules are those of the format's own library: tensors tile the data exactly, in order, none overlapping.</remarks>
sealed class SafetensorsHeader
{
    /// <summary>Bytes of the header's length, which come first.</summary>
    public const int PrefixSizeBytes = 8;

    /// <summary>Longest header taken, as in the format's own library.</summary>
    public const long SizeBytesMax = 100_000_000;

    const int DimensionsMax = 8;

    readonly string _file;

    SafetensorsHeader(string file) => _file = file;

    public List<SafetensorsEntry> Entries { get; } = [];

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public static string Text(IEnumerable<long> shape) =>
        $"[{string.Join(", ", shape.Select(size => size.ToString(CultureInfo.InvariantCulture)))}]";

    /// <summary>Checks the length that the first 8 bytes state against the file's.</summary>
    /// <exception cref="ModelFormatException">The length is impossible.</exception>
    public static int CheckSize(ReadOnlySpan<byte> prefix, long fileSizeBytes, string file)
    {
        if (prefix.Length < PrefixSizeBytes)
        {
            throw new ModelFormatException(file, "header", $"{fileSizeBytes} bytes are too few for a safetensors file.");
        }
        var sizeBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (sizeBytes > (ulong)SizeBytesMax)
        {
            throw new ModelFormatException(
                file, "header", $"states a length of {sizeBytes} bytes, more than the {SizeBytesMax} that are taken.");
        }
        if ((long)sizeBytes > fileSizeBytes - PrefixSizeBytes)
        {
            throw new ModelFormatException(file, "header", $"states a length of {sizeBytes} bytes, but the file has {fileSizeBytes}.");
        }
        return (int)sizeBytes;
    }

    /// <exception cref="ModelFormatException">The header is malformed, or lies about the data; the tensor is named.</exception>
    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long dataSizeBytes, string file)
    {
        if (json.Length == 0 || json.Span[0] != (byte)'{')
        {
            throw new ModelFormatException(file, "header", "does not begin with '{'.");
        }
        return ModelFiles.ReadJson(json, file, root =>
        {
            var header = new SafetensorsHeader(file);
            header.Read(root);
            header.CheckTiling(dataSizeBytes);
            return header;
        });
    }

    void Read(JsonElement root)
    {
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == "__metadata__")
            {
                ReadMetadata(property.Value);
            }
            else
            {
                Entries.Add(ReadEntry(property.Name, property.Value));
            }
        }
    }

    void ReadMetadata(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new ModelFormatException(_file, "__metadata__", "an object of strings is expected.");
        }
        foreach (var property in element.EnumerateObject())
        {
            Metadata[property.Name] = property.Value.ValueKind == JsonValueKind.String
                ? property.Value.GetString()!
                : throw new ModelFormatException(_file, $"__metadata__: {property.Name}", "a string is expected.");
        }
    }

    SafetensorsEntry ReadEntry(string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object
            || !element.TryGetProperty("dtype", out var type) || type.ValueKind != JsonValueKind.String
            || !element.TryGetProperty("shape", out var shape)
            || !element.TryGetProperty("data_offsets", out var offsets))
        {
            throw Error(name, "dtype, shape and data_offsets are expected.");
        }
        var sizes = ReadNumbers(name, "shape", shape);
        var places = ReadNumbers(name, "data_offsets", offsets);
        if (sizes.Length > DimensionsMax)
        {
            throw Error(name, $"{sizes.Length} dimensions are more than the {DimensionsMax} that are taken.");
        }
        if (places.Length != 2 || places[0] > places[1])
        {
            throw Error(name, $"data_offsets {Text(places)} are no range.");
        }
        var sizeBytes = SizeBytes(name, type.GetString()!, sizes);
        if (sizeBytes != places[1] - places[0])
        {
            throw Error(name, $"{type.GetString()} {Text(sizes)} needs {sizeBytes} bytes, but data_offsets span {places[1] - places[0]}.");
        }
        return new SafetensorsEntry(name, type.GetString()!, sizes, places[0], places[1]);
    }

    long[] ReadNumbers(string name, string field, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            throw Error(name, $"{field} is no array.");
        }
        return
        [
            .. element.EnumerateArray().Select(item =>
                item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0
                    ? number
                    : throw Error(name, $"{field} holds {item.GetRawText()}, which is no whole number of 0 or more.")),
        ];
    }

    long SizeBytes(string name, string type, long[] shape)
    {
        long sizeBytes = type switch
        {
            "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" => 1,
            "I16" or "U16" or "F16" or "BF16" => 2,
            "I32" or "U32" or "F32" => 4,
            "I64" or "U64" or "F64" => 8,
            _ => throw Error(name, $"dtype {type} is unknown."),
        };
        try
        {
            return shape.Aggregate(sizeBytes, (product, size) => checked(product * size));
        }
        catch (OverflowException error)
        {
            throw new ModelFormatException(_file, $"tensor {name}", $"shape {Text(shape)} is too large to be counted.", error);
        }
    }

    void CheckTiling(long dataSizeBytes)
    {
        Entries.Sort((a, b) => (a.BeginBytes, a.EndBytes).CompareTo((b.BeginBytes, b.EndBytes)));
        var end = 0L;
        foreach (var entry in Entries)
        {
            if (entry.EndBytes > dataSizeBytes)
            {
                throw Error(entry.Name, $"ends at byte {entry.EndBytes}, but there are only {dataSizeBytes} bytes of data.");
            }
            if (entry.BeginBytes != end)
            {
                throw Error(
                    entry.Name,
                    $"begins at byte {entry.BeginBytes}, but the tensor before it ends at {end}: overlaps and gaps are refused.");
            }
            end = entry.EndBytes;
        }
        if (end != dataSizeBytes)
        {
            throw new ModelFormatException(_file, "header", $"describes {end} bytes of data, but there are {dataSizeBytes}.");
        }
    }

    ModelFormatException Error(string tensor, string problem) => new(_file, $"tensor {tensor}", problem);
}
