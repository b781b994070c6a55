using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpenLedger.Datanets;

/// <summary>
/// The canonical form of accepted rows, one JSON object a line, fields in fixed order: <c>id</c>, <c>contributor</c>, <c>file</c>,
/// <c>line</c>, then <c>prompt</c> and <c>answer</c> or <c>text</c>, then <c>metadata</c> (an object in ordinal order) where there is
/// any. UTF-8, LF after each. Rows have exactly one such form, so its SHA-256 names them.
/// </summary>
public static class RowCodec
{
    /// <summary>Bytes of the rows of one version. Beyond it a version is refused.</summary>
    public const int SizeBytesMax = 1_000_000_000;

    static readonly JsonWriterOptions writerOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The canonical bytes of rows in order.</summary>
    public static byte[] Write(IReadOnlyList<DatanetRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer, writerOptions);
        foreach (var row in rows)
        {
            WriteRow(writer, row);
            writer.Flush();
            writer.Reset();
            buffer.Write("\n"u8);
        }
        if (buffer.WrittenCount > SizeBytesMax)
        {
            throw new DatanetException($"the rows have {buffer.WrittenCount} bytes, above {SizeBytesMax}; publish them in another Datanet");
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Hash of the hashes of the rows' canonical lines, in order: names a version whatever form its rows are stored in.</summary>
    public static ContentHash HashOf(IReadOnlyList<DatanetRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("openledger.datanet.rows.v1\n"u8);
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer, writerOptions);
        foreach (var row in rows)
        {
            buffer.Clear();
            WriteRow(writer, row);
            writer.Flush();
            writer.Reset();
            hash.AppendData(SHA256.HashData(buffer.WrittenSpan));
        }
        return new ContentHash(hash.GetHashAndReset());
    }

    /// <summary>Reads canonical bytes back.</summary>
    /// <exception cref="DatanetException">Not canonical, or an id that does not follow from its row.</exception>
    public static IReadOnlyList<DatanetRow> Read(ReadOnlySpan<byte> bytes)
    {
        var rows = new List<DatanetRow>();
        var rest = bytes;
        while (rest.Length > 0)
        {
            var end = rest.IndexOf((byte)'\n');
            if (end < 0)
            {
                throw new DatanetException($"the stored rows are cut short at line {rows.Count + 1}; fetch them again");
            }
            rows.Add(ReadRow(rest[..end], rows.Count + 1));
            rest = rest[(end + 1)..];
        }
        if (!Write(rows).AsSpan().SequenceEqual(bytes))
        {
            throw new DatanetException("the stored rows are not in canonical form; fetch them again");
        }
        return rows;
    }

    static void WriteRow(Utf8JsonWriter writer, DatanetRow row)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, row.Id);
        writer.WriteString("contributor"u8, row.Contributor);
        writer.WriteString("file"u8, row.FileName);
        writer.WriteNumber("line"u8, row.Line);
        if (row.Row.IsText)
        {
            writer.WriteString("text"u8, row.Row.Answer);
        }
        else
        {
            writer.WriteString("prompt"u8, row.Row.Prompt);
            writer.WriteString("answer"u8, row.Row.Answer);
        }
        if (row.Row.Metadata.Count > 0)
        {
            writer.WriteStartObject("metadata"u8);
            foreach (var (name, value) in row.Row.Metadata)
            {
                writer.WriteString(name, value);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    static DatanetRow ReadRow(ReadOnlySpan<byte> line, int number)
    {
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 2 });
            using var document = JsonDocument.ParseValue(ref reader);
            var fields = document.RootElement;
            var metadata = fields.TryGetProperty("metadata"u8, out var extra)
                ? extra.EnumerateObject().Select(field => KeyValuePair.Create(field.Name, Text(field.Value))).ToArray()
                : [];
            var row = fields.TryGetProperty("text"u8, out var text)
                ? new Row("", Text(text), metadata)
                : new Row(Text(fields.GetProperty("prompt"u8)), Text(fields.GetProperty("answer"u8)), metadata);
            var accepted = new DatanetRow(
                Text(fields.GetProperty("id"u8)), Text(fields.GetProperty("contributor"u8)), Text(fields.GetProperty("file"u8)),
                fields.GetProperty("line"u8).GetInt32(), row);
            return accepted.Id == RowIdentity.IdOf(row)
                ? accepted
                : throw new DatanetException($"line {number} of the stored rows has an id that its text does not give; fetch them again");
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DatanetException($"line {number} of the stored rows is damaged; fetch them again", exception);
        }
    }

    static string Text(JsonElement element) => element.GetString() ?? throw new FormatException("null where a string belongs");
}
