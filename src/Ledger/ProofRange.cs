using System.Numerics;

namespace OpenLedger.Ledger;

/// <summary>Leaves [start, end) whose hash is part of a proof.</summary>
readonly record struct ProofRange(ulong Start, ulong End)
{
    /// <summary>The largest power of two below a size of at least 2.</summary>
    public static ulong Split(ulong size) => 1UL << (63 - BitOperations.LeadingZeroCount(size - 1));

    /// <summary>The hashes of an inclusion proof, from the leaf's sibling upwards (RFC 6962, section 2.1.1).</summary>
    public static List<ProofRange> Inclusion(ulong index, ulong start, ulong end)
    {
        var ranges = new List<ProofRange>();
        while (end - start > 1)
        {
            var middle = start + Split(end - start);
            if (index < middle)
            {
                ranges.Add(new ProofRange(middle, end));
                end = middle;
            }
            else
            {
                ranges.Add(new ProofRange(start, middle));
                start = middle;
            }
        }
        ranges.Reverse();
        return ranges;
    }

    /// <summary>
    /// The hashes of the proof that the subtree [start, end) is part of the tree of a size
    /// (draft-ietf-plants-merkle-tree-certs, section 4.4.1; RFC 6962, section 2.1.2, where the start is 0).
    /// </summary>
    public static List<ProofRange> Consistency(ulong start, ulong end, ulong size)
    {
        var ranges = new List<ProofRange>();
        ulong left = 0, right = size;
        // Whoever verifies knows the subtree's own hash; after a part of it was split off, no longer.
        var known = true;
        while (left != start || right != end)
        {
            var middle = left + Split(right - left);
            if (end <= middle)
            {
                ranges.Add(new ProofRange(middle, right));
                right = middle;
                continue;
            }
            ranges.Add(new ProofRange(left, middle));
            known &= start >= middle;
            left = middle;
            start = Math.Max(start, middle);
        }
        if (!known)
        {
            ranges.Add(new ProofRange(left, right));
        }
        ranges.Reverse();
        return ranges;
    }
}
