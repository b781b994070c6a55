using System.Text;

namespace OpenLedger.Inference;

/// <summary>Turns tokens into text as they come, holding back the bytes of a character that is not whole yet.</summary>
public sealed class StreamingDecoder(Tokenizer tokenizer, bool skipSpecial = true)
{
    /// <summary>Most bytes of one character.</summary>
    const int CharacterBytesMax = 4;

    readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>The text that the token completes; empty while a character is still open.</summary>
    public string Append(int token) =>
        skipSpecial && tokenizer.IsSpecial(token) ? "" : Convert(tokenizer.BytesOf(token), flush: false);

    /// <summary>What is left at the end: U+FFFD where a character was cut, else nothing. The decoder can be used anew.</summary>
    public string Finish() => Convert([], flush: true);

    string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length + CharacterBytesMax)];
        return new string(characters, 0, _decoder.GetChars(bytes, characters, flush));
    }
}
