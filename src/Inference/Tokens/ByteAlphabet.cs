namespace OpenLedger.Inference;

/// <summary>GPT-2's printable stand-in for each byte, in which a byte-level <c>tokenizer.json</c> spells its tokens.</summary>
/// <remarks>Radford et al. (2019), <c>bytes_to_unicode</c>: printable Latin-1 stands for itself, the rest follow from U+0100.</remarks>
static class ByteAlphabet
{
    const int CharacterLimit = 0x180;

    static readonly char[] Characters = MakeCharacters();
    static readonly short[] Bytes = MakeBytes();

    public static char ToCharacter(byte value) => Characters[value];

    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        return string.Create(bytes.Length, bytes, static (characters, source) =>
        {
            for (var index = 0; index < source.Length; index++)
            {
                characters[index] = Characters[source[index]];
            }
        });
    }

    /// <summary>The bytes that a spelling stands for, or null where a character is outside the alphabet.</summary>
    public static byte[]? Read(string spelling)
    {
        var bytes = new byte[spelling.Length];
        for (var index = 0; index < bytes.Length; index++)
        {
            var character = spelling[index];
            if (character >= CharacterLimit || Bytes[character] < 0)
            {
                return null;
            }
            bytes[index] = (byte)Bytes[character];
        }
        return bytes;
    }

    static char[] MakeCharacters()
    {
        var characters = new char[256];
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is >= 0x21 and <= 0x7E or >= 0xA1 and <= 0xAC or >= 0xAE;
            characters[value] = printable ? (char)value : (char)next++;
        }
        return characters;
    }

    static short[] MakeBytes()
    {
        var bytes = new short[CharacterLimit];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++)
        {
            bytes[Characters[value]] = (short)value;
        }
        return bytes;
    }
}
