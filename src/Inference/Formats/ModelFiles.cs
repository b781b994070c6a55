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

    public static JsonDocument ParseJson(ReadOnlyMemory<byte> json, string name)
    {
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = JsonDepthMax, AllowDuplicateProperties = false };
            var document = JsonDocument.Parse(json, options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }
            document.Dispose();
            throw new ModelFormatException(name, "JSON", "an object is expected.");
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(name, "JSON", $"not well-formed: {error.Message}", error);
        }
    }
}
