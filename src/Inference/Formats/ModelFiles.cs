using System.Text.Json;

namespace OpenLedger.Inference;

/// <summary>Reading with a bound, and writing whole or not at all.</summary>
static class ModelFiles
{
    /// <summary>Deepest nesting taken from a foreign JSON file.</summary>
    const int JsonDepthMax = 32;

    public static byte[] ReadAll(string path, long sizeBytesMax)
    {
        var name = Path.GetFileName(path);
        try
        {
            var sizeBytes = new FileInfo(path).Length;
            if (sizeBytes > sizeBytesMax)
            {
                throw new ModelFormatException(name, "size", $"{sizeBytes} bytes are more than the {sizeBytesMax} that are taken.");
            }
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(name, "file", $"cannot be read from {Path.GetDirectoryName(path)}: {error.Message}", error);
        }
    }

    public static void WriteAll(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream => stream.Write(bytes.Span));

    /// <summary>Writes beside the file and renames, so that a reader sees the old file or the new one.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var partial = path + ".partial";
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Reads a JSON object; whatever is wrong with it, down to a string that is no Unicode, is a typed error.</summary>
    public static T ReadJson<T>(ReadOnlyMemory<byte> json, string name, Func<JsonElement, T> read)
    {
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = JsonDepthMax, AllowDuplicateProperties = false };
            using var document = JsonDocument.Parse(json, options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new ModelFormatException(name, "JSON", "an object is expected.");
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(name, "JSON", $"not well-formed: {error.Message}", error);
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ModelFormatException(
                name, "JSON", $"a field is missing, has the wrong type or is no Unicode: {error.Message}", error);
        }
    }
}
