using System.Text;

namespace OpenLedger.Training.Corpora;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, 2014). Its sequence is fixed by this file alone, so that a corpus or a sample drawn with a seed
/// is the same on every platform and with every version of the runtime.
/// </summary>
public sealed class StableRandom(ulong seed)
{
    ulong state = seed;

    /// <summary>A generator for one named thing: the same parts give the same sequence wherever they are drawn.</summary>
    public static StableRandom For(ulong seed, string name, ulong index = 0) => new(Mix(seed ^ Mix(Hash(name) + Mix(index))));

    /// <summary>FNV-1a over the UTF-8 bytes, 64 bits.</summary>
    public static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ octet) * 1099511628211UL;
        return Mix(hash);
    }

    public ulong NextUInt64()
    {
        state += 0x9E3779B97F4A7C15UL;
        return Mix(state);
    }

    /// <summary>A number from zero up to, not including, <paramref name="bound"/>; the modulo bias is below 2⁻³².</summary>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)(NextUInt64() % (ulong)bound);
    }

    /// <summary>True with the given probability in percent.</summary>
    public bool Percent(int share) => Next(100) < share;

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>Fisher–Yates, in place.</summary>
    public void Shuffle<T>(IList<T> items)
    {
        for (var last = items.Count - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
