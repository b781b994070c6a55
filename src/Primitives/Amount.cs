using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json.Serialization;

namespace OpenLedger;

/// <summary>
/// A sum of money in atto-OPEN (10⁻¹⁸ OPEN): an exact, unsigned integer end to end, never floating point.
/// Arithmetic is checked: a result below zero or above 2¹²⁸ − 1 throws <see cref="OverflowException"/>.
/// The text form has a whole part without leading zeros and always 18 decimals: <c>1.500000000000000000</c>.
/// </summary>
[JsonConverter(typeof(AmountJsonConverter))]
public readonly record struct Amount : IComparable<Amount>, ISpanFormattable,
    IAdditionOperators<Amount, Amount, Amount>, ISubtractionOperators<Amount, Amount, Amount>,
    IComparisonOperators<Amount, Amount, bool>, IAdditiveIdentity<Amount, Amount>
{
    /// <summary>Decimal places of one OPEN.</summary>
    public const int Decimals = 18;

    /// <summary>Whole OPEN that can ever exist.</summary>
    public const ulong SupplyOpen = 1_000_000_000;

    // The longest text is the largest UInt128: 21 digits, the point, and 18 decimals.
    const int TextLengthMax = 40;
    static readonly UInt128 attoPerOpen = 1_000_000_000_000_000_000;

    Amount(UInt128 atto) => Atto = atto;

    /// <summary>The sum in atto-OPEN.</summary>
    public UInt128 Atto { get; }

    public static Amount Zero => default;

    /// <summary>One OPEN.</summary>
    public static Amount One => new(attoPerOpen);

    /// <summary>The whole supply: 1,000,000,000 OPEN.</summary>
    public static Amount Supply => new(attoPerOpen * SupplyOpen);

    public static Amount MaxValue => new(UInt128.MaxValue);

    static Amount IAdditiveIdentity<Amount, Amount>.AdditiveIdentity => default;

    public bool IsZero => Atto == UInt128.Zero;

    public static Amount FromAtto(UInt128 atto) => new(atto);

    /// <summary>A whole number of OPEN.</summary>
    public static Amount FromOpen(ulong open) => new(checked(attoPerOpen * open));

    public static Amount operator +(Amount left, Amount right) => new(checked(left.Atto + right.Atto));

    public static Amount operator -(Amount left, Amount right) => new(checked(left.Atto - right.Atto));

    /// <summary>A price times a count, checked; a negative count throws <see cref="OverflowException"/>.</summary>
    public static Amount operator *(Amount price, long count) => new(checked(price.Atto * (UInt128)count));

    public static Amount operator *(long count, Amount price) => price * count;

    public static bool operator <(Amount left, Amount right) => left.Atto < right.Atto;

    public static bool operator >(Amount left, Amount right) => left.Atto > right.Atto;

    public static bool operator <=(Amount left, Amount right) => left.Atto <= right.Atto;

    public static bool operator >=(Amount left, Amount right) => left.Atto >= right.Atto;

    public static Amount Min(Amount left, Amount right) => left <= right ? left : right;

    public static Amount Max(Amount left, Amount right) => left >= right ? left : right;

    /// <summary>The sum of all, checked.</summary>
    public static Amount Sum(IEnumerable<Amount> amounts)
    {
        ArgumentNullException.ThrowIfNull(amounts);
        var sum = UInt128.Zero;
        foreach (var amount in amounts)
        {
            sum = checked(sum + amount.Atto);
        }
        return new Amount(sum);
    }

    /// <summary>
    /// Floor of this amount times <paramref name="numerator"/> over <paramref name="denominator"/>, with a 256-bit product.
    /// </summary>
    /// <exception cref="DivideByZeroException">The denominator is zero.</exception>
    /// <exception cref="OverflowException">The quotient does not fit.</exception>
    public Amount MultiplyDivide(UInt128 numerator, UInt128 denominator)
    {
        var quotient = (BigInteger)Atto * numerator / denominator;
        return new Amount((UInt128)quotient);
    }

    /// <summary>Parses digits with at most 18 decimals: no sign, no exponent, no spaces, no separators, no leading zeros.</summary>
    /// <exception cref="AmountFormatException">The text is not an amount.</exception>
    public static Amount Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var amount) ? amount : throw new AmountFormatException(text.ToString());

    /// <inheritdoc cref="Parse(ReadOnlySpan{char})"/>
    public static Amount Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.AsSpan());
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Amount)"/>
    public static bool TryParse([NotNullWhen(true)] string? text, out Amount amount) => TryParse(text.AsSpan(), out amount);

    /// <summary>As <see cref="Parse(string)"/>, without the exception.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Amount amount)
    {
        amount = default;
        if (text.Length is 0 or > TextLengthMax)
        {
            return false;
        }
        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? [] : text[(point + 1)..];
        if (whole.Length == 0 || (whole.Length > 1 && whole[0] == '0'))
        {
            return false;
        }
        if (point >= 0 && fraction.Length is 0 or > Decimals)
        {
            return false;
        }
        if (!TryDigits(whole, out var wholeOpen) || !TryDigits(fraction, out var atto))
        {
            return false;
        }
        for (var i = fraction.Length; i < Decimals; i++)
        {
            atto *= 10;
        }
        if (wholeOpen > (UInt128.MaxValue - atto) / attoPerOpen)
        {
            return false;
        }
        amount = new Amount((wholeOpen * attoPerOpen) + atto);
        return true;
    }

    // At most 40 digits reach this; a whole part of more than 21 is refused before it could wrap.
    static bool TryDigits(ReadOnlySpan<char> digits, out UInt128 value)
    {
        value = UInt128.Zero;
        if (digits.Length > 21)
        {
            return false;
        }
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }
            value = (value * 10) + (UInt128)(digit - '0');
        }
        return true;
    }

    public int CompareTo(Amount other) => Atto.CompareTo(other.Atto);

    public override string ToString()
    {
        Span<char> text = stackalloc char[TextLengthMax];
        return TryFormat(text, out var length, default, null) ? text[..length].ToString() : throw new InvalidOperationException();
    }

    /// <summary>The form of <see cref="ToString()"/>; the format and the culture are ignored, as money has one text form.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc cref="ToString(string, IFormatProvider)"/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        var (whole, fraction) = UInt128.DivRem(Atto, attoPerOpen);
        charsWritten = 0;
        if (!whole.TryFormat(destination, out var wholeLength, default, CultureInfo.InvariantCulture)
            || destination.Length < wholeLength + 1 + Decimals)
        {
            return false;
        }
        destination[wholeLength] = '.';
        _ = ((ulong)fraction).TryFormat(destination[(wholeLength + 1)..], out _, "D18", CultureInfo.InvariantCulture);
        charsWritten = wholeLength + 1 + Decimals;
        return true;
    }
}

/// <summary>A text that should be an amount of OPEN is not one.</summary>
public sealed class AmountFormatException : UserErrorException
{
    public AmountFormatException(string text)
        : base($"'{Shown(text)}' is not an amount of OPEN: write digits with at most 18 decimals, like 12 or 0.25")
    {
    }

    static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
