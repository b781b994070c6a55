using System.Globalization;
using System.Text;

namespace OpenLedger;

/// <summary>
/// An inclusion proof with the checkpoint that it leads to, C2SP <c>tlog-proof</c>, version 1. Parsing takes the canonical form only.
/// </summary>
/// <param name="Extra">Opaque bytes of the application, not authenticated by the format; null leaves the line out.</param>
/// <param name="Index">Zero-based index of the entry.</param>
/// <param name="Hashes">From the leaf's sibling up to the root's child.</param>
/// <param name="CheckpointNote">The signed checkpoint, verbatim.</param>
public sealed record TlogProof(byte[]? Extra, ulong Index, IReadOnlyList<ContentHash> Hashes, string CheckpointNote)
{
    /// <summary>The first line of every proof.</summary>
    public const string Header = "c2sp.org/tlog-proof@v1";

    /// <summary>Bytes that a proof may have.</summary>
    public const int SizeBytesMax = 4 << 20;

    static readonly UTF8Encoding strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public byte[] ToBytes()
    {
        var text = new StringBuilder(Header).Append('\n');
        if (Extra is not null)
        {
            _ = text.Append("extra ").Append(Convert.ToBase64String(Extra)).Append('\n');
        }
        _ = text.Append("index ").Append(Index.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (var hash in Hashes)
        {
            _ = text.Append(StrictBase64.EncodeHash(hash)).Append('\n');
        }
        return strictUtf8.GetBytes(text.Append('\n').Append(CheckpointNote).ToString());
    }

    /// <exception cref="ProofFormatException">Says which line is wrong.</exception>
    public static TlogProof Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > SizeBytesMax)
        {
            throw new ProofFormatException($"a proof has at most {SizeBytesMax} bytes; this file has {bytes.Length}");
        }
        string text;
        try
        {
            text = strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new ProofFormatException("the file is not UTF-8 text");
        }
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || !text.StartsWith(Header + "\n", StringComparison.Ordinal))
        {
            throw new ProofFormatException($"the file is not a transparency log proof: its first line should be {Header}");
        }
        var lines = text[..split].Split('\n');
        var at = 1;
        byte[]? extra = null;
        if (lines.Length > at && lines[at].StartsWith("extra ", StringComparison.Ordinal))
        {
            if (!StrictBase64.TryDecode(lines[at]["extra ".Length..], out extra))
            {
                throw new ProofFormatException($"line {at + 1}: the extra data is not canonical base64");
            }
            at++;
        }
        if (lines.Length <= at || !lines[at].StartsWith("index ", StringComparison.Ordinal)
            || !CanonicalDecimal.TryParse(lines[at]["index ".Length..], out var index))
        {
            throw new ProofFormatException($"line {at + 1}: expected the word index and a plain decimal number");
        }
        var hashes = ParseHashes(lines, at + 1);
        return new TlogProof(extra, index, hashes, text[(split + 2)..]);
    }

    static List<ContentHash> ParseHashes(string[] lines, int from)
    {
        if (lines.Length - from > Merkle.ProofLengthMax)
        {
            throw new ProofFormatException($"an inclusion proof has at most {Merkle.ProofLengthMax} hashes");
        }
        var hashes = new List<ContentHash>(lines.Length - from);
        for (var i = from; i < lines.Length; i++)
        {
            hashes.Add(StrictBase64.TryDecodeHash(lines[i], out var hash)
                ? hash
                : throw new ProofFormatException($"line {i + 1}: expected canonical base64 of a 32-byte hash"));
        }
        return hashes;
    }
}
