using System.Globalization;
using System.Reflection;

namespace OpenLedger.Grains.Tests.Contracts;

/// <summary>The contracts as text, one line a promise, so that a change of one is a change of one line.</summary>
static class ContractList
{
    public static IReadOnlyList<string> Lines { get; } =
    [
        .. ContractTypes.GrainInterfaces.SelectMany(Interface),
        .. ContractTypes.GrainClasses.Select(GrainClass),
        .. ContractTypes.Messages.SelectMany(type => Serialized("message", type)),
        .. ContractTypes.StateTypes.SelectMany(type => Serialized("state", type)),
        .. ContractTypes.Surrogates.SelectMany(type => Serialized("surrogate", type)),
    ];

    static IEnumerable<string> Interface(Type type)
    {
        var name = $"interface {Name(type)} \"{Aliases(type)}\"";
        var key = type.GetInterfaces().Where(parent => parent.Name.StartsWith("IGrainWith", StringComparison.Ordinal)).Select(Name);
        yield return $"{name} : {string.Join(", ", key)}{Attributes(type)}";
        foreach (var method in type.GetMethods().OrderBy(Aliases, StringComparer.Ordinal))
        {
            var parameters = string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)));
            yield return $"{Name(type)}.{Aliases(method)}: {Name(method.ReturnType)} {method.Name}({parameters}){Attributes(method)}";
        }
    }

    static string GrainClass(Type type)
    {
        var interfaces = string.Join(", ", type.GetInterfaces().Intersect(ContractTypes.GrainInterfaces).Select(Name));
        var states = ContractTypes.States.Where(state => state.Grain == type).Select(state => $" state {state.Name}={Name(state.State)}");
        return $"grain {Name(type)} : {interfaces}{string.Concat(states)}{Attributes(type)}";
    }

    static IEnumerable<string> Serialized(string kind, Type type)
    {
        if (type.IsEnum)
        {
            yield return $"enum {Name(type)} : {Name(Enum.GetUnderlyingType(type))}";
            foreach (var value in Enum.GetValues(type))
            {
                yield return $"{Name(type)} {Convert.ToInt64(value, CultureInfo.InvariantCulture)} {value}";
            }
        }
        else if (type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
        {
            yield return $"{kind} {Name(type)} \"{Aliases(type)}\"{Attributes(type)}";
            foreach (var member in ContractTypes.NumberedMembers(type).OrderBy(ContractTypes.IdOf))
            {
                yield return $"{Name(type)} {ContractTypes.IdOf(member)} {Name(ContractTypes.TypeOf(member))} {member.Name}";
            }
        }
        else
        {
            // A type that a converter carries: its surrogate is listed.
            yield return $"{kind} {Name(type)} by converter";
        }
    }

    static string Aliases(MemberInfo member) => string.Join(" ", ContractTypes.AliasesOf(member));

    static string Attributes(MemberInfo member) => string.Concat(member.GetCustomAttributesData()
        .Where(data => data.AttributeType != typeof(AliasAttribute) && data.AttributeType != typeof(GenerateSerializerAttribute)
            && (data.AttributeType.Namespace!.StartsWith("Orleans", StringComparison.Ordinal)
                || data.AttributeType.Namespace.StartsWith("OpenLedger", StringComparison.Ordinal)))
        .Select(Attribute).Order(StringComparer.Ordinal));

    static string Attribute(CustomAttributeData data)
    {
        var arguments = data.ConstructorArguments.Select(argument => argument.ToString())
            .Concat(data.NamedArguments.Select(argument => argument.ToString())).ToList();
        var name = data.AttributeType.Name[..^nameof(System.Attribute).Length];
        return arguments.Count == 0 ? $" [{name}]" : $" [{name}({string.Join(", ", arguments)})]";
    }

    static string Name(Type type)
    {
        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[]";
        }

        if (!type.IsGenericType)
        {
            var foreign = type.Namespace!.StartsWith("System", StringComparison.Ordinal)
                || type.Namespace.StartsWith("Orleans", StringComparison.Ordinal);
            return foreign
                ? type.Name
                : type.FullName!.Replace("OpenLedger.Grains.", "", StringComparison.Ordinal);
        }

        var arguments = string.Join(", ", type.GetGenericArguments().Select(Name));
        return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{arguments}>";
    }
}
