namespace OpenLedger;

/// <summary>
/// A receipt as a file that proves itself: a C2SP <c>tlog-proof</c> whose extra data is the 16-byte salt ‖ the receipt's canonical bytes.
/// </summary>
public static class ReceiptFile
{
    /// <summary>Ending of the file's name.</summary>
    public const string Extension = ".tlog-proof";

    /// <summary>The file's bytes.</summary>
    /// <param name="salt">16 bytes.</param>
    /// <param name="canonical">The receipt's canonical bytes, with its sequence.</param>
    /// <param name="index">Index of the receipt's entry in the log.</param>
    /// <param name="hashes">Inclusion proof in the tree of the checkpoint.</param>
    /// <param name="checkpointNote">The signed checkpoint.</param>
    public static byte[] Write(
        ReadOnlySpan<byte> salt, ReadOnlySpan<byte> canonical, ulong index, IReadOnlyList<ContentHash> hashes, string checkpointNote)
    {
        var extra = new byte[LogLeaf.SaltSizeBytes + canonical.Length];
        salt.CopyTo(extra);
        canonical.CopyTo(extra.AsSpan(LogLeaf.SaltSizeBytes));
        return new TlogProof(extra, index, hashes, checkpointNote).ToBytes();
    }
}

/// <summary>What <see cref="ReceiptVerifier"/> found: <see cref="ValidReceipt"/> or <see cref="InvalidReceipt"/>.</summary>
public abstract record ReceiptVerification
{
    public bool IsValid => this is ValidReceipt;
}

/// <param name="Origin">The log that vouches for it.</param>
/// <param name="Index">Index of its entry.</param>
/// <param name="TreeSize">Entries of the log at the checkpoint.</param>
/// <param name="Root">Root of the log at the checkpoint.</param>
public sealed record ValidReceipt(string Origin, ulong Index, ulong TreeSize, ContentHash Root, Receipt Receipt) : ReceiptVerification
{
    /// <summary>Known witnesses that cosigned the checkpoint.</summary>
    public IReadOnlyList<Cosignature> Cosignatures { get; init; } = [];
}

/// <param name="Reason">One plain sentence.</param>
public sealed record InvalidReceipt(string Reason) : ReceiptVerification;

/// <summary>Verifies a receipt file offline: it needs nothing but the file and the log's public key.</summary>
public static class ReceiptVerifier
{
    /// <summary>
    /// Stricter than the formats ask: the log signs once; no extension lines; everything canonical. So no byte that the log signed can
    /// change without making the file invalid. Lines of witnesses may stand beside the log's own: unknown ones are passed over, as the
    /// signed note asks, and one of a known witness must hold.
    /// </summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="logKey">The log's verifier key, <c>name+hash+base64</c>.</param>
    /// <param name="witnesses">Whose cosignatures are asked for; null knows no witness.</param>
    /// <exception cref="ProofFormatException">The log key is not one; the file's own faults are in the result.</exception>
    public static ReceiptVerification Verify(ReadOnlySpan<byte> file, string logKey, WitnessPolicy? witnesses = null) =>
        Verify(file, NoteVerifier.Parse(logKey), witnesses);

    /// <inheritdoc cref="Verify(ReadOnlySpan{byte}, string, WitnessPolicy?)"/>
    public static ReceiptVerification Verify(ReadOnlySpan<byte> file, NoteVerifier logKey, WitnessPolicy? witnesses = null)
    {
        ArgumentNullException.ThrowIfNull(logKey);
        try
        {
            return VerifyStrictly(file, logKey, witnesses ?? WitnessPolicy.None);
        }
        catch (UserErrorException exception) when (exception is ProofFormatException or CanonicalFormatException)
        {
            return new InvalidReceipt(exception.Message);
        }
    }

    static ReceiptVerification VerifyStrictly(ReadOnlySpan<byte> file, NoteVerifier logKey, WitnessPolicy witnesses)
    {
        var proof = TlogProof.Parse(file);
        var note = SignedNote.Parse(System.Text.Encoding.UTF8.GetBytes(proof.CheckpointNote));
        var checkpoint = Checkpoint.Parse(note.Text);
        var (cosignatures, problem) = witnesses.Check(note);
        problem = CheckpointSignature.Problem(note, checkpoint, logKey, "the receipt") ?? problem;
        if (problem is not null)
        {
            return new InvalidReceipt(problem);
        }
        if (proof.Extra is not { Length: > LogLeaf.SaltSizeBytes })
        {
            return new InvalidReceipt("the file proves an entry of the log but carries no receipt");
        }
        var salt = proof.Extra.AsSpan(0, LogLeaf.SaltSizeBytes);
        var canonical = proof.Extra.AsSpan(LogLeaf.SaltSizeBytes);
        var leaf = LogLeaf.Of(LogEntryKind.Receipt, proof.Index, salt, canonical);
        if (!Merkle.VerifyInclusion(proof.Index, checkpoint.TreeSize, leaf.Hash(), proof.Hashes, checkpoint.Root))
        {
            return new InvalidReceipt(
                $"the receipt is not entry {proof.Index} of the log: it, its salt or the proof is not what the log's root vouches for");
        }
        var receipt = Receipt.FromBytes(canonical);
        return receipt.Sequence == proof.Index
            ? new ValidReceipt(checkpoint.Origin, proof.Index, checkpoint.TreeSize, checkpoint.Root, receipt)
            {
                Cosignatures = cosignatures,
            }
            : new InvalidReceipt($"the receipt says that it is entry {receipt.Sequence}, the proof says {proof.Index}");
    }
}

/// <summary>Whether a log has signed a checkpoint.</summary>
public static class CheckpointSignature
{
    /// <summary>
    /// Why the checkpoint does not count as the log's, or null: its origin, one signature of the log, no extension lines.
    /// </summary>
    /// <param name="subject">What the sentence is about.</param>
    public static string? Problem(SignedNote note, Checkpoint checkpoint, NoteVerifier logKey, string subject = "the checkpoint")
    {
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(logKey);
        if (checkpoint.Origin != logKey.Name)
        {
            return $"{subject} is of another log: its origin is '{checkpoint.Origin}', the key is that of '{logKey.Name}'";
        }
        if (checkpoint.Extensions.Count != 0)
        {
            return "the checkpoint carries lines that are not known: expected origin, size and root";
        }
        var own = note.Signatures.Where(signature => signature.Name == logKey.Name && signature.KeyId == logKey.KeyId).ToList();
        if (own.Count == 0)
        {
            var first = note.Signatures[0];
            return $"{subject} is of another log: it is signed by '{first.Name}' with key {first.KeyId:x8}, "
                + $"not by '{logKey.Name}' with key {logKey.KeyId:x8}";
        }
        if (own.Count > 1)
        {
            return "the checkpoint carries the log's signature more than once";
        }
        return note.Verify(logKey) ? null : "the signature under the checkpoint does not hold";
    }
}
