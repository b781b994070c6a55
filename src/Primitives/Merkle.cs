using System.Numerics;
using System.Security.Cryptography;

namespace OpenLedger;

/// <summary>The hashes of RFC 6962, section 2.1, and the verification of its proofs (as RFC 9162, 2.1.3.2 and 2.1.4.2 state it).</summary>
public static partial class Merkle
{
    /// <summary>The longest proof there can be: a tree of 2⁶⁴ leaves has 64 levels, and a consistency proof one hash more.</summary>
    public const int ProofLengthMax = 65;

    // Entries below this are hashed in one call, without a hasher of their own.
    const int ShortEntrySizeBytes = 256;

    /// <summary>The root of a tree without leaves: the hash of nothing.</summary>
    public static ContentHash EmptyRoot { get; } = ContentHash.Of([]);

    /// <summary>SHA-256(0x00 ‖ entry).</summary>
    public static ContentHash LeafHash(ReadOnlySpan<byte> entry)
    {
        if (entry.Length < ShortEntrySizeBytes)
        {
            Span<byte> input = stackalloc byte[ShortEntrySizeBytes];
            input[0] = 0;
            entry.CopyTo(input[1..]);
            return ContentHash.Of(input[..(1 + entry.Length)]);
        }
        using var hasher = new Sha256Hasher();
        hasher.Append([0]);
        hasher.Append(entry);
        Span<byte> hash = stackalloc byte[ContentHash.SizeBytes];
        hasher.Finish(hash);
        return new ContentHash(hash);
    }

    /// <summary>SHA-256(0x01 ‖ left ‖ right).</summary>
    public static ContentHash NodeHash(ContentHash left, ContentHash right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * ContentHash.SizeBytes)];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + ContentHash.SizeBytes)..]);
        return ContentHash.Of(input);
    }

    /// <summary>Whether the leaf stands at the index of the tree with this size and root.</summary>
    public static bool VerifyInclusion(
        ulong index, ulong treeSize, ContentHash leafHash, IReadOnlyList<ContentHash> proof, ContentHash root) =>
        TryRootFromInclusion(index, treeSize, leafHash, proof, out var calculated) && calculated == root;

    /// <summary>The root that an inclusion proof leads to; false where the proof's length does not fit the tree.</summary>
    public static bool TryRootFromInclusion(
        ulong index, ulong treeSize, ContentHash leafHash, IReadOnlyList<ContentHash> proof, out ContentHash root)
    {
        ArgumentNullException.ThrowIfNull(proof);
        root = default;
        if (index >= treeSize)
        {
            return false;
        }
        // The lowest levels, until the paths of this leaf and of the last leaf meet, are decided by the index's bits;
        // above them only left siblings are in the proof, one for each set bit.
        var inner = BitLength(index ^ (treeSize - 1));
        var border = BitOperations.PopCount(inner == 64 ? 0 : index >> inner);
        if (proof.Count != inner + border)
        {
            return false;
        }
        root = leafHash;
        for (var level = 0; level < proof.Count; level++)
        {
            var isRight = level >= inner || ((index >> level) & 1) == 1;
            root = isRight ? NodeHash(proof[level], root) : NodeHash(root, proof[level]);
        }
        return true;
    }

    /// <summary>
    /// Whether the tree of <paramref name="newSize"/> leaves is the tree of <paramref name="oldSize"/> leaves with more appended.
    /// A proof from the empty tree says nothing about the new root and is refused.
    /// </summary>
    public static bool VerifyConsistency(
        ulong oldSize, ulong newSize, IReadOnlyList<ContentHash> proof, ContentHash oldRoot, ContentHash newRoot)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (oldSize > newSize)
        {
            return false;
        }
        if (oldSize == newSize)
        {
            return proof.Count == 0 && oldRoot == newRoot && (oldSize != 0 || oldRoot == EmptyRoot);
        }
        if (oldSize == 0 || proof.Count is 0 or > ProofLengthMax)
        {
            return false;
        }
        var node = oldSize - 1;
        var last = newSize - 1;
        while ((node & 1) == 1)
        {
            node >>= 1;
            last >>= 1;
        }
        // An old tree that is a perfect subtree is its own first hash, which the proof leaves out.
        var at = BitOperations.IsPow2(oldSize) ? 0 : 1;
        var oldHash = at == 0 ? oldRoot : proof[0];
        var newHash = oldHash;
        for (; at < proof.Count; at++)
        {
            if (last == 0)
            {
                return false;
            }
            if ((node & 1) == 1 || node == last)
            {
                oldHash = NodeHash(proof[at], oldHash);
                newHash = NodeHash(proof[at], newHash);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                newHash = NodeHash(newHash, proof[at]);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && oldHash == oldRoot && newHash == newRoot;
    }

    static int BitLength(ulong value) => 64 - BitOperations.LeadingZeroCount(value);
}
