using System.Numerics;

namespace OpenLedger.Ledger;

/// <summary>
/// The right edge of an RFC 6962 tree: the roots of its perfect subtrees, largest first. Enough to append and to know the root; at most
/// 64 hashes.
/// </summary>
public sealed class CompactRange
{
    readonly List<ContentHash> nodes = [];

    /// <summary>Leaves so far.</summary>
    public ulong Size { get; private set; }

    /// <summary>Appends a leaf hash and reports every node that became complete, level 0 (the leaf) first.</summary>
    public void Append(ContentHash leafHash, Action<int, ContentHash>? completed = null)
    {
        var node = leafHash;
        completed?.Invoke(0, node);
        var level = 0;
        for (var size = Size; (size & 1) == 1; size >>= 1)
        {
            node = Merkle.NodeHash(nodes[^1], node);
            nodes.RemoveAt(nodes.Count - 1);
            completed?.Invoke(++level, node);
        }
        nodes.Add(node);
        Size++;
    }

    /// <summary>The root of the tree.</summary>
    public ContentHash Root()
    {
        if (nodes.Count == 0)
        {
            return Merkle.EmptyRoot;
        }
        var root = nodes[^1];
        for (var i = nodes.Count - 2; i >= 0; i--)
        {
            root = Merkle.NodeHash(nodes[i], root);
        }
        return root;
    }
}

/// <summary>An RFC 6962 tree with all of its complete nodes (64 bytes a leaf): makes inclusion and consistency proofs.</summary>
public sealed class MerkleLog
{
    readonly CompactRange range = new();
    readonly List<SteppedList<ContentHash>> levels = [];

    /// <summary>Leaves so far.</summary>
    public ulong Size => range.Size;

    public ContentHash Root => range.Root();

    /// <summary>Appends a leaf hash and returns its index.</summary>
    public ulong Append(ContentHash leafHash)
    {
        var index = range.Size;
        range.Append(leafHash, Store);
        return index;
    }

    public ContentHash LeafHash(ulong index) => levels[0][checked((int)index)];

    /// <summary>The root when the log had this size.</summary>
    public ContentHash RootAt(ulong size)
    {
        CheckSize(size);
        return size == 0 ? Merkle.EmptyRoot : Subtree(0, size);
    }

    /// <summary>The proof that the leaf stands at the index of the tree of a size, from the leaf's sibling upwards.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such leaf, or the log is smaller.</exception>
    public IReadOnlyList<ContentHash> InclusionProof(ulong index, ulong size)
    {
        CheckSize(size);
        if (index >= size)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"the tree has {size} leaves");
        }
        var proof = new List<ContentHash>();
        ulong start = 0, end = size;
        while (end - start > 1)
        {
            var middle = start + Split(end - start);
            if (index < middle)
            {
                proof.Add(Subtree(middle, end));
                end = middle;
            }
            else
            {
                proof.Add(Subtree(start, middle));
                start = middle;
            }
        }
        proof.Reverse();
        return proof;
    }

    /// <summary>The proof that the tree of the new size is that of the old size with more appended.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The old tree is empty or larger than the new one, or the log is smaller.</exception>
    public IReadOnlyList<ContentHash> ConsistencyProof(ulong oldSize, ulong newSize)
    {
        CheckSize(newSize);
        if (oldSize == 0 || oldSize > newSize)
        {
            throw new ArgumentOutOfRangeException(nameof(oldSize), oldSize, $"not between 1 and {newSize}");
        }
        var proof = new List<ContentHash>();
        ulong start = 0, end = newSize;
        while (end != oldSize)
        {
            var middle = start + Split(end - start);
            if (oldSize <= middle)
            {
                proof.Add(Subtree(middle, end));
                end = middle;
            }
            else
            {
                proof.Add(Subtree(start, middle));
                start = middle;
            }
        }
        // The old tree's own last subtree is known to whoever knows the old root, if it is the whole of it.
        if (start != 0)
        {
            proof.Add(Subtree(start, end));
        }
        proof.Reverse();
        return proof;
    }

    // The largest power of two below a size of at least 2.
    static ulong Split(ulong size) => 1UL << (63 - BitOperations.LeadingZeroCount(size - 1));

    // Hash of the leaves [start, end), where start is a multiple of the smallest power of two that is not below the length.
    ContentHash Subtree(ulong start, ulong end)
    {
        var length = end - start;
        if (BitOperations.IsPow2(length))
        {
            var level = BitOperations.TrailingZeroCount(length);
            return levels[level][checked((int)(start >> level))];
        }
        var middle = start + Split(length);
        return Merkle.NodeHash(Subtree(start, middle), Subtree(middle, end));
    }

    void Store(int level, ContentHash node)
    {
        if (level == levels.Count)
        {
            levels.Add(new SteppedList<ContentHash>());
        }
        _ = levels[level].Add(node);
    }

    void CheckSize(ulong size)
    {
        if (size > Size)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, $"the log has {Size} leaves");
        }
    }
}
