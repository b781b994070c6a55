using System.Globalization;

namespace OpenLedger;

/// <summary>
/// The head of a log, C2SP <c>tlog-checkpoint</c>: origin, tree size, root, and lines of extension (which we write none of).
/// </summary>
public sealed record Checkpoint(string Origin, ulong TreeSize, ContentHash Root)
{
    /// <summary>Opaque lines after the root; empty in ours.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>The text that is signed.</summary>
    public string ToText() =>
        $"{Origin}\n{TreeSize.ToString(CultureInfo.InvariantCulture)}\n{StrictBase64.EncodeHash(Root)}\n"
        + string.Concat(Extensions.Select(line => line + "\n"));

    /// <summary>The signed note over <see cref="ToText"/>.</summary>
    public string Sign(params ReadOnlySpan<NoteSigner> signers) => SignedNote.Sign(ToText(), signers);

    /// <exception cref="ProofFormatException">Says which line is wrong.</exception>
    public static Checkpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.Split('\n');
        if (lines.Length < 4 || lines[^1].Length != 0 || lines[..^1].Any(line => line.Length == 0))
        {
            throw new ProofFormatException("a checkpoint has at least three lines, none of them empty: origin, tree size, root");
        }
        if (!CanonicalDecimal.TryParse(lines[1], out var treeSize))
        {
            throw new ProofFormatException("line 2 of the checkpoint, the tree size, is not a plain decimal number");
        }
        if (!StrictBase64.TryDecodeHash(lines[2], out var root))
        {
            throw new ProofFormatException("line 3 of the checkpoint, the root, is not canonical base64 of 32 bytes");
        }
        return new Checkpoint(lines[0], treeSize, root) { Extensions = lines[3..^1] };
    }
}
