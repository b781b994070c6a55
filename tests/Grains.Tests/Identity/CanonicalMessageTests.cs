using System.Reflection;
using OpenLedger.Grains.Identity;
using OpenLedger.Grains.Ledger;
using OpenLedger.Grains.Tests.Contracts;

namespace OpenLedger.Grains.Tests.Identity;

/// <summary>Every message has one canonical form, and every member of it, at any depth, is in it.</summary>
public sealed class CanonicalMessageTests
{
    const int SeedsPerType = 8;

    public static TheoryData<string> SignedTypes { get; } =
    [
        .. ForgedCall.AllMethods.Where(ForgedCall.IsSigned)
            .SelectMany(method => method.GetParameters()).Select(parameter => parameter.ParameterType)
            .Select(type => type.IsGenericType ? type.GetGenericArguments()[0] : type)
            .Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            .Distinct().Select(type => type.FullName!),
    ];

    [Theory]
    [MemberData(nameof(SignedTypes))]
    public void Any_change_of_any_member_changes_the_bytes(string name)
    {
        var type = ContractTypes.All.Single(each => each.FullName == name);
        for (var seed = 1; seed <= SeedsPerType; seed++)
        {
            var message = new Samples(seed).Make(type);
            Bytes(type, message).Should().Be(Bytes(type, new Samples(seed).Make(type)), "equal messages have equal bytes");
            foreach (var changed in Changes(message, seed + 1_000))
            {
                Samples.Describe(changed).Should().NotBe(Samples.Describe(message));
                Bytes(type, changed).Should().NotBe(Bytes(type, message));
            }
        }
    }

    [Fact]
    public void What_holds_a_list_or_map_is_of_no_account()
    {
        string[] array = ["a", "b"];
        RequestBody.Of<IReadOnlyList<string>>(array).Should().Be(RequestBody.Of<IReadOnlyList<string>>(new List<string>(array)));
        var forward = new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 };
        var descending = Comparer<string>.Create((x, y) => string.CompareOrdinal(y, x));
        var backward = new SortedDictionary<string, int>(descending) { ["a"] = 1, ["b"] = 2 };
        RequestBody.Of<IReadOnlyDictionary<string, int>>(forward).Should().Be(RequestBody.Of<IReadOnlyDictionary<string, int>>(backward));
    }

    [Fact]
    public void Neighbours_do_not_run_into_each_other()
    {
        RequestBody.Of("ab", "c").Should().NotBe(RequestBody.Of("a", "bc"));
        RequestBody.Of("a", "").Should().NotBe(RequestBody.Of("", "a"));
        RequestBody.Of<string?>(null).Should().NotBe(RequestBody.Of<string?>("")).And.NotBe(RequestBody.Nothing);
        RequestBody.Of<IReadOnlyList<string>>(["a", "b"]).Should().NotBe(RequestBody.Of<IReadOnlyList<string>>(["ab"]));
        RequestBody.Of(1, 2).Should().NotBe(RequestBody.Of(2, 1));
        RequestBody.Of(1).Should().NotBe(RequestBody.Of(1u));
    }

    [Fact]
    public void The_bytes_are_those_that_the_documentation_describes()
    {
        var writer = new CanonicalWriter();
        CanonicalMessage<TransferOutcome>.Write(writer, new TransferOutcome("id", true, "ok"));
        Convert.ToHexStringLower(writer.Written).Should().Be(
            "09" + "0019" + Convert.ToHexStringLower("openledger.ledger.outcome"u8) + "0004"
            + "00000000" + "04" + "00000002" + "6964"
            + "00000001" + "03" + "01"
            + "00000002" + "04" + "00000002" + "6f6b"
            + "00000003" + "03" + "00");
    }

    [Fact]
    public void A_type_without_a_canonical_form_is_named()
    {
        var act = () => RequestBody.Of(new object());
        act.Should().Throw<Exception>().Where(exception => exception.GetBaseException().Message.Contains("no canonical form"));
    }

    static string Bytes(Type type, object message) => (string)typeof(CanonicalMessageTests)
        .GetMethod(nameof(Hex), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type).Invoke(null, [message])!;

    static string Hex<T>(T message)
    {
        var writer = new CanonicalWriter();
        CanonicalMessage<T>.Write(writer, message);
        return Convert.ToHexStringLower(writer.Written);
    }

    /// <summary>Copies of a message, in each of which one member, its own or one deeper down, is another.</summary>
    static IEnumerable<object> Changes(object message, int seed)
    {
        foreach (var property in message.GetType().GetProperties().Where(each => each.IsDefined(typeof(IdAttribute), inherit: false)))
        {
            var value = property.GetValue(message)!;
            yield return With(message, property, Another(property.PropertyType, value, seed));
            if (value.GetType().IsDefined(typeof(GenerateSerializerAttribute), inherit: false) && !value.GetType().IsEnum)
            {
                foreach (var inner in Changes(value, seed))
                {
                    yield return With(message, property, inner);
                }
            }
        }
    }

    static object Another(Type type, object value, int seed)
    {
        if (value is bool truth)
        {
            return !truth;
        }

        if (value is Enum)
        {
            return Enum.GetValues(value.GetType()).Cast<object>().First(each => !each.Equals(value));
        }

        while (true)
        {
            var made = new Samples(seed++).Make(type);
            if (Samples.Describe(made) != Samples.Describe(value))
            {
                return made;
            }
        }
    }

    static object With(object message, PropertyInfo property, object value)
    {
        var copy = message.GetType().GetMethod("<Clone>$")!.Invoke(message, null)!;
        property.SetValue(copy, value);
        return copy;
    }
}
