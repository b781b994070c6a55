using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orleans.Engine;

/// <summary>States as JSON: public members, and private ones that carry an <see cref="IdAttribute"/>.</summary>
static class StateJson
{
    static readonly JsonSerializerOptions Options = new()
    {
        IncludeFields = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AddNumberedMembers } },
    };

    public static byte[] Write<T>(T state) => JsonSerializer.SerializeToUtf8Bytes(state, Options);

    public static T Read<T>(byte[] bytes) => JsonSerializer.Deserialize<T>(bytes, Options)!;

    // What the Orleans serializer would carry must survive here too.
    static void AddNumberedMembers(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        const BindingFlags Flags = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (var property in type.Type.GetProperties(Flags).Where(member => member.CanWrite && member.GetIndexParameters().Length == 0))
        {
            var known = type.Properties.FirstOrDefault(item => string.Equals(item.Name, property.Name, StringComparison.Ordinal));
            if (known is not null)
            {
                known.Set ??= property.SetValue;
            }
            else if (property.IsDefined(typeof(IdAttribute)))
            {
                Add(type, property.Name, property.PropertyType, property.GetValue, property.SetValue);
            }
        }

        foreach (var field in type.Type.GetFields(Flags).Where(member => !member.IsPublic && member.IsDefined(typeof(IdAttribute))))
        {
            Add(type, field.Name, field.FieldType, field.GetValue, field.SetValue);
        }
    }

    static void Add(JsonTypeInfo type, string name, Type memberType, Func<object, object?> get, Action<object, object?> set)
    {
        var member = type.CreateJsonPropertyInfo(memberType, name);
        member.Get = get;
        member.Set = set;
        type.Properties.Add(member);
    }
}
