using System.Globalization;
using System.Text;

namespace OpenLedger.Ledger;

/// <summary>What a witness remembers: for each log the checkpoint that it cosigned last.</summary>
public interface IWitnessStore
{
    /// <summary>The checkpoint with its signatures, or null.</summary>
    string? Read(string origin);

    /// <summary>Keeps a checkpoint in place of the one before, durably, before it returns.</summary>
    void Write(string origin, string note);
}

/// <summary>What a witness answers.</summary>
/// <param name="Status">An HTTP status.</param>
/// <param name="Body">Cosignature lines, the size that the witness knows, or one sentence that says what is wrong.</param>
public sealed record WitnessAnswer(int Status, string Body)
{
    public const int Ok = 200;
    public const int BadRequest = 400;
    public const int Forbidden = 403;
    public const int NotFound = 404;
    public const int Conflict = 409;
    public const int Unprocessable = 422;

    /// <summary>Content type of the body.</summary>
    public string ContentType => Status == Conflict ? AddCheckpoint.SizeContentType : "text/plain; charset=utf-8";
}

/// <summary>
/// A witness, C2SP <c>tlog-witness</c>: cosigns a checkpoint of a log that it knows when the log has only grown since the last one.
/// Safe for several threads.
/// </summary>
/// <param name="logs">Keys of the logs; a log's origin is its key's name.</param>
/// <param name="clock">Gives the times of cosignatures.</param>
public sealed class Witness(
    CosignatureSigner signer, IReadOnlyList<NoteVerifier> logs, IWitnessStore store, TimeProvider clock)
{
    /// <summary>Logs of one witness.</summary>
    public const int LogsMax = 1_000;

    readonly Lock gate = new();
    readonly ILookup<string, NoteVerifier> keys = logs.Count <= LogsMax
        ? logs.ToLookup(log => log.Name, StringComparer.Ordinal)
        : throw new ArgumentException($"a witness has at most {LogsMax} logs", nameof(logs));

    /// <summary>Key of the cosignatures.</summary>
    public CosignatureVerifier Key => signer.Verifier;

    /// <summary>Answers <c>add-checkpoint</c>. What is cosigned is remembered durably before it is answered.</summary>
    public WitnessAnswer Add(ReadOnlySpan<byte> body)
    {
        AddCheckpoint request;
        SignedNote note;
        Checkpoint checkpoint;
        try
        {
            request = AddCheckpoint.Parse(body);
            note = SignedNote.Parse(Encoding.UTF8.GetBytes(request.CheckpointNote));
            checkpoint = Checkpoint.Parse(note.Text);
        }
        catch (ProofFormatException exception)
        {
            return new WitnessAnswer(WitnessAnswer.BadRequest, exception.Message + "\n");
        }
        if (!keys.Contains(checkpoint.Origin))
        {
            return new WitnessAnswer(WitnessAnswer.NotFound, "this witness does not know the log\n");
        }
        if (!note.Verify([.. keys[checkpoint.Origin]]))
        {
            return new WitnessAnswer(WitnessAnswer.Forbidden, "no signature of the log's key holds, or one does not\n");
        }
        if (request.OldSize > checkpoint.TreeSize)
        {
            return new WitnessAnswer(WitnessAnswer.BadRequest, "the old size is larger than that of the checkpoint\n");
        }
        lock (gate)
        {
            return Cosign(request, note, checkpoint);
        }
    }

    /// <summary>The checkpoint of a log that was cosigned last, with the cosignature; null where there is none.</summary>
    public string? Latest(string origin) => keys.Contains(origin) ? store.Read(origin) : null;

    /// <summary>The origins that this witness knows.</summary>
    public IEnumerable<string> Origins => keys.Select(group => group.Key);

    WitnessAnswer Cosign(AddCheckpoint request, SignedNote note, Checkpoint checkpoint)
    {
        var last = LastOf(checkpoint.Origin);
        if (request.OldSize != last.TreeSize)
        {
            return new WitnessAnswer(WitnessAnswer.Conflict, string.Create(CultureInfo.InvariantCulture, $"{last.TreeSize}\n"));
        }
        if (!Follows(last, checkpoint, request.Proof))
        {
            return new WitnessAnswer(
                WitnessAnswer.Unprocessable, "the proof does not show that the log has only grown since the checkpoint cosigned last\n");
        }
        var line = signer.SignatureLine(note.Text, (ulong)clock.GetUtcNow().ToUnixTimeSeconds());
        // Of the log's own signatures only; others are their owners' to hand out.
        var own = note.Signatures.Where(each => keys[checkpoint.Origin].Any(key => key.Name == each.Name && key.KeyId == each.KeyId));
        store.Write(checkpoint.Origin, $"{note.Text}\n{string.Concat(own.Select(SignedNote.LineOf))}{line}");
        return new WitnessAnswer(WitnessAnswer.Ok, line);
    }

    static bool Follows(Checkpoint last, Checkpoint next, IReadOnlyList<ContentHash> proof)
    {
        if (next.TreeSize == 0)
        {
            return proof.Count == 0 && next.Root == Merkle.EmptyRoot;
        }
        return last.TreeSize == 0
            ? proof.Count == 0
            : Merkle.VerifyConsistency(last.TreeSize, next.TreeSize, proof, last.Root, next.Root);
    }

    Checkpoint LastOf(string origin) => store.Read(origin) is { } note
        ? Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes(note)).Text)
        : new Checkpoint(origin, 0, Merkle.EmptyRoot);
}

/// <summary>A witness's memory that goes with the process: for tests alone.</summary>
public sealed class MemoryWitnessStore : IWitnessStore
{
    readonly Dictionary<string, string> notes = new(StringComparer.Ordinal);

    public string? Read(string origin) => notes.GetValueOrDefault(origin);

    public void Write(string origin, string note) => notes[origin] = note;
}
