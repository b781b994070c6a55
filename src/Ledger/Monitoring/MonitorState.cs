using System.Text;

namespace OpenLedger.Ledger;

/// <summary>
/// What a monitor has seen of a log: the last checkpoint that it verified, and the tree up to it, recomputed from entries.
/// </summary>
/// <param name="CheckpointNote">The signed checkpoint, verbatim.</param>
/// <param name="Nodes">Roots of the perfect subtrees up to it, the largest first.</param>
public sealed record MonitorState(string CheckpointNote, IReadOnlyList<ContentHash> Nodes)
{
    /// <summary>The first line of the text form.</summary>
    const string Header = "openledger monitor 1";

    /// <summary>
    /// A text: the header, a line of base64 for each node, an empty line, the signed checkpoint.
    /// </summary>
    public string ToText()
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (var node in Nodes)
        {
            _ = text.Append(Convert.ToBase64String(node.ToArray())).Append('\n');
        }
        return text.Append('\n').Append(CheckpointNote).ToString();
    }

    /// <summary>Reads the text form, and checks that the nodes lead to the checkpoint's root.</summary>
    /// <exception cref="MonitorStateException">The text is damaged.</exception>
    public static MonitorState Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = split < 0 ? [] : text[..split].Split('\n');
        if (lines.Length == 0 || lines[0] != Header)
        {
            throw new MonitorStateException($"its first line should be '{Header}'");
        }
        try
        {
            var nodes = lines[1..].Select(line => new ContentHash(Convert.FromBase64String(line)));
            var state = new MonitorState(text[(split + 2)..], [.. nodes]);
            return state.Range().Root() == state.Checkpoint().Root
                ? state
                : throw new MonitorStateException("its hashes do not lead to the root of its checkpoint");
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or ProofFormatException)
        {
            throw new MonitorStateException(exception.Message);
        }
    }

    /// <summary>The checkpoint without its signatures.</summary>
    public Checkpoint Checkpoint() => OpenLedger.Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes(CheckpointNote)).Text);

    internal CompactRange Range() => CompactRange.Restore(Checkpoint().TreeSize, [.. Nodes]);
}

/// <summary>What a monitor remembers is damaged.</summary>
public sealed class MonitorStateException(string problem)
    : UserErrorException($"the monitor's state is damaged ({problem}): restore it, or begin anew with another --state folder");

/// <summary>What a monitor found at one look at a log.</summary>
/// <param name="Fault">What the log was caught at; <see cref="LogFault.None"/> when all is well.</param>
/// <param name="Message">One sentence.</param>
/// <param name="OldSize">Entries that were known before.</param>
/// <param name="NewSize">Entries of the checkpoint that was looked at.</param>
/// <param name="EntriesRead">Entries that were hashed.</param>
/// <param name="Evidence">Signed checkpoints, and what else shows the fault, verbatim.</param>
public sealed record MonitorReport(
    LogFault Fault, string Message, ulong OldSize, ulong NewSize, ulong EntriesRead, IReadOnlyList<string> Evidence)
{
    /// <summary>Whether all is well.</summary>
    public bool Holds => Fault == LogFault.None;

    /// <summary>What to remember; null when nothing new was verified.</summary>
    public MonitorState? State { get; init; }

    /// <summary>Known witnesses that cosigned the checkpoint.</summary>
    public IReadOnlyList<Cosignature> Cosignatures { get; init; } = [];
}
