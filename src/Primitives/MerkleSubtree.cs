using System.Numerics;

namespace OpenLedger;

/// <content>
/// Subtrees [start, end) of a tree, and their proofs, as draft-ietf-plants-merkle-tree-certs states them in section 4.
/// </content>
public static partial class Merkle
{
    /// <summary>
    /// Whether [start, end) is a subtree: not empty, and its start is a multiple of the smallest power of two that is not below its
    /// length. Then it is the tree of its leaves in every tree that has them (section 4.1).
    /// </summary>
    public static bool IsSubtree(ulong start, ulong end)
    {
        if (start >= end)
        {
            return false;
        }
        // A length above 2⁶³ has no power of two above it within 64 bits: only 0 is a multiple of 2⁶⁴.
        var length = end - start;
        return length > 1UL << 63 ? start == 0 : (start & (BitOperations.RoundUpToPowerOf2(length) - 1)) == 0;
    }

    /// <summary>Whether the leaf stands at its index of the log, within the subtree with this root (section 4.3).</summary>
    /// <param name="index">Index of the leaf in the whole log.</param>
    public static bool VerifySubtreeInclusion(
        ulong index, ulong start, ulong end, ContentHash leafHash, IReadOnlyList<ContentHash> proof, ContentHash root) =>
        IsSubtree(start, end) && index >= start && VerifyInclusion(index - start, end - start, leafHash, proof, root);

    /// <summary>
    /// Whether the subtree [start, end) with this root is part of the tree of a size with its root (section 4.4.3). An empty range is
    /// part of every tree that reaches it: it says nothing about the tree's root, and its own is that of no leaves.
    /// </summary>
    public static bool VerifySubtreeConsistency(
        ulong start, ulong end, ulong size, IReadOnlyList<ContentHash> proof, ContentHash subtreeRoot, ContentHash root)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (start == end)
        {
            return end <= size && proof.Count == 0 && subtreeRoot == EmptyRoot && (size != 0 || root == EmptyRoot);
        }
        if (!IsSubtree(start, end) || end > size || proof.Count > ProofLengthMax)
        {
            return false;
        }
        var (first, last, treeLast) = (start, end - 1, size - 1);
        while (first != last && (last == treeLast || (last & 1) == 1))
        {
            (first, last, treeLast) = (first >> 1, last >> 1, treeLast >> 1);
        }
        // A perfect subtree, or one that ends where the tree does, is its own first hash, which the proof leaves out.
        var at = first == last ? 0 : 1;
        if (proof.Count < at)
        {
            return false;
        }
        var subtreeHash = at == 0 ? subtreeRoot : proof[0];
        var treeHash = subtreeHash;
        for (; at < proof.Count; at++)
        {
            if (treeLast == 0)
            {
                return false;
            }
            if ((last & 1) == 1 || last == treeLast)
            {
                subtreeHash = first < last ? NodeHash(proof[at], subtreeHash) : subtreeHash;
                treeHash = NodeHash(proof[at], treeHash);
                while (last != 0 && (last & 1) == 0)
                {
                    (first, last, treeLast) = (first >> 1, last >> 1, treeLast >> 1);
                }
            }
            else
            {
                treeHash = NodeHash(treeHash, proof[at]);
            }
            (first, last, treeLast) = (first >> 1, last >> 1, treeLast >> 1);
        }
        return treeLast == 0 && subtreeHash == subtreeRoot && treeHash == root;
    }
}
