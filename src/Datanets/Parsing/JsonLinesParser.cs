using System.Text.Json;

namespace OpenLedger.Datanets;

/// <summary>Reads one JSON object a line.</summary>
static class JsonLinesParser
{
    public static IReadOnlyList<ParsedRow> Parse(string fileName, ReadOnlySpan<byte> text, ContributionLimits limits)
    {
        var rows = new List<ParsedRow>();
        var line = 0;
        while (text.Length > 0)
        {
            line++;
            var end = text.IndexOf((byte)'\n');
            var content = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (content.Trim(" \t\r"u8).Length == 0)
            {
                continue;
            }
            if (rows.Count == limits.RowCountMax)
            {
                throw RowParser.TooManyRows(fileName, line, limits);
            }
            rows.Add(new ParsedRow(ParseLine(fileName, line, content, limits), line));
        }
        return rows;
    }

    static Row ParseLine(string fileName, int line, ReadOnlySpan<byte> content, ContributionLimits limits)
    {
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = 8 });
        try
        {
            return ReadObject(fileName, line, content, ref reader, limits);
        }
        catch (JsonException exception)
        {
            var at = (int)Math.Clamp(exception.BytePositionInLine ?? 0, 0, content.Length);
            var column = RowParser.Columns(content[..at]) + 1;
            throw new ContributionException(fileName, line, column, $"malformed JSON: {Plain(exception.Message)}");
        }
        catch (InvalidOperationException)
        {
            // The reader reports escapes of half a surrogate pair this way.
            throw Fault(fileName, line, content, ref reader, "a string holds half a surrogate pair; write the whole character");
        }
    }

    static Row ReadObject(string fileName, int line, ReadOnlySpan<byte> content, ref Utf8JsonReader reader, ContributionLimits limits)
    {
        _ = reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fault(fileName, line, content, ref reader, "a row is a JSON object, such as {\"prompt\":\"…\",\"answer\":\"…\"}");
        }
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (fields.ContainsKey(name))
            {
                throw Fault(fileName, line, content, ref reader, $"the field '{Shown(name)}' occurs twice; keep one");
            }
            if (name.Length == 0 || name.Length > limits.MetadataNameLengthMax || name.Any(char.IsControl))
            {
                throw Fault(
                    fileName, line, content, ref reader,
                    RowParser.Invariant($"a field name has 1 to {limits.MetadataNameLengthMax} printable characters; rename the field"));
            }
            _ = reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Fault(
                    fileName, line, content, ref reader, $"the field '{name}' is not a string; write it as a string or leave it out");
            }
            var value = reader.GetString()!;
            if (value.Contains('\0', StringComparison.Ordinal))
            {
                throw Fault(fileName, line, content, ref reader, $"the field '{name}' holds a NUL character; take it out");
            }
            fields.Add(name, value);
            CheckMetadata(fileName, line, content, ref reader, name, fields, limits);
        }
        // Anything after the object is malformed, and the reader says so.
        _ = reader.Read();
        return ToRow(fileName, line, fields);
    }

    static void CheckMetadata(
        string fileName, int line, ReadOnlySpan<byte> content, ref Utf8JsonReader reader, string name,
        SortedDictionary<string, string> fields, ContributionLimits limits)
    {
        if (name is "prompt" or "answer" or "text")
        {
            return;
        }
        if (fields[name].Length > limits.MetadataValueLengthMax)
        {
            throw Fault(
                fileName, line, content, ref reader,
                RowParser.Invariant($"the field '{name}' has more than {limits.MetadataValueLengthMax} characters; shorten it"));
        }
        var metadataCount = fields.Keys.Count(key => key is not ("prompt" or "answer" or "text"));
        if (metadataCount > limits.MetadataCountMax)
        {
            throw Fault(
                fileName, line, content, ref reader,
                RowParser.Invariant($"a row has at most {limits.MetadataCountMax} fields beside prompt and answer; leave some out"));
        }
    }

    static Row ToRow(string fileName, int line, SortedDictionary<string, string> fields)
    {
        var metadata = fields.Where(field => field.Key is not ("prompt" or "answer" or "text")).ToArray();
        if (fields.TryGetValue("text", out var text))
        {
            if (fields.ContainsKey("prompt") || fields.ContainsKey("answer"))
            {
                throw new ContributionException(fileName, line, 0, "a row holds either 'text' or 'prompt' and 'answer'; split it in two");
            }
            CheckFilled(fileName, line, "text", text);
            return new Row("", text, metadata);
        }
        if (!fields.TryGetValue("prompt", out var prompt) || !fields.TryGetValue("answer", out var answer))
        {
            var missing = fields.ContainsKey("prompt") ? "'answer'"
                : fields.ContainsKey("answer") ? "'prompt'" : "'prompt' and 'answer', or 'text'";
            throw new ContributionException(fileName, line, 0, $"the row lacks {missing}; add it");
        }
        CheckFilled(fileName, line, "prompt", prompt);
        CheckFilled(fileName, line, "answer", answer);
        return new Row(prompt, answer, metadata);
    }

    static void CheckFilled(string fileName, int line, string name, string value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new ContributionException(fileName, line, 0, $"the {name} is empty; fill it in or leave the row out");
        }
    }

    static ContributionException Fault(string fileName, int line, ReadOnlySpan<byte> content, ref Utf8JsonReader reader, string reason) =>
        new(fileName, line, RowParser.Columns(content[..(int)Math.Min(reader.TokenStartIndex, content.Length)]) + 1, reason);

    static string Shown(string name) => name.Length <= 40 ? name : name[..40] + "…";

    // The reader's message ends with its own idea of line and position, which counts from 0 and knows only this line.
    static string Plain(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.', ' ');
    }
}
