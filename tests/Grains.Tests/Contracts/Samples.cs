using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace OpenLedger.Grains.Tests.Contracts;

/// <summary>Values of any contract type with nothing in them left at its default, from a seed; and what is in a value, as text.</summary>
sealed class Samples(int seed)
{
    const int ItemsMax = 3;
    const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    readonly Random random = new(seed);

    public object Make(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? Make(inner) : MakeSimple(type) ?? MakeCollection(type) ?? MakeObject(type);

    /// <summary>Every data member, named, in order; two values with the same text are the same.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        byte[] bytes => Convert.ToHexString(bytes),
        IFormattable or bool or Enum => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        IDictionary map => $"{{{string.Join(", ", map.Keys.Cast<object>().Select(key => $"{Describe(key)}: {Describe(map[key])}"))}}}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Describe))}]",
        _ when ContractTypes.NumberedMembers(value.GetType()).Any() => $"{value.GetType().Name}({string.Join(", ", ContractTypes
            .NumberedMembers(value.GetType()).Select(member => $"{member.Name}={Describe(ContractTypes.Read(member, value))}"))})",
        _ => $"{value}",
    };

    /// <summary>Names of members, at any depth, that hold what they would hold if nothing had been sent.</summary>
    public static IEnumerable<string> Defaults(object value) => ContractTypes.NumberedMembers(value.GetType()).SelectMany(member =>
        ContractTypes.Read(member, value) switch
        {
            null or "" or 0 or 0L or 0d or 0UL or false => [member.Name],
            ReadOnlyMemory<byte> { Length: 0 } => [member.Name],
            ICollection { Count: 0 } => [member.Name],
            Enum each when Convert.ToInt64(each, CultureInfo.InvariantCulture) == 0 => [member.Name],
            { } inner => Defaults(inner).Select(name => $"{member.Name}.{name}"),
        });

    object? MakeSimple(Type type)
    {
        if (type.IsEnum)
        {
            var values = Enum.GetValues(type);
            return values.GetValue(random.Next(1, values.Length))!;
        }

        return type switch
        {
            _ when type == typeof(string) => $"text {random.Next()} ü\n\"€\"",
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => -1 - random.Next(),
            _ when type == typeof(uint) => 1u + (uint)random.Next(),
            _ when type == typeof(long) => long.MinValue + random.Next(),
            _ when type == typeof(ulong) => ulong.MaxValue - (ulong)random.Next(),
            _ when type == typeof(double) => random.NextDouble() + double.Epsilon,
            _ when type == typeof(Amount) => Amount.FromAtto(new UInt128((ulong)random.Next(1, 1_000), (ulong)random.NextInt64())),
            _ when type == typeof(byte[]) => Bytes(),
            _ when type == typeof(ReadOnlyMemory<byte>) => new ReadOnlyMemory<byte>(Bytes()),
            _ when type == typeof(TimeSpan) => TimeSpan.FromTicks(random.NextInt64(1, long.MaxValue)),
            _ when type == typeof(DateTimeOffset) => DateTimeOffset.FromUnixTimeMilliseconds(random.Next()),
            _ => null,
        };
    }

    object? MakeCollection(Type type)
    {
        if (!type.IsGenericType || !type.IsAssignableTo(typeof(IEnumerable)))
        {
            return null;
        }

        var arguments = type.GetGenericArguments();
        var count = random.Next(1, ItemsMax + 1);
        if (arguments.Length == 2)
        {
            var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(arguments))!;
            for (var item = 0; item < count; item++)
            {
                map[Make(arguments[0])] = Make(arguments[1]);
            }

            return map;
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(arguments))!;
        for (var item = 0; item < count; item++)
        {
            list.Add(Make(arguments[0]));
        }

        return list;
    }

    object MakeObject(Type type)
    {
        var constructor = type.GetConstructors(Members)
            .Where(each => !each.GetParameters().Any(parameter => parameter.ParameterType == type))
            .MaxBy(each => each.GetParameters().Length);
        var made = constructor is null
            ? RuntimeHelpers.GetUninitializedObject(type)
            : constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType))]);
        foreach (var property in type.GetProperties(Members).Where(each => each.CanWrite && each.IsDefined(typeof(IdAttribute), false)))
        {
            property.SetValue(made, Make(property.PropertyType));
        }

        return made;
    }

    byte[] Bytes()
    {
        var bytes = new byte[random.Next(1, 100)];
        random.NextBytes(bytes);
        return bytes;
    }
}
