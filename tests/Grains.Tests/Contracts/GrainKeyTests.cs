using System.Globalization;
using System.Numerics;
using System.Reflection;
using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Grains.Tests.Contracts;

/// <summary>
/// Keys are typed texts. Orleans' ADO.NET storage reads a key that is a Guid or a hexadecimal number as one, so that two grains of
/// different keys could share a row: no key of ours is either.
/// </summary>
public sealed class GrainKeyTests
{
    public static TheoryData<string> Prefixes { get; } =
    [
        .. typeof(GrainKeys).GetFields().Where(field => field.IsLiteral && field.FieldType == typeof(string))
            .Select(field => (string)field.GetRawConstantValue()!),
    ];

    public static TheoryData<string> Constructors { get; } =
    [
        .. typeof(GrainKeys).GetMethods().Where(method => method.IsStatic && method.ReturnType == typeof(string))
            .Select(method => method.Name),
    ];

    [Fact]
    public void Every_grain_interface_is_called_by_a_typed_text()
    {
        ContractTypes.GrainInterfaces.Should().OnlyContain(type => type.IsAssignableTo(typeof(IGrainWithStringKey)));
        var prefixes = ContractTypes.GrainInterfaces.Select(type => type.GetCustomAttribute<KeyPrefixAttribute>()?.Prefix).ToList();
        prefixes.Should().OnlyContain(prefix => prefix != null && Prefixes.Select(row => row.Data).Contains(prefix));
    }

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void A_prefix_is_lower_case_letters_and_an_underscore(string prefix) =>
        prefix.Should().MatchRegex("^[a-z]{2,8}_$", "an underscore is in no hexadecimal number and in no Guid");

    [Theory]
    [MemberData(nameof(Constructors))]
    public void What_a_constructor_makes_is_neither_a_number_nor_a_Guid(string constructor)
    {
        var make = typeof(GrainKeys).GetMethod(constructor)!.CreateDelegate<Func<string, string>>();
        string[] names = ["0", "ff", "deadbeef", "00000000000000000000000000000001", "6f9619ff-8b86-d011-b42d-00c04fc964ff", "a b/ü", "-1"];
        foreach (var name in names)
        {
            AssertTyped(make(name));
        }

        Prop.ForAll<NonEmptyString>(name => AssertTyped(make(name.Get))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Requests_of_different_ids_have_different_keys()
    {
        GrainKeys.OfRequest("one").Should().Be(GrainKeys.OfRequest("one")).And.NotBe(GrainKeys.OfRequest("two"));
        GrainKeys.OfRequest(new string('x', 100_000)).Length.Should().Be(GrainKeys.Request.Length + 32);
    }

    [Theory]
    [InlineData("deadbeef")]
    [InlineData("dn_")]
    [InlineData("ad_words")]
    [InlineData("DN_words")]
    [InlineData("")]
    public void A_key_of_another_type_is_refused(string key)
    {
        var require = () => GrainKeys.Require(key, GrainKeys.Datanet, "a Datanet");
        require.Should().Throw<RefusedException>().WithMessage($"'{key}' is not the id of a Datanet: such an id begins with dn_*");
    }

    [Fact]
    public void A_key_that_the_storage_does_not_take_is_refused()
    {
        GrainKeys.Require("dn_" + new string('x', GrainKeys.CharactersMax - 3), GrainKeys.Datanet, "a Datanet");
        var require = () => GrainKeys.Require("dn_" + new string('x', GrainKeys.CharactersMax - 2), GrainKeys.Datanet, "a Datanet");
        require.Should().Throw<RefusedException>();
    }

    static void AssertTyped(string key)
    {
        Prefixes.Select(row => row.Data).Count(prefix => key.StartsWith(prefix, StringComparison.Ordinal)).Should().Be(1);
        Guid.TryParse(key, out _).Should().BeFalse();
        BigInteger.TryParse(key, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _).Should().BeFalse();
        BigInteger.TryParse(key, NumberStyles.Integer, CultureInfo.InvariantCulture, out _).Should().BeFalse();
        var id = GrainId.Create("contract", key);
        id.TryGetGuidKey(out _, out _).Should().BeFalse();
        id.TryGetIntegerKey(out _, out _).Should().BeFalse();
    }
}
