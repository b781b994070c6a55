using System.Buffers.Binary;
using System.Numerics;

namespace OpenLedger.Ledger;

/// <summary>
/// An RFC 6962 tree over the entries of a log, kept as C2SP tiles in a store. In memory are only the tiles that are not yet full, those
/// that are not yet written (at most <see cref="WaitingMax"/>), and a bounded cache; none of it grows with the log. Appending costs two
/// hashes and no allocation for each leaf. Not safe for several threads.
/// </summary>
public sealed partial class MerkleLog
{
    /// <summary>Full tiles that may wait for <see cref="Flush"/>; more are written without being asked.</summary>
    public const int WaitingMax = 128;

    /// <summary>Tiles in the cache, 16 KiB each, unless told otherwise.</summary>
    public const int CachedTilesDefault = 512;

    readonly ITileStore store;
    readonly TileCache cache;
    readonly TileNodes?[] edge = new TileNodes?[LogTile.LevelMax + 1];
    readonly byte[] entries = new byte[LogTile.WidthMax * LogTile.BundledEntrySizeBytes];
    readonly List<TileContent> waiting = [];
    TileNodes? spare;

    /// <param name="store">Keeps the tiles; it stays the caller's. Null keeps them in memory.</param>
    /// <param name="cachedTiles">Tiles that are cached, 16 KiB each.</param>
    public MerkleLog(ITileStore? store = null, int cachedTiles = CachedTilesDefault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cachedTiles, 1);
        this.store = store ?? new MemoryTileStore();
        cache = new TileCache(cachedTiles);
    }

    /// <summary>Leaves so far.</summary>
    public ulong Size { get; private set; }

    /// <summary>The root over all leaves.</summary>
    public ContentHash Root
    {
        get
        {
            if (Size == 0)
            {
                return Merkle.EmptyRoot;
            }
            Span<byte> pair = stackalloc byte[2 * ContentHash.SizeBytes];
            var root = pair[ContentHash.SizeBytes..];
            var level = BitOperations.TrailingZeroCount(Size);
            EdgeNode(level).CopyTo(root);
            for (level++; level < 64; level++)
            {
                if (((Size >> level) & 1) == 1)
                {
                    EdgeNode(level).CopyTo(pair);
                    TreeHasher.Node(pair, root);
                }
            }
            return new ContentHash(root);
        }
    }

    /// <summary>Appends an entry and returns its index. The tiles that it completes are written by <see cref="Flush"/>.</summary>
    /// <exception cref="TileStoreException">
    /// So many were waiting that they had to be written, and could not: open the log again.
    /// </exception>
    public ulong Append(in LogLeaf leaf)
    {
        var index = Size;
        var slot = (int)(index & (LogTile.WidthMax - 1));
        var entry = entries.AsSpan(slot * LogTile.BundledEntrySizeBytes, LogTile.BundledEntrySizeBytes);
        BinaryPrimitives.WriteUInt16BigEndian(entry, LogLeaf.SizeBytes);
        leaf.CopyTo(entry[sizeof(ushort)..]);
        TreeHasher.Leaf(entry[sizeof(ushort)..], EdgeTile(0).Node(0, slot));
        Size++;
        if ((index & 1) == 1)
        {
            Carry(index);
        }
        return index;
    }

    /// <summary>
    /// Writes the full tiles that were completed since the last time; they are durable after <see cref="ITileStore.Flush"/>, which
    /// <see cref="SaveEdge"/> and <see cref="Publish"/> see to. Call it after each group of leaves.
    /// </summary>
    /// <exception cref="TileStoreException">They stay waiting: the next call writes them again.</exception>
    public void Flush()
    {
        if (waiting.Count > 0)
        {
            store.Write(waiting);
            waiting.Clear();
        }
    }

    /// <summary>
    /// Makes all tiles of the present size durable, the partial ones too: a checkpoint over this size may be published when it returns.
    /// </summary>
    public void Publish()
    {
        Flush();
        store.Write(PartialTiles());
        store.Flush();
    }

    /// <summary>The tiles of the present size that are not full, with their bytes.</summary>
    public IReadOnlyList<TileContent> PartialTiles()
    {
        var partial = new List<TileContent>();
        for (var level = 0; level <= LogTile.LevelMax; level++)
        {
            var width = EdgeWidth(level);
            if (width > 0)
            {
                var tile = new LogTile(level, Size >> (LogTile.Height * (level + 1)), width);
                partial.Add(new TileContent(tile, edge[level]!.Hashes(width).ToArray()));
            }
        }
        if (EdgeWidth(0) is > 0 and var count)
        {
            var bundle = new LogTile(LogTile.Entries, Size >> LogTile.Height, count);
            partial.Add(new TileContent(bundle, entries.AsSpan(0, bundle.SizeBytes).ToArray()));
        }
        return partial;
    }

    // The node at index of level 0 is the right one of a pair: hashes the parents that became complete, and hands full tiles on.
    void Carry(ulong index)
    {
        for (var level = 0; (index & 1) == 1; level++, index >>= 1)
        {
            var (tileLevel, inner) = (level / LogTile.Height, level % LogTile.Height);
            var mask = (LogTile.WidthMax >> inner) - 1;
            var tile = EdgeTile(tileLevel);
            var pair = tile.Pair(inner, (int)(index & (ulong)mask) - 1);
            var parent = index >> 1;
            if (inner < LogTile.Height - 1)
            {
                TreeHasher.Node(pair, tile.Node(inner + 1, (int)(parent & (ulong)(mask >> 1))));
                continue;
            }
            TreeHasher.Node(pair, EdgeTile(tileLevel + 1).Node(0, (int)(parent & (LogTile.WidthMax - 1))));
            Complete(tileLevel, parent, tile);
        }
    }

    void Complete(int level, ulong index, TileNodes tile)
    {
        waiting.Add(new TileContent(new LogTile(level, index, LogTile.WidthMax), tile.Hashes(LogTile.WidthMax).ToArray()));
        if (level == 0)
        {
            waiting.Add(new TileContent(new LogTile(LogTile.Entries, index, LogTile.WidthMax), entries.AsSpan().ToArray()));
        }
        edge[level] = null;
        spare = cache.Add(level, index, tile);
        if (waiting.Count >= WaitingMax)
        {
            Flush();
        }
    }

    TileNodes EdgeTile(int level)
    {
        if (edge[level] is { } tile)
        {
            return tile;
        }
        tile = spare ?? new TileNodes();
        spare = null;
        edge[level] = tile;
        return tile;
    }

    // Hashes in the last, partial tile of a level.
    int EdgeWidth(int level) => (int)((Size >> (LogTile.Height * level)) & (LogTile.WidthMax - 1));

    // The root of the perfect subtree that the set bit of the size stands for: always in a tile that is not full.
    ReadOnlySpan<byte> EdgeNode(int level)
    {
        var inner = level % LogTile.Height;
        return edge[level / LogTile.Height]!.Node(inner, (int)(((Size >> level) - 1) & (((ulong)LogTile.WidthMax >> inner) - 1)));
    }
}
