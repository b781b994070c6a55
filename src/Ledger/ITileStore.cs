using System.Collections.Concurrent;
using System.Text;

namespace OpenLedger.Ledger;

/// <summary>A tile with its bytes: hashes one after the other, or entries, each behind its 16-bit big-endian length.</summary>
public readonly record struct TileContent(LogTile Tile, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// Where the tiles of one log are kept, C2SP <c>tlog-tiles</c>, and the checkpoint that was published last. Everything in it follows from
/// the journal: writing a tile again writes the same bytes, and a lost one is written again by replaying. Safe for several threads.
/// </summary>
public interface ITileStore
{
    /// <summary>Bytes of a checkpoint with its signatures.</summary>
    const int CheckpointSizeBytesMax = 1 << 16;

    /// <summary>The bytes of a tile of exactly this width, or null.</summary>
    /// <exception cref="TileStoreException">The store cannot be read.</exception>
    byte[]? Read(LogTile tile);

    /// <summary>
    /// Writes tiles, each wholly or not at all; they can be read at once, and are durable after <see cref="Flush"/>. A full tile replaces
    /// the partial ones of its place.
    /// </summary>
    /// <exception cref="TileStoreException">Which of them were written is unknown: write them again.</exception>
    void Write(IReadOnlyList<TileContent> tiles);

    /// <summary>Makes everything written so far durable.</summary>
    /// <exception cref="TileStoreException">What was written since the last flush may be lost.</exception>
    void Flush();

    /// <summary>
    /// Returns when nothing is being written beside the caller any more, so that another may take the store over. What could not be
    /// written is not told here: a ledger that is opened again writes it.
    /// </summary>
    void Settle()
    {
    }

    /// <summary>The checkpoint published last, or null.</summary>
    string? ReadCheckpoint();

    /// <summary>
    /// Publishes a signed checkpoint, durably, in place of the one before. One that is smaller than what is there is passed over: the log
    /// only grows.
    /// </summary>
    void WriteCheckpoint(ulong treeSize, string note);
}

/// <summary>A log's tiles cannot be read or written.</summary>
public sealed class TileStoreException(string message, Exception inner) : UserErrorException(message, inner);

/// <summary>Tiles in memory, for tests and for silos that keep nothing: it grows with the log.</summary>
public sealed class MemoryTileStore : ITileStore
{
    readonly ConcurrentDictionary<LogTile, byte[]> tiles = new();
    readonly Lock gate = new();
    (ulong TreeSize, string Note)? checkpoint;

    /// <summary>Tiles in it.</summary>
    public int Count => tiles.Count;

    public byte[]? Read(LogTile tile) => tiles.TryGetValue(tile, out var bytes) ? [.. bytes] : null;

    public void Write(IReadOnlyList<TileContent> tiles)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        foreach (var (tile, bytes) in tiles)
        {
            this.tiles[tile] = bytes.ToArray();
            for (var width = 1; tile.IsFull && width < LogTile.WidthMax; width++)
            {
                _ = this.tiles.TryRemove(tile with { Width = width }, out _);
            }
        }
    }

    public void Flush()
    {
    }

    public string? ReadCheckpoint()
    {
        lock (gate)
        {
            return checkpoint?.Note;
        }
    }

    public void WriteCheckpoint(ulong treeSize, string note)
    {
        PublishedCheckpoint.Check(note);
        lock (gate)
        {
            if (checkpoint is not { } before || before.TreeSize <= treeSize)
            {
                checkpoint = (treeSize, note);
            }
        }
    }
}

/// <summary>What every store asks of a checkpoint that it is to publish.</summary>
public static class PublishedCheckpoint
{
    /// <exception cref="ArgumentException">Larger than any checkpoint.</exception>
    public static void Check(string note)
    {
        ArgumentException.ThrowIfNullOrEmpty(note);
        if (Encoding.UTF8.GetByteCount(note) > ITileStore.CheckpointSizeBytesMax)
        {
            throw new ArgumentException($"a checkpoint has at most {ITileStore.CheckpointSizeBytesMax} bytes", nameof(note));
        }
    }

    /// <summary>The tree size that a published checkpoint names.</summary>
    /// <exception cref="ProofFormatException">Not a signed checkpoint.</exception>
    public static ulong TreeSizeOf(string note) => Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes(note)).Text).TreeSize;
}
