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

    /// <summary>The roots of its perfect subtrees, the largest first: one for each set bit of the size.</summary>
    public IReadOnlyList<ContentHash> Nodes => nodes;

    /// <summary>A range that was saved as its size and nodes.</summary>
    /// <exception cref="ArgumentException">Not as many nodes as the size has set bits.</exception>
    public static CompactRange Restore(ulong size, IReadOnlyCollection<ContentHash> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        if (nodes.Count != BitOperations.PopCount(size))
        {
            throw new ArgumentException(
                $"a tree of {size} leaves has {BitOperations.PopCount(size)} nodes, not {nodes.Count}", nameof(nodes));
        }
        var range = new CompactRange { Size = size };
        range.nodes.AddRange(nodes);
        return range;
    }

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
