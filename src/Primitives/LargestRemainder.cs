using System.Numerics;

namespace OpenLedger;

/// <summary>
/// Splits a whole number by weights so that the parts sum to it exactly (Hamilton's method): everyone gets the floor of the exact
/// share, and what is left goes, one unit each, to the largest remainders. Ties go to the smaller index, so callers sort by account.
/// </summary>
public static class LargestRemainder
{
    /// <summary>The most parts of one split.</summary>
    public const int PartCountMax = 1_000_000;

    /// <summary>
    /// Parts in the order of the weights. A part differs from the exact share by less than 1, and a weight of zero gets nothing.
    /// Where every weight is zero there is nothing to weigh by, and the parts are as equal as whole numbers allow.
    /// </summary>
    /// <exception cref="ArgumentException">No weights, or more than <see cref="PartCountMax"/>.</exception>
    public static UInt128[] Split(UInt128 total, IReadOnlyList<UInt128> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Count is 0 or > PartCountMax)
        {
            throw new ArgumentException($"a split has 1 to {PartCountMax} weights, not {weights.Count}", nameof(weights));
        }
        var sum = BigInteger.Zero;
        for (var i = 0; i < weights.Count; i++)
        {
            sum += weights[i];
        }
        var allZero = sum.IsZero;
        if (allZero)
        {
            sum = weights.Count;
        }
        var parts = new UInt128[weights.Count];
        var remainders = new BigInteger[weights.Count];
        var rest = total;
        for (var i = 0; i < parts.Length; i++)
        {
            // The product has up to 256 bits.
            var product = (BigInteger)total * (allZero ? BigInteger.One : weights[i]);
            var quotient = BigInteger.DivRem(product, sum, out remainders[i]);
            parts[i] = (UInt128)quotient;
            rest -= parts[i];
        }
        GiveRest(parts, remainders, rest);
        return parts;
    }

    /// <inheritdoc cref="Split(UInt128, IReadOnlyList{UInt128})"/>
    public static UInt128[] Split(UInt128 total, IReadOnlyList<ulong> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var wide = new UInt128[weights.Count];
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] = weights[i];
        }
        return Split(total, wide);
    }

    static void GiveRest(UInt128[] parts, BigInteger[] remainders, UInt128 rest)
    {
        if (rest == UInt128.Zero)
        {
            return;
        }
        // The remainders sum to rest × the sum of weights, and each is below that sum, so rest is below their number and
        // every unit lands on a part whose remainder is not zero.
        var order = new int[parts.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
        Array.Sort(order, (left, right) =>
        {
            var byRemainder = remainders[right].CompareTo(remainders[left]);
            return byRemainder != 0 ? byRemainder : left.CompareTo(right);
        });
        for (var i = 0; i < (int)rest; i++)
        {
            parts[order[i]] += UInt128.One;
        }
    }
}
