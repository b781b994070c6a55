namespace OpenLedger.Ledger;

/// <summary>The head of a log as it is about to be published.</summary>
/// <param name="Note">The checkpoint with the log's signature.</param>
/// <param name="PartialTiles">What must be durable, beside the full tiles, before anybody sees the checkpoint.</param>
public sealed record LogHead(ulong TreeSize, ContentHash Root, string Note, IReadOnlyList<TileContent> PartialTiles);

/// <content>The log as the world sees it.</content>
public sealed partial class LedgerCore
{
    (ulong TreeSize, string Note)? cosigned;

    /// <summary>The present head of the log. What it stands on is in the journal; its tiles are written by whoever publishes it.</summary>
    public LogHead Head() => new(log.Size, log.Root, SignedCheckpoint(), log.PartialTiles());

    /// <summary>
    /// From now on receipts that a cosigned checkpoint covers are exported with it: so their holder can show what witnesses saw.
    /// </summary>
    /// <param name="note">A checkpoint of this log with cosignatures.</param>
    /// <exception cref="ArgumentException">It is not of this log.</exception>
    public void UseCosigned(ulong treeSize, string note)
    {
        var checkpoint = Checkpoint.Parse(SignedNote.Parse(System.Text.Encoding.UTF8.GetBytes(note)).Text);
        if (checkpoint.TreeSize != treeSize || treeSize > log.Size || checkpoint.Root != log.RootAt(treeSize))
        {
            throw new ArgumentException("the checkpoint is not of this log", nameof(note));
        }
        if (cosigned is not { } before || before.TreeSize <= treeSize)
        {
            cosigned = (treeSize, note);
        }
    }

    // The checkpoint that proves an entry best: a cosigned one where there is one that covers it.
    (ulong TreeSize, string Note) CheckpointOver(ulong index) =>
        cosigned is { } known && index < known.TreeSize ? known : (log.Size, SignedCheckpoint());
}
