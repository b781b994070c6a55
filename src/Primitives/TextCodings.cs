using System.Globalization;

namespace OpenLedger;

/// <summary>Hex in lower case only, so that a value has one text form.</summary>
static class LowerHex
{
    /// <summary>False unless the text is exactly two lower-case digits for each byte of the destination.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != 2 * bytes.Length)
        {
            return false;
        }
        for (var i = 0; i < bytes.Length; i++)
        {
            var high = Digit(text[2 * i]);
            var low = Digit(text[(2 * i) + 1]);
            if (high < 0 || low < 0)
            {
                return false;
            }
            bytes[i] = (byte)((high << 4) | low);
        }
        return true;
    }

    static int Digit(char digit) => digit switch
    {
        >= '0' and <= '9' => digit - '0',
        >= 'a' and <= 'f' => digit - 'a' + 10,
        _ => -1,
    };
}

/// <summary>Base 32 of RFC 4648 in lower case and without padding; decoding refuses spare bits that are not zero.</summary>
static class LowerBase32
{
    const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[TextLength(bytes.Length)];
        uint bits = 0;
        var count = 0;
        var at = 0;
        foreach (var value in bytes)
        {
            bits = (bits << 8) | value;
            count += 8;
            while (count >= 5)
            {
                count -= 5;
                text[at++] = Alphabet[(int)((bits >> count) & 31)];
            }
        }
        if (count > 0)
        {
            text[at] = Alphabet[(int)((bits << (5 - count)) & 31)];
        }
        return new string(text);
    }

    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != TextLength(bytes.Length))
        {
            return false;
        }
        uint bits = 0;
        var count = 0;
        var at = 0;
        foreach (var digit in text)
        {
            var value = digit switch
            {
                >= 'a' and <= 'z' => digit - 'a',
                >= '2' and <= '7' => digit - '2' + 26,
                _ => -1,
            };
            if (value < 0)
            {
                return false;
            }
            bits = (bits << 5) | (uint)value;
            count += 5;
            if (count >= 8)
            {
                count -= 8;
                bytes[at++] = (byte)(bits >> count);
            }
        }
        return (bits & ((1u << count) - 1)) == 0;
    }

    static int TextLength(int sizeBytes) => ((8 * sizeBytes) + 4) / 5;
}

/// <summary>Base 64 of RFC 4648, section 4, canonical form only: padded, no white space, spare bits zero.</summary>
static class StrictBase64
{
    public static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length % 4 != 0)
        {
            return false;
        }
        var decoded = new byte[text.Length / 4 * 3];
        if (!Convert.TryFromBase64String(text, decoded, out var sizeBytes))
        {
            return false;
        }
        // The platform's decoder forgives white space and spare bits; what does not encode to itself is not canonical.
        bytes = decoded[..sizeBytes];
        return Convert.ToBase64String(bytes) == text;
    }

    public static bool TryDecodeHash(string text, out ContentHash hash)
    {
        var decoded = TryDecode(text, out var bytes) && bytes.Length == ContentHash.SizeBytes;
        hash = decoded ? new ContentHash(bytes) : default;
        return decoded;
    }

    public static string EncodeHash(ContentHash hash)
    {
        Span<byte> bytes = stackalloc byte[ContentHash.SizeBytes];
        hash.CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }
}

/// <summary>Unsigned decimals without leading zeros, so that a number has one text form.</summary>
static class CanonicalDecimal
{
    public static bool TryParse(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
        && value.ToString(CultureInfo.InvariantCulture) == text;
}
