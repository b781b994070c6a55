using System.Buffers.Binary;
using System.Text;

namespace OpenLedger.Ledger;

/// <summary>
/// Follows a log from outside: its checkpoint must be signed and contain the last one seen, its tiles lead to the signed root, and its
/// entries have the hashes of the tiles. Every entry is read, so that the root is recomputed and not believed.
/// </summary>
/// <param name="logKey">The log's key; its name is the origin.</param>
/// <param name="witnesses">Whose cosignatures are asked for; null asks for none.</param>
public sealed class LogMonitor(NoteVerifier logKey, ILogSource source, WitnessPolicy? witnesses = null)
{
    /// <summary>Receipts that are looked for at once.</summary>
    public const int ReceiptsMax = 1_000;

    /// <summary>Looks at the log once.</summary>
    /// <param name="state">What was seen before; null the first time.</param>
    /// <param name="full">Reads the entries from the first one on, and not only those that are new.</param>
    /// <param name="peers">Checkpoints of this log that others saw: monitors, witnesses, receipts.</param>
    /// <param name="receipts">Receipt files whose entries must be in the log.</param>
    /// <exception cref="LogUnreachableException">The log does not answer: nothing is known.</exception>
    public async Task<MonitorReport> Look(
        MonitorState? state, bool full, IReadOnlyList<string> peers, IReadOnlyList<byte[]> receipts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(peers);
        ArgumentNullException.ThrowIfNull(receipts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(receipts.Count, ReceiptsMax);
        var look = new LogLook(logKey, source, witnesses ?? WitnessPolicy.None, state);
        try
        {
            await look.Verify(full, peers, receipts, cancellation);
            return look.Report(LogFault.None, look.Summary);
        }
        catch (LogFaultException exception)
        {
            return look.Report(exception.Fault, exception.Message);
        }
    }
}

/// <summary>One look of a monitor.</summary>
sealed class LogLook(NoteVerifier logKey, ILogSource source, WitnessPolicy witnesses, MonitorState? state)
{
    readonly List<string> evidence = state is null ? [] : [state.CheckpointNote];
    readonly Checkpoint? seen = state?.Checkpoint();
    Checkpoint? checkpoint;
    string note = "";
    IReadOnlyList<Cosignature> cosignatures = [];
    CompactRange? range;
    ulong entriesRead;

    ulong OldSize => seen?.TreeSize ?? 0;

    public string Summary => checkpoint!.TreeSize == OldSize && seen is not null
        ? $"the log has {OldSize} entries, as before"
        : $"the log grew from {OldSize} to {checkpoint.TreeSize} entries";

    public MonitorReport Report(LogFault fault, string message) =>
        new(fault, message, OldSize, checkpoint?.TreeSize ?? 0, entriesRead, evidence)
        {
            Cosignatures = cosignatures,
            State = fault == LogFault.None ? new MonitorState(note, range!.Nodes) : null,
        };

    public async Task Verify(
        bool full, IReadOnlyList<string> peers, IReadOnlyList<byte[]> receipts, CancellationToken cancellation)
    {
        note = await source.ReadCheckpoint(cancellation) ?? throw new LogUnreachableException("the log serves no checkpoint yet");
        evidence.Add(note);
        (checkpoint, cosignatures) = ReadCheckpoint(note, witnesses, "the checkpoint");
        if (seen is not null && checkpoint.TreeSize < seen.TreeSize)
        {
            throw new LogFaultException(
                LogFault.Shrunk, $"the log has {checkpoint.TreeSize} entries; it had {seen.TreeSize} when it was looked at before");
        }
        var tree = new TiledTree(source, checkpoint.TreeSize);
        if (seen is not null)
        {
            // Two signatures over one size need no tiles to contradict each other.
            RefuseSplit(seen, checkpoint, "seen before");
        }
        await VerifyTiles(tree, cancellation);
        if (seen is not null)
        {
            await Contains(tree, seen, "seen before", cancellation);
        }
        await ReadEntries(tree, full, cancellation);
        foreach (var peer in peers)
        {
            await ComparePeer(tree, peer, cancellation);
        }
        foreach (var receipt in receipts)
        {
            await FindReceipt(tree, receipt, cancellation);
        }
    }

    // When tiles and root disagree, the entries say which of them is wrong.
    async Task VerifyTiles(TiledTree tree, CancellationToken cancellation)
    {
        try
        {
            await tree.Verify(checkpoint!.Root, cancellation);
        }
        catch (LogFaultException exception) when (exception.Fault == LogFault.StaleTile)
        {
            var root = await RootOfEntries(tree.Size, cancellation);
            if (root != checkpoint!.Root && root == await tree.Root(tree.Size, cancellation))
            {
                throw new LogFaultException(
                    LogFault.WrongRoot, $"the log signed the root {checkpoint.Root} for {tree.Size} entries whose root is {root}");
            }
            throw;
        }
    }

    async Task<ContentHash> RootOfEntries(ulong size, CancellationToken cancellation)
    {
        var whole = new CompactRange();
        foreach (var bundle in LogTile.Of(LogTile.Entries, size))
        {
            var bytes = await TiledTree.Read(source, bundle, cancellation);
            for (var slot = 0; slot < bundle.Width; slot++)
            {
                whole.Append(LeafHash(bytes, slot, whole.Size));
            }
        }
        return whole.Root();
    }

    (Checkpoint Checkpoint, IReadOnlyList<Cosignature> Cosignatures) ReadCheckpoint(string text, WitnessPolicy policy, string subject)
    {
        try
        {
            var signed = SignedNote.Parse(Encoding.UTF8.GetBytes(text));
            var parsed = Checkpoint.Parse(signed.Text);
            var (held, problem) = policy.Check(signed);
            problem = CheckpointSignature.Problem(signed, parsed, logKey, subject) ?? problem;
            return problem is null ? (parsed, held) : throw new LogFaultException(LogFault.BadCheckpoint, problem);
        }
        catch (ProofFormatException exception)
        {
            throw new LogFaultException(LogFault.BadCheckpoint, $"{subject} is none: {exception.Message}");
        }
    }

    static void RefuseSplit(Checkpoint one, Checkpoint other, string whose)
    {
        if (one.TreeSize == other.TreeSize && one.Root != other.Root)
        {
            throw new LogFaultException(
                LogFault.SplitView,
                $"the log signed two roots for {one.TreeSize} entries: {other.Root} here, {one.Root} {whose}");
        }
    }

    // The tiles lead to the root that is signed; so when they do not contain the older tree, the signed tree does not either.
    static async Task Contains(TiledTree tree, Checkpoint older, string whose, CancellationToken cancellation)
    {
        if (older.TreeSize == 0)
        {
            return;
        }
        var proof = await tree.ConsistencyProof(older.TreeSize, cancellation);
        var root = await tree.Root(tree.Size, cancellation);
        if (!Merkle.VerifyConsistency(older.TreeSize, tree.Size, proof, older.Root, root))
        {
            throw new LogFaultException(
                LogFault.Fork,
                $"the log's tree of {tree.Size} entries does not contain its tree of {older.TreeSize} entries {whose}: it was forked");
        }
    }

    async Task ReadEntries(TiledTree tree, bool full, CancellationToken cancellation)
    {
        range = full || state is null ? new CompactRange() : state.Range();
        foreach (var bundle in LogTile.Of(LogTile.Entries, tree.Size, range.Size >> LogTile.Height))
        {
            var bytes = await TiledTree.Read(source, bundle, cancellation);
            for (var slot = 0; slot < bundle.Width; slot++)
            {
                var index = (bundle.Index << LogTile.Height) + (ulong)slot;
                var hash = LeafHash(bytes, slot, index);
                if (hash != await tree.LeafHash(index, cancellation))
                {
                    throw new LogFaultException(
                        LogFault.RewrittenEntry, $"entry {index} of the log does not have the hash that its signed tree vouches for");
                }
                entriesRead++;
                if (index == range.Size)
                {
                    range.Append(hash);
                }
            }
        }
        if (range.Root() != checkpoint!.Root)
        {
            throw new LogFaultException(
                LogFault.RewrittenEntry, $"the entries of the log do not lead to the root that it signed for {tree.Size} entries");
        }
    }

    static ContentHash LeafHash(byte[] bundle, int slot, ulong index)
    {
        var entry = bundle.AsSpan(slot * LogTile.BundledEntrySizeBytes, LogTile.BundledEntrySizeBytes);
        return BinaryPrimitives.ReadUInt16BigEndian(entry) == LogLeaf.SizeBytes
            ? Merkle.LeafHash(entry[sizeof(ushort)..])
            : throw new LogFaultException(LogFault.RewrittenEntry, $"entry {index} of the log is not one of {LogLeaf.SizeBytes} bytes");
    }

    async Task ComparePeer(TiledTree tree, string peer, CancellationToken cancellation)
    {
        evidence.Add(peer);
        var (other, _) = ReadCheckpoint(peer, WitnessPolicy.None, "the checkpoint that another one saw");
        RefuseSplit(other, checkpoint!, "that another one saw");
        if (other.TreeSize <= tree.Size)
        {
            await Contains(tree, other, "that another one saw", cancellation);
        }
        else if (!await IsContained(other, cancellation))
        {
            throw new LogFaultException(
                LogFault.Fork,
                $"the log's tree of {other.TreeSize} entries that another one saw does not contain the one of {tree.Size} entries here");
        }
        _ = evidence.Remove(peer);
    }

    // A peer that is ahead can be compared once the log serves the tiles up to there.
    async Task<bool> IsContained(Checkpoint larger, CancellationToken cancellation)
    {
        var ahead = new TiledTree(source, larger.TreeSize);
        try
        {
            await ahead.Verify(larger.Root, cancellation);
        }
        catch (LogFaultException exception) when (exception.Fault is LogFault.MissingTile or LogFault.StaleTile)
        {
            // Tiles that are there up to that size and lead elsewhere are those of another tree.
            return exception.Fault == LogFault.MissingTile;
        }
        var proof = checkpoint!.TreeSize == 0 ? [] : await ahead.ConsistencyProof(checkpoint.TreeSize, cancellation);
        return checkpoint.TreeSize == 0
            || Merkle.VerifyConsistency(checkpoint.TreeSize, larger.TreeSize, proof, checkpoint.Root, larger.Root);
    }

    async Task FindReceipt(TiledTree tree, byte[] file, CancellationToken cancellation)
    {
        if (ReceiptVerifier.Verify(file, logKey) is not ValidReceipt valid)
        {
            throw new LogFaultException(LogFault.BadCheckpoint, "a receipt that should be in the log is not valid: verify it first");
        }
        var proof = TlogProof.Parse(file);
        evidence.Add(proof.CheckpointNote);
        var leaf = LogLeaf.Of(
            LogEntryKind.Receipt, valid.Index, proof.Extra.AsSpan(0, LogLeaf.SaltSizeBytes),
            proof.Extra.AsSpan(LogLeaf.SaltSizeBytes));
        if (valid.Index >= tree.Size)
        {
            throw new LogFaultException(
                LogFault.DroppedReceipt,
                $"receipt {valid.Receipt.Id} was entry {valid.Index} of a tree that the log signed; the log now has {tree.Size} entries");
        }
        if (await tree.LeafHash(valid.Index, cancellation) != leaf.Hash())
        {
            throw new LogFaultException(
                LogFault.DroppedReceipt, $"entry {valid.Index} of the log is no longer receipt {valid.Receipt.Id}, which it signed");
        }
        _ = evidence.Remove(proof.CheckpointNote);
    }
}
