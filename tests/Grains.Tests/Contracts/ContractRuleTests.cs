using System.Collections;
using System.Collections.Immutable;
using System.Reflection;

namespace OpenLedger.Grains.Tests.Contracts;

/// <summary>What every message, state and grain interface has to be, so that it can be sent, kept and read again later.</summary>
public sealed class ContractRuleTests
{
    [Fact]
    public void A_message_is_a_record_that_cannot_change()
    {
        var offences = new List<string>();
        foreach (var type in Generated(ContractTypes.Messages))
        {
            if (!IsRecord(type) || !(type.IsSealed || type.IsAbstract) || !type.IsDefined(typeof(ImmutableAttribute), inherit: false))
            {
                offences.Add($"{type}: a message is a sealed record with [Immutable]");
            }

            offences.AddRange(ContractTypes.DataMembers(type).Where(ContractTypes.IsSettable)
                .Select(member => $"{type}.{member.Name} can be set after construction: make it init-only"));
            offences.AddRange(ContractTypes.DataMembers(type).Where(member => IsMutable(ContractTypes.TypeOf(member)))
                .Select(member => $"{type}.{member.Name} can be changed through {ContractTypes.TypeOf(member).Name}: "
                    + "expose IReadOnlyList, IReadOnlyDictionary or ReadOnlyMemory"));
        }

        offences.Should().BeEmpty();
    }

    [Fact]
    public void Every_data_member_has_an_id_of_its_own()
    {
        var offences = new List<string>();
        foreach (var type in ContractTypes.Serialized)
        {
            offences.AddRange(ContractTypes.DataMembers(type).Except(ContractTypes.NumberedMembers(type))
                .Select(member => $"{type}.{member.Name} has no [Id]: it would not be sent"));
            var ids = ContractTypes.NumberedMembers(type).Select(ContractTypes.IdOf).ToList();
            offences.AddRange(ids.GroupBy(id => id).Where(group => group.Count() > 1).Select(group => $"{type}: id {group.Key} twice"));
        }

        offences.Should().BeEmpty();
    }

    [Fact]
    public void Everything_that_travels_has_one_alias_that_nothing_else_has()
    {
        var types = ContractTypes.Serialized.Concat(ContractTypes.GrainInterfaces).Concat(ContractTypes.Surrogates).Distinct().ToList();
        types.Where(type => ContractTypes.AliasesOf(type).Count() != 1).Should().BeEmpty("a type's name may change, its alias may not");
        types.SelectMany(ContractTypes.AliasesOf).GroupBy(alias => alias).Where(group => group.Count() > 1).Select(group => group.Key)
            .Should().BeEmpty();
        foreach (var type in ContractTypes.GrainInterfaces)
        {
            var methods = type.GetMethods();
            methods.Where(method => ContractTypes.AliasesOf(method).Count() != 1).Should().BeEmpty("methods are called by alias");
            methods.SelectMany(ContractTypes.AliasesOf).Should().OnlyHaveUniqueItems($"methods of {type} are told apart by alias");
        }
    }

    [Fact]
    public void Messages_and_states_are_made_of_what_can_be_sent()
    {
        var types = ContractTypes.Messages.Concat(ContractTypes.StateTypes).Where(type => !type.IsEnum).ToList();
        var converted = ContractTypes.All.SelectMany(type => type.GetInterfaces())
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConverter<,>))
            .Select(type => type.GetGenericArguments()[0]);
        types.Except(converted).Where(type => !type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)).Should().BeEmpty();
    }

    [Fact]
    public void State_names_are_unique_over_all_grain_classes()
    {
        var states = ContractTypes.States.ToList();
        states.Should().HaveCountGreaterThanOrEqualTo(6);
        states.GroupBy(state => state.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(state => state.Grain.Name))}")
            .Should().BeEmpty("storage keys a row by state name and grain key, and two types of grain may share a key");
    }

    [Fact]
    public void The_rules_see_an_offence()
    {
        IsMutable(typeof(byte[])).Should().BeTrue();
        IsMutable(typeof(List<int>)).Should().BeTrue();
        IsMutable(typeof(IReadOnlyList<Dictionary<string, int>>)).Should().BeTrue();
        IsMutable(typeof(IReadOnlyList<string>)).Should().BeFalse();
        IsMutable(typeof(ReadOnlyMemory<byte>?)).Should().BeFalse();
        ContractTypes.DataMembers(typeof(Offence)).Where(ContractTypes.IsSettable).Select(member => member.Name)
            .Should().Equal(nameof(Offence.Settable));
        IsRecord(typeof(Offence)).Should().BeTrue();
        IsRecord(typeof(ContractRuleTests)).Should().BeFalse();
    }

    static IEnumerable<Type> Generated(IEnumerable<Type> types) =>
        types.Where(type => !type.IsEnum && type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false));

    static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic) is not null;

    static bool IsMutable(Type type)
    {
        if (type.IsArray || (type.IsGenericType && type.GetGenericArguments().Any(IsMutable)))
        {
            return true;
        }

        if (type == typeof(string) || !type.IsAssignableTo(typeof(IEnumerable)))
        {
            return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Memory<>);
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return definition.Namespace != typeof(ImmutableArray).Namespace && definition != typeof(IReadOnlyList<>)
            && definition != typeof(IReadOnlyCollection<>) && definition != typeof(IReadOnlyDictionary<,>)
            && definition != typeof(IEnumerable<>);
    }

    sealed record Offence(int Kept)
    {
        public int Settable { get; set; }
    }
}
