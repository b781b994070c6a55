using System.Globalization;

namespace Orleans.Runtime;

/// <summary>An identifier's text, compared character by character.</summary>
public readonly record struct IdSpan
{
    readonly string? text;

    IdSpan(string text) => this.text = text;

    public static IdSpan Create(string id) => new(id);
    public override string ToString() => text ?? "";
    public uint GetUniformHashCode() => StableHash.ComputeHash(System.Text.Encoding.UTF8.GetBytes(ToString()));
}

/// <summary>The name of a grain class, as it is known to the cluster.</summary>
public readonly record struct GrainType(IdSpan Value)
{

    public static GrainType Create(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        return new(IdSpan.Create(value));
    }

    public override string? ToString() => Value.ToString();
}

/// <summary>The name of a grain interface, as it is known to the cluster.</summary>
public readonly record struct GrainInterfaceType(IdSpan Value)
{
    public static GrainInterfaceType Create(string value) => new(IdSpan.Create(value));
    public override string ToString() => Value.ToString();
}

/// <summary>A grain: the name of its class and its key.</summary>
public readonly record struct GrainId(GrainType Type, IdSpan Key)
{
    public static GrainId Create(string type, string key) => Create(GrainType.Create(type), key);

    public static GrainId Create(GrainType type, string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return new(type, IdSpan.Create(key));
    }

    /// <exception cref="FormatException">There is no slash.</exception>
    public static GrainId Parse(string value) =>
        TryParse(value, out var id) ? id : throw new FormatException($"Unable to parse \"{value}\" as a grain id");

    public static bool TryParse(string? value, out GrainId result)
    {
        var slash = value?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        result = slash < 0 ? default : new(GrainType.Create(value![..slash]), IdSpan.Create(value[(slash + 1)..]));
        return slash >= 0;
    }

    public uint GetUniformHashCode() => unchecked((Type.Value.GetUniformHashCode() * 31) + Key.GetUniformHashCode());
    public override string ToString() => $"{Type}/{Key}";
}

/// <summary>One life of a grain in memory.</summary>
public readonly record struct ActivationId
{
    internal ActivationId(Guid key) => Key = key;
    internal Guid Key { get; }
    public override string ToString() => $"@{Key:N}";
}

/// <summary>Integer and Guid keys as text: hexadecimal, with an optional extension after a plus sign.</summary>
public static class GrainIdKeyExtensions
{
    public static IdSpan CreateIntegerKey(long key) => IdSpan.Create(key.ToString("X", CultureInfo.InvariantCulture));

    public static bool TryGetIntegerKey(this GrainId grainId, out long key, out string? keyExt) => long.TryParse(
        Digits(grainId.Key, out keyExt), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out key);

    public static bool TryGetGuidKey(this GrainId grainId, out Guid key, out string? keyExt) =>
        Guid.TryParseExact(Digits(grainId.Key, out keyExt), "N", out key);

    static string Digits(IdSpan key, out string? extension)
    {
        var text = key.ToString();
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        extension = plus < 0 ? null : text[(plus + 1)..];
        return plus < 0 ? text : text[..plus];
    }
}
