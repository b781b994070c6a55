using System.Numerics;

namespace OpenLedger.Ledger;

/// <content>Roots and proofs.</content>
public sealed partial class MerkleLog
{
    /// <summary>The hash of a leaf.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such leaf.</exception>
    public ContentHash LeafHash(ulong index) => index < Size
        ? Node(0, index)
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"the log has {Size} leaves");

    /// <summary>The root when the log had this size.</summary>
    public ContentHash RootAt(ulong size)
    {
        CheckSize(size);
        return size == 0 ? Merkle.EmptyRoot : size == Size ? Root : Hash(0, size);
    }

    /// <summary>The root of the subtree [start, end).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no subtree, or the log is smaller.</exception>
    public ContentHash SubtreeRoot(ulong start, ulong end)
    {
        CheckSubtree(start, end);
        return Hash(start, end);
    }

    /// <summary>The proof that the leaf stands at the index of the tree of a size, from the leaf's sibling upwards.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such leaf, or the log is smaller.</exception>
    public IReadOnlyList<ContentHash> InclusionProof(ulong index, ulong size)
    {
        CheckSize(size);
        return Inclusion(index, 0, size);
    }

    /// <summary>The proof that the leaf is in the subtree [start, end), for <see cref="Merkle.VerifySubtreeInclusion"/>.</summary>
    /// <param name="index">Index of the leaf in the whole log.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is no subtree, the leaf is not in it, or the log is smaller.</exception>
    public IReadOnlyList<ContentHash> SubtreeInclusionProof(ulong index, ulong start, ulong end)
    {
        CheckSubtree(start, end);
        return Inclusion(index, start, end);
    }

    /// <summary>The proof that the tree of the new size is that of the old size with more appended.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The old tree is empty or larger than the new one, or the log is smaller.</exception>
    public IReadOnlyList<ContentHash> ConsistencyProof(ulong oldSize, ulong newSize)
    {
        CheckSize(newSize);
        return oldSize == 0 || oldSize > newSize
            ? throw new ArgumentOutOfRangeException(nameof(oldSize), oldSize, $"not between 1 and {newSize}")
            : SubtreeConsistencyProof(0, oldSize, newSize);
    }

    /// <summary>
    /// The proof that the subtree [start, end) is part of the tree of a size, for <see cref="Merkle.VerifySubtreeConsistency"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no subtree, does not fit the tree, or the log is smaller.</exception>
    public IReadOnlyList<ContentHash> SubtreeConsistencyProof(ulong start, ulong end, ulong size)
    {
        CheckSize(size);
        CheckSubtree(start, end);
        if (end > size)
        {
            throw new ArgumentOutOfRangeException(nameof(end), end, $"the tree has {size} leaves");
        }
        return Hashes(ProofRange.Consistency(start, end, size));
    }

    ContentHash[] Inclusion(ulong index, ulong start, ulong end) => index >= start && index < end
        ? Hashes(ProofRange.Inclusion(index, start, end))
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"the tree has the leaves {start} to {end}, without the last");

    ContentHash[] Hashes(List<ProofRange> ranges)
    {
        var hashes = new ContentHash[ranges.Count];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = Hash(ranges[i].Start, ranges[i].End);
        }
        return hashes;
    }

    // Hash of the leaves [start, end), where start is a multiple of the smallest power of two that is not below the length.
    ContentHash Hash(ulong start, ulong end)
    {
        var length = end - start;
        if (BitOperations.IsPow2(length))
        {
            var level = BitOperations.TrailingZeroCount(length);
            return Node(level, start >> level);
        }
        var middle = start + ProofRange.Split(length);
        return Merkle.NodeHash(Hash(start, middle), Hash(middle, end));
    }

    // The hash of a complete subtree of 2^level leaves.
    ContentHash Node(int level, ulong index)
    {
        var (tileLevel, inner) = (level / LogTile.Height, level % LogTile.Height);
        var tile = TileAt(tileLevel, index >> (LogTile.Height - inner));
        return new ContentHash(tile.Node(inner, (int)(index & (((ulong)LogTile.WidthMax >> inner) - 1))));
    }

    TileNodes TileAt(int level, ulong index)
    {
        var shift = LogTile.Height * (level + 1);
        return index == (shift < 64 ? Size >> shift : 0) ? edge[level]! : cache.Find(level, index) ?? Load(level, index);
    }

    // A tile comes from a place that anybody may have touched: it must have the hash that the level above vouches for.
    TileNodes Load(int level, ulong index)
    {
        var tile = new LogTile(level, index, LogTile.WidthMax);
        var bytes = Waiting(tile) ?? store.Read(tile) ?? throw new TileDamagedException(tile, "is missing");
        if (bytes.Length != LogTile.SizeBytesMax)
        {
            throw new TileDamagedException(tile, $"has {bytes.Length} bytes");
        }
        var nodes = spare ?? new TileNodes();
        spare = null;
        nodes.Fill(bytes);
        Span<byte> root = stackalloc byte[ContentHash.SizeBytes];
        TreeHasher.Node(nodes.Pair(LogTile.Height - 1, 0), root);
        if (new ContentHash(root) != Node(LogTile.Height * (level + 1), index))
        {
            throw new TileDamagedException(tile, "does not hold what the log's root vouches for");
        }
        spare = cache.Add(level, index, nodes);
        return nodes;
    }

    byte[]? Waiting(LogTile tile)
    {
        foreach (var (each, bytes) in waiting)
        {
            if (each == tile)
            {
                return bytes.ToArray();
            }
        }
        return null;
    }

    void CheckSize(ulong size)
    {
        if (size > Size)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, $"the log has {Size} leaves");
        }
    }

    void CheckSubtree(ulong start, ulong end)
    {
        CheckSize(end);
        if (!Merkle.IsSubtree(start, end))
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), start, $"not a multiple of the smallest power of two that is not below the length of [{start}, {end})");
        }
    }
}

/// <summary>A tile of the log is missing or damaged.</summary>
public sealed class TileDamagedException(LogTile tile, string problem)
    : UserErrorException(
        $"{tile.Path} of the log {problem}: tiles follow from the journal, and replaying it without a snapshot writes them")
{
    public LogTile Tile { get; } = tile;
}
