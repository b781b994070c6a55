using Microsoft.Win32.SafeHandles;

namespace OpenLedger.Inference;

/// <summary>A safetensors file opened for reading. The header is checked whole before any tensor can be read.</summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>Bytes read from the file at a time.</summary>
    const int ChunkSizeBytes = 1 << 20;

    readonly string _name;
    readonly SafeFileHandle? _handle;
    readonly ReadOnlyMemory<byte> _bytes;
    readonly long _dataBegin;
    readonly Dictionary<string, SafetensorsEntry> _entries;

    SafetensorsFile(string name, SafeFileHandle? handle, ReadOnlyMemory<byte> bytes, long dataBegin, SafetensorsHeader header)
    {
        _name = name;
        _handle = handle;
        _bytes = bytes;
        _dataBegin = dataBegin;
        Entries = header.Entries;
        Metadata = header.Metadata;
        _entries = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file; tensors are read from it on demand, so it must be disposed.</summary>
    /// <exception cref="ModelFormatException">The file cannot be read, or its header is malformed or lies; the tensor is named.</exception>
    public static SafetensorsFile Open(string path)
    {
        var name = Path.GetFileName(path);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path);
            var sizeBytes = RandomAccess.GetLength(handle);
            var prefix = new byte[Math.Min(SafetensorsHeader.PrefixSizeBytes, sizeBytes)];
            ReadExactly(handle, prefix, 0, name);
            var headerSizeBytes = SafetensorsHeader.CheckSize(prefix, sizeBytes, name);
            var json = new byte[headerSizeBytes];
            ReadExactly(handle, json, SafetensorsHeader.PrefixSizeBytes, name);
            var dataBegin = SafetensorsHeader.PrefixSizeBytes + headerSizeBytes;
            return new SafetensorsFile(name, handle, default, dataBegin, SafetensorsHeader.Parse(json, sizeBytes - dataBegin, name));
        }
        catch (Exception error)
        {
            handle?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new ModelFormatException(name, "file", $"cannot be read from {Path.GetDirectoryName(path)}: {error.Message}", error);
            }
            throw;
        }
    }

    /// <summary>Reads a file held in memory; the name is for errors.</summary>
    /// <exception cref="ModelFormatException">The header is malformed or lies; the tensor is named.</exception>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        var headerSizeBytes = SafetensorsHeader.CheckSize(bytes.Span, bytes.Length, name);
        var dataBegin = SafetensorsHeader.PrefixSizeBytes + headerSizeBytes;
        var json = bytes[SafetensorsHeader.PrefixSizeBytes..dataBegin];
        return new SafetensorsFile(name, null, bytes, dataBegin, SafetensorsHeader.Parse(json, bytes.Length - dataBegin, name));
    }

    public bool Contains(string tensor) => _entries.ContainsKey(tensor);

    /// <summary>The entry of a tensor.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public SafetensorsEntry this[string tensor] =>
        _entries.TryGetValue(tensor, out var entry) ? entry : throw new ModelFormatException(_name, $"tensor {tensor}", "missing.");

    /// <summary>Reads a tensor of F32, F16 or BF16 as f32, row-major, and checks its shape.</summary>
    /// <exception cref="ModelFormatException">The tensor is missing, or has another type or shape.</exception>
    public void Read(string tensor, ReadOnlySpan<long> shape, Span<float> values)
    {
        var entry = this[tensor];
        if (!shape.SequenceEqual([.. entry.Shape]))
        {
            throw new ModelFormatException(
                _name, $"tensor {tensor}", $"shape {SafetensorsHeader.Text(shape.ToArray())} is expected, {entry.ShapeText} is there.");
        }
        if (TensorEncoding.Precision(entry.Type) is not { } precision)
        {
            throw new ModelFormatException(_name, $"tensor {tensor}", $"dtype {entry.Type} is not supported, only F32, F16 and BF16.");
        }
        if (_handle is null)
        {
            TensorEncoding.Decode(precision, _bytes.Span[(int)(_dataBegin + entry.BeginBytes)..(int)(_dataBegin + entry.EndBytes)], values);
            return;
        }
        var width = TensorEncoding.SizeBytes(precision);
        var chunk = new byte[(int)Math.Min(ChunkSizeBytes, entry.EndBytes - entry.BeginBytes)];
        for (var begin = entry.BeginBytes; begin < entry.EndBytes;)
        {
            var sizeBytes = (int)Math.Min(chunk.Length, entry.EndBytes - begin);
            ReadExactly(_handle, chunk.AsSpan(0, sizeBytes), _dataBegin + begin, _name);
            TensorEncoding.Decode(
                precision, chunk.AsSpan(0, sizeBytes), values.Slice((int)((begin - entry.BeginBytes) / width), sizeBytes / width));
            begin += sizeBytes;
        }
    }

    public void Dispose() => _handle?.Dispose();

    static void ReadExactly(SafeFileHandle handle, Span<byte> bytes, long offset, string name)
    {
        while (bytes.Length > 0)
        {
            var count = RandomAccess.Read(handle, bytes, offset);
            if (count == 0)
            {
                throw new ModelFormatException(
                    name, "file", $"ends at byte {offset}, in the middle of a tensor: it was cut while being read.");
            }
            bytes = bytes[count..];
            offset += count;
        }
    }
}
