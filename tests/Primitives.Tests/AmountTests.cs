using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace OpenLedger.Primitives.Tests;

public sealed class AmountTests
{
    static readonly Gen<Amount> amounts =
        from high in ArbMap.Default.GeneratorFor<ulong>()
        from low in ArbMap.Default.GeneratorFor<ulong>()
        from shift in Gen.Choose(0, 127)
        select Amount.FromAtto(new UInt128(high * 0x9E3779B97F4A7C15, low * 0xC2B2AE3D27D4EB4F) >> shift);

    [Theory]
    [InlineData("0", "0.000000000000000000")]
    [InlineData("1", "1.000000000000000000")]
    [InlineData("0.5", "0.500000000000000000")]
    [InlineData("12.000000000000000001", "12.000000000000000001")]
    [InlineData("1000000000", "1000000000.000000000000000000")]
    [InlineData("340282366920938463463.374607431768211455", "340282366920938463463.374607431768211455")]
    public void Text_is_parsed_and_written_with_18_decimals(string text, string written) =>
        Amount.Parse(text).ToString().Should().Be(written);

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("01")]
    [InlineData("00")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1e3")]
    [InlineData("1,5")]
    [InlineData("1_000")]
    [InlineData("0x10")]
    [InlineData("1.0.0")]
    [InlineData("١")]
    [InlineData("0.0000000000000000001")]
    [InlineData("340282366920938463463.374607431768211456")]
    [InlineData("340282366920938463464")]
    [InlineData("9999999999999999999999")]
    [InlineData("99999999999999999999999999999999999999999")]
    [InlineData("NaN")]
    public void What_is_not_plain_digits_is_refused(string text)
    {
        Amount.TryParse(text, out _).Should().BeFalse();
        FluentActions.Invoking(() => Amount.Parse(text)).Should().Throw<AmountFormatException>().WithMessage($"'{text}' is not an amount*");
    }

    [Fact]
    public void Every_amount_reads_back_what_it_wrote() =>
        Prop.ForAll(
            amounts.ToArbitrary(),
            amount => Amount.Parse(amount.ToString()) == amount && amount.ToString().Split('.')[1].Length == 18)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Sums_and_differences_are_exact_or_refused() =>
        Prop.ForAll(
            amounts.ToArbitrary(),
            amounts.ToArbitrary(),
            (left, right) => (left.Atto > UInt128.MaxValue - right.Atto
                ? Overflows(() => left + right)
                : (left + right) - right == left)
                && (right > left ? Overflows(() => left - right) : (left - right) + right == left))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_price_times_a_count_is_exact_or_refused()
    {
        (Amount.Parse("0.000000000000000003") * 7).Should().Be(Amount.FromAtto(21));
        (5 * Amount.One).Should().Be(Amount.FromOpen(5));
        Overflows(() => Amount.Supply * long.MaxValue).Should().BeTrue();
        Overflows(() => Amount.One * -1).Should().BeTrue();
    }

    [Fact]
    public void A_fraction_is_floored_over_a_256_bit_product()
    {
        Amount.FromAtto(10).MultiplyDivide(1, 3).Should().Be(Amount.FromAtto(3));
        Amount.MaxValue.MultiplyDivide(UInt128.MaxValue, UInt128.MaxValue).Should().Be(Amount.MaxValue);
        Overflows(() => Amount.MaxValue.MultiplyDivide(2, 1)).Should().BeTrue();
        FluentActions.Invoking(() => Amount.One.MultiplyDivide(1, 0)).Should().Throw<DivideByZeroException>();
    }

    [Fact]
    public void The_supply_is_a_billion_OPEN() => Amount.Supply.ToString().Should().Be("1000000000.000000000000000000");

    [Fact]
    public void Json_carries_a_string_and_takes_no_number()
    {
        JsonSerializer.Serialize(Amount.Parse("1.5")).Should().Be("\"1.500000000000000000\"");
        JsonSerializer.Deserialize<Amount>("\"1.5\"").Should().Be(Amount.Parse("1.5"));
        FluentActions.Invoking(() => JsonSerializer.Deserialize<Amount>("1.5")).Should().Throw<JsonException>();
    }

    static bool Overflows(Func<Amount> calculation)
    {
        try
        {
            _ = calculation();
            return false;
        }
        catch (OverflowException)
        {
            return true;
        }
    }
}
