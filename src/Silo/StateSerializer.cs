using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;

namespace OpenLedger.Silo;

/// <summary>
/// Grain states as JSON: public members, and private fields that carry an <see cref="IdAttribute"/>. It is the one serializer of stored
/// states on either engine and in either database, so that what one has written the other reads.
/// </summary>
public sealed class StateSerializer : IGrainStorageSerializer
{
    static readonly JsonSerializerOptions options = new()
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AddNumberedMembers } },
    };

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, options));

    /// <exception cref="JsonException">The bytes are not a state of this type.</exception>
    public T? Deserialize<T>(BinaryData input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return JsonSerializer.Deserialize<T>(input, options);
    }

    // What the engine's own serializer would carry must survive here too.
    static void AddNumberedMembers(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        const BindingFlags flags = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (var known in type.Properties)
        {
            known.Set ??= type.Type.GetProperty(known.Name, flags) is { CanWrite: true } property ? property.SetValue : null;
        }

        foreach (var field in type.Type.GetFields(flags).Where(member => !member.IsPublic && member.IsDefined(typeof(IdAttribute))))
        {
            var member = type.CreateJsonPropertyInfo(field.FieldType, field.Name);
            (member.Get, member.Set) = (field.GetValue, field.SetValue);
            type.Properties.Add(member);
        }
    }
}
