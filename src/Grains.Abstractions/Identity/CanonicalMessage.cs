using System.Reflection;
using System.Text;

namespace OpenLedger.Grains.Identity;

/// <summary>
/// One canonical encoding for every message: its members in the order of their <see cref="IdAttribute"/>, each behind a tag of its
/// kind, texts and lists behind their lengths. Two messages that differ in any member, at any depth, have different bytes. What is
/// found by reflection is found once for a type; writing a message is calls of delegates, without boxing.
/// </summary>
/// <remarks>
/// Tags: 0 null, 1 integer (64 bits, two's complement), 2 unsigned integer (64 bits), 3 truth, 4 text (32-bit length, strict UTF-8),
/// 5 bytes (32-bit length), 6 amount (128 bits, atto-OPEN), 7 list (32-bit count), 8 map (32-bit count, keys in ordinal order),
/// 9 message (its alias as a text, 16-bit member count, each member behind its 32-bit id), 10 binary64. All big-endian.
/// </remarks>
/// <typeparam name="T">A message, or what messages are made of.</typeparam>
public static class CanonicalMessage<T>
{
    /// <summary>Writes a value.</summary>
    /// <exception cref="NotSupportedException">The type, or one in it, is none of those that messages are made of.</exception>
    public static Action<CanonicalWriter, T> Write { get; } = (Action<CanonicalWriter, T>)CanonicalWriters.For(typeof(T));
}

/// <summary>Makes the writers of <see cref="CanonicalMessage{T}"/>.</summary>
static class CanonicalWriters
{
    const int AliasSizeBytesMax = 255;
    const byte Null = 0;
    const byte Integer = 1;
    const byte Unsigned = 2;
    const byte Truth = 3;
    const byte Letters = 4;
    const byte Bytes = 5;
    const byte Money = 6;
    const byte Items = 7;
    const byte Map = 8;
    const byte Message = 9;
    const byte Real = 10;

    static readonly UTF8Encoding strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    static readonly Dictionary<Type, Delegate> simple = new()
    {
        [typeof(string)] = (Action<CanonicalWriter, string?>)WriteText,
        [typeof(bool)] = (Action<CanonicalWriter, bool>)((writer, value) => Tagged(writer, Truth).Byte(value ? (byte)1 : (byte)0)),
        [typeof(byte)] = (Action<CanonicalWriter, byte>)((writer, value) => Tagged(writer, Unsigned).UInt64(value)),
        [typeof(short)] = (Action<CanonicalWriter, short>)((writer, value) => Tagged(writer, Integer).Int64(value)),
        [typeof(ushort)] = (Action<CanonicalWriter, ushort>)((writer, value) => Tagged(writer, Unsigned).UInt64(value)),
        [typeof(int)] = (Action<CanonicalWriter, int>)((writer, value) => Tagged(writer, Integer).Int64(value)),
        [typeof(uint)] = (Action<CanonicalWriter, uint>)((writer, value) => Tagged(writer, Unsigned).UInt64(value)),
        [typeof(long)] = (Action<CanonicalWriter, long>)((writer, value) => Tagged(writer, Integer).Int64(value)),
        [typeof(ulong)] = (Action<CanonicalWriter, ulong>)((writer, value) => Tagged(writer, Unsigned).UInt64(value)),
        [typeof(double)] = (Action<CanonicalWriter, double>)((writer, value) =>
            Tagged(writer, Real).Int64(BitConverter.DoubleToInt64Bits(value))),
        [typeof(TimeSpan)] = (Action<CanonicalWriter, TimeSpan>)((writer, value) => Tagged(writer, Integer).Int64(value.Ticks)),
        [typeof(Amount)] = (Action<CanonicalWriter, Amount>)((writer, value) => Tagged(writer, Money).Amount(value)),
        [typeof(ReadOnlyMemory<byte>)] = (Action<CanonicalWriter, ReadOnlyMemory<byte>>)((writer, value) =>
            Tagged(writer, Bytes).Block(value.Span)),
    };

    public static Delegate For(Type type)
    {
        if (simple.TryGetValue(type, out var known))
        {
            return known;
        }

        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Make(nameof(Maybe), inner);
        }

        if (type.IsEnum)
        {
            return Make(nameof(Named), type);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            return Make(nameof(List), type.GetGenericArguments());
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)
            && type.GetGenericArguments()[0] == typeof(string))
        {
            return Make(nameof(Dictionary), type.GetGenericArguments()[1]);
        }

        return type is { IsClass: true, IsSealed: true } && type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)
            ? Make(nameof(Record), type)
            : throw new NotSupportedException(
                $"{type} has no canonical form: messages are sealed records of texts, numbers, amounts, bytes, lists and maps");
    }

    static Delegate Make(string method, params Type[] arguments) => (Delegate)typeof(CanonicalWriters)
        .GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(arguments)
        .Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null)!;

    static Action<CanonicalWriter, T?> Maybe<T>()
        where T : struct => (writer, value) =>
        {
            if (value is { } given)
            {
                CanonicalMessage<T>.Write(writer, given);
            }
            else
            {
                writer.Byte(Null);
            }
        };

    static Action<CanonicalWriter, T> Named<T>()
        where T : struct, Enum
    {
        var signed = Enum.GetUnderlyingType(typeof(T)) == typeof(int);
        return signed
            ? (writer, value) => Tagged(writer, Integer).Int64(System.Runtime.CompilerServices.Unsafe.BitCast<T, int>(value))
            : (writer, value) => Tagged(writer, Integer).Int64(
                Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
    }

    static Action<CanonicalWriter, IReadOnlyList<T>?> List<T>() => (writer, items) =>
    {
        if (items is null)
        {
            writer.Byte(Null);
            return;
        }

        Tagged(writer, Items).UInt32((uint)items.Count);
        for (var index = 0; index < items.Count; index++)
        {
            CanonicalMessage<T>.Write(writer, items[index]);
        }
    };

    static Action<CanonicalWriter, IReadOnlyDictionary<string, T>?> Dictionary<T>() => (writer, map) =>
    {
        if (map is null)
        {
            writer.Byte(Null);
            return;
        }

        Tagged(writer, Map).UInt32((uint)map.Count);
        foreach (var (key, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            WriteText(writer, key);
            CanonicalMessage<T>.Write(writer, value);
        }
    };

    static Action<CanonicalWriter, T?> Record<T>()
        where T : class
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var alias = typeof(T).GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias
            ?? throw new NotSupportedException($"{typeof(T)} has no alias");
        var properties = typeof(T).GetProperties(all).Where(property => property.IsDefined(typeof(IdAttribute), inherit: false))
            .OrderBy(property => property.GetCustomAttribute<IdAttribute>()!.Id).ToList();
        if (typeof(T).GetFields(all).Any(field => field.IsDefined(typeof(IdAttribute), inherit: false)))
        {
            throw new NotSupportedException($"{typeof(T)} has numbered fields: a message's members are properties");
        }

        // Made on first use, as a message may hold messages of its own type.
        var members = new Lazy<Action<CanonicalWriter, T>[]>(() =>
        [
            .. properties.Select(property => (Action<CanonicalWriter, T>)Make(nameof(Member), property)),
        ]);
        return (writer, message) =>
        {
            if (message is null)
            {
                writer.Byte(Null);
                return;
            }

            var tagged = Tagged(writer, Message);
            tagged.Text(alias, AliasSizeBytesMax);
            tagged.UInt16((ushort)members.Value.Length);
            foreach (var member in members.Value)
            {
                member(writer, message);
            }
        };
    }

    static Delegate Make(string method, PropertyInfo property) => (Delegate)typeof(CanonicalWriters)
        .GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!
        .MakeGenericMethod(property.DeclaringType!, property.PropertyType)
        .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [property], null)!;

    static Action<CanonicalWriter, TOwner> Member<TOwner, TMember>(PropertyInfo property)
    {
        var id = property.GetCustomAttribute<IdAttribute>()!.Id;
        var read = property.GetMethod!.CreateDelegate<Func<TOwner, TMember>>();
        return (writer, owner) =>
        {
            writer.UInt32(id);
            CanonicalMessage<TMember>.Write(writer, read(owner));
        };
    }

    static void WriteText(CanonicalWriter writer, string? value)
    {
        if (value is null)
        {
            writer.Byte(Null);
            return;
        }

        Tagged(writer, Letters).Block(strictUtf8.GetBytes(value));
    }

    static CanonicalWriter Tagged(CanonicalWriter writer, byte tag)
    {
        writer.Byte(tag);
        return writer;
    }
}
