using System.Text.Json;

namespace OpenLedger.Inference;

/// <summary>Typed reading of a JSON object's fields, with errors that name the field; null counts as absent.</summary>
sealed class JsonFields(JsonElement element, string file)
{
    public bool Has(string name) => Find(name) is not null;

    public string Text(string name, string fallback) => Find(name) switch
    {
        null => fallback,
        { ValueKind: JsonValueKind.String } value => value.GetString()!,
        _ => throw Error(name, "a string is expected."),
    };

    public bool Flag(string name, bool fallback) => Find(name) switch
    {
        null => fallback,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Error(name, "true or false is expected."),
    };

    public double Number(string name, double? fallback = null) => Find(name) switch
    {
        null => fallback ?? throw Error(name, "missing."),
        { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
        _ => throw Error(name, "a number is expected."),
    };

    public int Count(string name, int maximum, int? fallback = null, int minimum = 1)
    {
        if (Find(name) is not { } value)
        {
            return fallback ?? throw Error(name, "missing.");
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= minimum && count <= maximum
            ? count
            : throw Error(name, $"{value.GetRawText()} is not a whole number from {minimum} to {maximum}.");
    }

    /// <summary>One id or a list of ids; none where the field is absent.</summary>
    public IReadOnlyList<int> Ids(string name) => Find(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => Id(name, item))],
        { } single => [Id(name, single)],
    };

    public IReadOnlyList<string> Texts(string name) => Find(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list =>
            [.. list.EnumerateArray().Select(
                item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Error(name, "strings are expected."))],
        _ => throw Error(name, "a list of strings is expected."),
    };

    public JsonElement? Find(string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public JsonFields Object(string name) => Find(name) is { ValueKind: JsonValueKind.Object } value
        ? new JsonFields(value, file)
        : throw Error(name, "an object is expected.");

    /// <summary>The names and numbers of an object of numbers; none where the field is absent.</summary>
    public IReadOnlyList<(string Name, double Value)> Numbers(string name)
    {
        if (!Has(name))
        {
            return [];
        }
        var inner = Object(name);
        return [.. Find(name)!.Value.EnumerateObject().Select(property => (property.Name, inner.Number(property.Name)))];
    }

    public ModelFormatException Error(string field, string problem) => new(file, field, problem);

    int Id(string name, JsonElement item) =>
        item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) ? id : throw Error(name, "token ids are expected.");
}
