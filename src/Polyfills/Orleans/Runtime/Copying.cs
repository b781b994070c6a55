using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orleans.Engine;

/// <summary>Copies what crosses a call, so that neither side sees what the other does to it later. Made once for each type.</summary>
abstract class Copier
{
    static readonly ConcurrentDictionary<Type, Copier> Known = new();
    static readonly ConcurrentDictionary<Type, bool> Immutability = new();

    static readonly HashSet<Type> ImmutableTypes =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly), typeof(Guid), typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128),
        typeof(CancellationToken), typeof(System.Numerics.BigInteger), typeof(System.Globalization.CultureInfo), typeof(Index),
        typeof(Range), typeof(System.Net.IPAddress), typeof(System.Net.IPEndPoint),
    ];

    public static Copier For(Type type) => Known.GetOrAdd(
        type, static key => (Copier)Activator.CreateInstance(typeof(Copier<>).MakeGenericType(key))!);

    /// <summary>Whether values of this static type never need a copy.</summary>
    public static bool IsImmutable(Type type) => Immutability.TryGetValue(type, out var known)
        ? known
        : Immutability[type] = ImmutableTypes.Contains(type) || type.IsEnum || type.IsPrimitive || type.IsPointer
            || type.Assembly == typeof(Copier).Assembly || type.IsDefined(typeof(ImmutableAttribute), false)
            || typeof(Exception).IsAssignableFrom(type) || typeof(Type).IsAssignableFrom(type) || IsReference(type)
            || typeof(System.Collections.IComparer).IsAssignableFrom(type)
            || typeof(System.Collections.IEqualityComparer).IsAssignableFrom(type) || type.Namespace == "System.Collections.Immutable"
            || (type.IsValueType && Fields(type).All(field => IsImmutable(field.FieldType)));

    public static IEnumerable<FieldInfo> Fields(Type? type)
    {
        for (; type is not null && type != typeof(object) && type != typeof(ValueType); type = type.BaseType)
        {
            foreach (var field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                yield return field;
            }
        }
    }

    /// <summary>Copies a boxed argument.</summary>
    public abstract object? CopyBoxed(object? value, CopyContext context);

    // A reference to a grain, by the interface or the proxy; a grain's class is no such thing.
    static bool IsReference(Type type) => typeof(GrainReference).IsAssignableFrom(type)
        || (type.IsInterface && typeof(IAddressable).IsAssignableFrom(type));
}

/// <summary>Copies values of one static type.</summary>
sealed class Copier<T> : Copier
{
    static readonly bool Shared = IsImmutable(typeof(T));
    static readonly Func<T, CopyContext, T>? Exact = Shared || typeof(T).IsInterface || typeof(T).IsAbstract || typeof(T) == typeof(object)
        ? null
        : typeof(T).IsArray ? CopyArray : CopierEmitter.Emit<T>();

    public override object? CopyBoxed(object? value, CopyContext context) => value is null ? null : Copy((T)value, context);

    public static T Copy(T value)
    {
        if (Shared || value is null)
        {
            return value;
        }

        using var context = CopyContext.Rent();
        return Copy(value, context);
    }

    public static T Copy(T value, CopyContext context)
    {
        if (Shared || value is null)
        {
            return value;
        }

        if (typeof(T).IsValueType)
        {
            return Exact!(value, context);
        }

        if (context.Find(value) is { } known)
        {
            return (T)known;
        }

        var type = value.GetType();
        return type == typeof(T) && Exact is not null ? Exact(value, context)
            : IsImmutable(type) || type == typeof(object) ? value
            : (T)For(type).CopyBoxed(value, context)!;
    }

    static T CopyArray(T value, CopyContext context)
    {
        var copy = (T)((Array)(object)value!).Clone();
        context.Record(value!, copy!);
        if (!IsImmutable(typeof(T).GetElementType()!))
        {
            var (array, element) = ((Array)(object)copy!, For(typeof(T).GetElementType()!));
            if (array.Rank > 1)
            {
                throw CopierEmitter.Unknown(typeof(T));
            }

            for (var index = 0; index < array.Length; index++)
            {
                array.SetValue(element.CopyBoxed(array.GetValue(index), context), index);
            }
        }

        return copy;
    }
}

/// <summary>What one copy has met so far: an object that is met twice is copied once, cycles included.</summary>
sealed class CopyContext : IDisposable
{
    const int ScannedMax = 16;

    [ThreadStatic]
    static CopyContext? free;

    readonly (object Original, object Copy)[] few = new (object, object)[ScannedMax];
    Dictionary<object, object>? many;
    int count;

    public static CopyContext Rent()
    {
        var context = free ?? new();
        free = null;
        return context;
    }

    public object? Find(object original)
    {
        for (var index = 0; index < Math.Min(count, ScannedMax); index++)
        {
            if (ReferenceEquals(few[index].Original, original))
            {
                return few[index].Copy;
            }
        }

        return many?.GetValueOrDefault(original);
    }

    public void Record(object original, object copy)
    {
        if (count < ScannedMax)
        {
            few[count] = (original, copy);
        }
        else
        {
            (many ??= new(ReferenceEqualityComparer.Instance))[original] = copy;
        }

        count++;
    }

    public void Dispose()
    {
        Array.Clear(few, 0, Math.Min(count, ScannedMax));
        (many, count) = (null, 0);
        free = this;
    }
}

/// <summary>Emits, once for a type, the code that clones an object and then copies those of its fields that may change.</summary>
static class CopierEmitter
{
    static readonly MethodInfo Clone = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!;

    // A type that cannot be sent is found out when it is sent.
    public static Func<T, CopyContext, T> Emit<T>()
    {
        var type = typeof(T);
        if (!IsKnown(type))
        {
            return (_, _) => throw Unknown(type);
        }

        Type[] parameters = [type, typeof(CopyContext)];
        var method = new DynamicMethod($"Copy_{type.Name}", type, parameters, typeof(CopierEmitter).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        var copy = code.DeclareLocal(type);
        code.Emit(OpCodes.Ldarg_0);
        if (!type.IsValueType)
        {
            code.Emit(OpCodes.Call, Clone);
            code.Emit(OpCodes.Castclass, type);
        }

        code.Emit(OpCodes.Stloc, copy);
        if (!type.IsValueType)
        {
            code.Emit(OpCodes.Ldarg_1);
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldloc, copy);
            code.Emit(OpCodes.Call, typeof(CopyContext).GetMethod(nameof(CopyContext.Record))!);
        }

        foreach (var field in Copier.Fields(type).Where(field => !Copier.IsImmutable(field.FieldType) && !IsShared(field)))
        {
            code.Emit(type.IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, copy);
            code.Emit(type.IsValueType ? OpCodes.Ldarga : OpCodes.Ldarg, (short)0);
            code.Emit(OpCodes.Ldfld, field);
            code.Emit(OpCodes.Ldarg_1);
            code.Emit(OpCodes.Call, typeof(Copier<>).MakeGenericType(field.FieldType)
                .GetMethod(nameof(Copier<>.Copy), [field.FieldType, typeof(CopyContext)])!);
            code.Emit(OpCodes.Stfld, field);
        }

        code.Emit(OpCodes.Ldloc, copy);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<T, CopyContext, T>>();
    }

    public static Orleans.Serialization.CodecNotFoundException Unknown(Type type) =>
        new($"Could not find a copier for type {type}. Mark it with [GenerateSerializer], or send something else.");

    // The framework's collections and tuples, what the compiler makes of collection expressions, and what says that it can be sent.
    static bool IsKnown(Type type) => type.IsValueType || type.IsDefined(typeof(GenerateSerializerAttribute), false)
        || type.Name.StartsWith("<>z__", StringComparison.Ordinal)
        || (type.Assembly.GetName().Name!.StartsWith("System.", StringComparison.Ordinal)
            && (type.Namespace!.StartsWith("System.Collections", StringComparison.Ordinal)
                || typeof(ITuple).IsAssignableFrom(type)));

    // How a collection compares belongs to no side.
    static bool IsShared(FieldInfo field) => typeof(Delegate).IsAssignableFrom(field.FieldType) || (field.FieldType.IsGenericType
        && field.FieldType.GetGenericTypeDefinition() is var open && (open == typeof(IComparer<>) || open == typeof(IEqualityComparer<>)));
}
