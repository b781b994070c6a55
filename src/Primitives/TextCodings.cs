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
