using System.Globalization;
using System.Text;

namespace OpenLedger;

/// <summary>
/// The body of <c>add-checkpoint</c>, C2SP <c>tlog-witness</c>: the size that the witness knows, a consistency proof from it, and the new
/// checkpoint. Parsing takes the canonical form only.
/// </summary>
/// <param name="OldSize">Size of the checkpoint that the witness cosigned last; 0 before the first.</param>
/// <param name="Proof">Consistency proof from there; empty from 0.</param>
/// <param name="CheckpointNote">The signed checkpoint, verbatim.</param>
public sealed record AddCheckpoint(ulong OldSize, IReadOnlyList<ContentHash> Proof, string CheckpointNote)
{
    /// <summary>Path below a witness's submission prefix.</summary>
    public const string Path = "add-checkpoint";

    /// <summary>Content type of the size that a conflict is answered with.</summary>
    public const string SizeContentType = "text/x.tlog.size";

    /// <summary>Hashes of a proof.</summary>
    public const int ProofLengthMax = 63;

    /// <summary>Bytes of a body.</summary>
    public const int SizeBytesMax = 1 << 16;

    const string OldPrefix = "old ";

    public byte[] ToBytes()
    {
        var text = new StringBuilder(OldPrefix).Append(OldSize.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (var hash in Proof)
        {
            _ = text.Append(StrictBase64.EncodeHash(hash)).Append('\n');
        }
        return Encoding.UTF8.GetBytes(text.Append('\n').Append(CheckpointNote).ToString());
    }

    /// <exception cref="ProofFormatException">Says which line is wrong.</exception>
    public static AddCheckpoint Parse(ReadOnlySpan<byte> body)
    {
        var split = body.IndexOf("\n\n"u8);
        if (body.Length > SizeBytesMax || split < 0 || !Ascii.IsValid(body[..split]))
        {
            throw new ProofFormatException($"expected lines, an empty line and a checkpoint, in at most {SizeBytesMax} bytes");
        }
        var lines = Encoding.ASCII.GetString(body[..split]).Split('\n');
        if (!lines[0].StartsWith(OldPrefix, StringComparison.Ordinal)
            || !CanonicalDecimal.TryParse(lines[0][OldPrefix.Length..], out var oldSize))
        {
            throw new ProofFormatException("line 1: expected the word old and a plain decimal number");
        }
        if (lines.Length - 1 > ProofLengthMax)
        {
            throw new ProofFormatException($"a consistency proof has at most {ProofLengthMax} hashes");
        }
        var proof = new ContentHash[lines.Length - 1];
        for (var i = 0; i < proof.Length; i++)
        {
            proof[i] = StrictBase64.TryDecodeHash(lines[i + 1], out var hash)
                ? hash
                : throw new ProofFormatException($"line {i + 2}: expected canonical base64 of a 32-byte hash");
        }
        // The note checks its own text when it is parsed.
        return new AddCheckpoint(oldSize, proof, Encoding.UTF8.GetString(body[(split + 2)..]));
    }
}
