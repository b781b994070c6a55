using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;

namespace Orleans.Engine;

/// <summary>States as JSON, where no other serializer is given: public members, and private fields that carry an <see cref="IdAttribute"/>.</summary>
sealed class JsonGrainStorageSerializer : IGrainStorageSerializer
{
    static readonly JsonSerializerOptions Options = new()
    {
        IncludeFields = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AddNumberedMembers } },
    };

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input, Options);

    // What the Orleans serializer would carry must survive here too.
    static void AddNumberedMembers(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        const BindingFlags Flags = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (var known in type.Properties)
        {
            known.Set ??= type.Type.GetProperty(known.Name, Flags) is { CanWrite: true } property ? property.SetValue : null;
        }

        foreach (var field in type.Type.GetFields(Flags).Where(member => !member.IsPublic && member.IsDefined(typeof(IdAttribute))))
        {
            var member = type.CreateJsonPropertyInfo(field.FieldType, field.Name);
            (member.Get, member.Set) = (field.GetValue, field.SetValue);
            type.Properties.Add(member);
        }
    }
}
