using System.Reflection;

namespace OpenLedger.Grains.Tests.Contracts;

/// <summary>What the product's assemblies promise each other and their own past: grain interfaces, messages, states.</summary>
static class ContractTypes
{
    const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>All types of ours; what the engine's code generator adds has namespaces of its own.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        .. Directory.GetFiles(AppContext.BaseDirectory, "OpenLedger.*.dll")
            .Select(file => Assembly.Load(Path.GetFileNameWithoutExtension(file)))
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => $"{type.Namespace}.".StartsWith("OpenLedger.", StringComparison.Ordinal))
            .OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    public static IEnumerable<Type> GrainInterfaces => All.Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable)));

    public static IEnumerable<Type> GrainClasses => All.Where(type => type is { IsClass: true, IsAbstract: false }
        && type.IsAssignableTo(typeof(IGrain)) && !type.IsAssignableTo(typeof(GrainReference)));

    public static IEnumerable<Type> Serialized => All.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false));

    public static IEnumerable<Type> Surrogates => All.SelectMany(type => type.GetInterfaces())
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConverter<,>))
        .Select(type => type.GetGenericArguments()[1]);

    /// <summary>What grains keep: the types of their persistent states, with the states' names.</summary>
    public static IEnumerable<(Type Grain, string Name, Type State)> States =>
        from grain in GrainClasses
        from parameter in grain.GetConstructors(Members).SelectMany(constructor => constructor.GetParameters())
        from attribute in parameter.GetCustomAttributes<PersistentStateAttribute>()
        select (grain, attribute.StateName, parameter.ParameterType.GetGenericArguments()[0]);

    /// <summary>What travels: the types in the grain interfaces' signatures, and in theirs.</summary>
    public static IReadOnlyList<Type> Messages { get; } = Reachable(
        GrainInterfaces.SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)));

    /// <summary>What is kept and does not travel.</summary>
    public static IReadOnlyList<Type> StateTypes { get; } = [.. Reachable(States.Select(state => state.State)).Except(Messages)];

    public static IEnumerable<MemberInfo> NumberedMembers(Type type) => AllMembers(type)
        .Where(member => member.IsDefined(typeof(IdAttribute), inherit: false));

    public static uint IdOf(MemberInfo member) => member.GetCustomAttribute<IdAttribute>()!.Id;

    /// <summary>Fields and properties that hold data; a property's own field, and what is computed, are not listed.</summary>
    public static IEnumerable<MemberInfo> DataMembers(Type type) => AllMembers(type).Where(member => member switch
    {
        PropertyInfo property => HasBackingField(property),
        FieldInfo field => !field.Name.StartsWith('<'),
        _ => false,
    });

    public static Type TypeOf(MemberInfo member) => member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    public static object? Read(MemberInfo member, object from) =>
        member is PropertyInfo property ? property.GetValue(from) : ((FieldInfo)member).GetValue(from);

    /// <summary>Whether anybody but a constructor or an initialiser may set it.</summary>
    public static bool IsSettable(MemberInfo member) => member switch
    {
        PropertyInfo { SetMethod: { } setter } => !setter.ReturnParameter.GetRequiredCustomModifiers()
            .Contains(typeof(System.Runtime.CompilerServices.IsExternalInit)),
        FieldInfo field => !field.IsInitOnly,
        _ => false,
    };

    public static IEnumerable<string> AliasesOf(MemberInfo member) =>
        member.GetCustomAttributes<AliasAttribute>(inherit: false).Select(attribute => attribute.Alias);

    static IEnumerable<MemberInfo> AllMembers(Type type)
    {
        var inherited = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)
            ? AllMembers(parent)
            : [];
        return inherited.Concat(type.GetProperties(Members)).Concat(type.GetFields(Members));
    }

    static bool HasBackingField(PropertyInfo property) =>
        property.DeclaringType!.GetField($"<{property.Name}>k__BackingField", Members) is not null;

    static List<Type> Reachable(IEnumerable<Type> roots)
    {
        var found = new HashSet<Type>();
        var open = new Stack<Type>(roots);
        while (open.TryPop(out var type))
        {
            foreach (var argument in type.IsGenericType ? type.GetGenericArguments() : [])
            {
                open.Push(argument);
            }

            if (type.HasElementType)
            {
                open.Push(type.GetElementType()!);
            }

            if (All.Contains(type) && !type.IsInterface && found.Add(type))
            {
                foreach (var member in DataMembers(type).Where(_ => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)))
                {
                    open.Push(TypeOf(member));
                }
            }
        }

        return [.. found.OrderBy(type => type.FullName, StringComparer.Ordinal)];
    }
}
