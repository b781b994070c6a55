using System.Text;

namespace OpenLedger.Ledger;

/// <content>What was published of the log is remembered: a journal that does not lead to it has lost or changed records.</content>
public sealed partial class LedgerCore
{
    // A damaged tail of SQLite's write-ahead log reads as a journal that ends earlier, sound in itself. Going on from there would make a
    // second history under the same key; what was published tells.
    void CheckAgainstPublished(string? note)
    {
        if (note is null)
        {
            return;
        }
        Checkpoint published;
        try
        {
            var signed = SignedNote.Parse(Encoding.UTF8.GetBytes(note));
            if (!signed.Verify(signer.Verifier))
            {
                return;
            }
            published = Checkpoint.Parse(signed.Text);
        }
        catch (ProofFormatException)
        {
            // What is not this log's checkpoint, or damaged, says nothing of the journal, and is written anew with the next one.
            return;
        }
        if (published.TreeSize > log.Size)
        {
            throw new JournalCorruptException(
                LastSequence + 1,
                $"is missing: a checkpoint of {published.TreeSize} entries of the log was published, and the journal leads to {log.Size}");
        }
        if (log.RootAt(published.TreeSize) != published.Root)
        {
            throw new JournalCorruptException(
                LastSequence, $"or one before it was changed: the checkpoint published at {published.TreeSize} entries has another root");
        }
    }
}
