namespace OpenLedger.Training;

/// <summary>SplitMix64: a small generator whose whole state is one number, the same on every version of the runtime.</summary>
/// <remarks>Steele, Lea and Flood, Fast splittable pseudorandom number generators (2014).</remarks>
struct SeededGenerator(ulong seed)
{
    const ulong Increment = 0x9E3779B97F4A7C15;

    public ulong State { get; set; } = seed;

    /// <summary>The finaliser of SplitMix64: a hash of one number.</summary>
    public static ulong Mix(ulong value)
    {
        value += Increment;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    public ulong Next()
    {
        var value = Mix(State);
        State += Increment;
        return value;
    }

    /// <summary>A number from 0 to below 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number from 0 to below <paramref name="limit"/>.</summary>
    public int NextBelow(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>A normal number of mean 0 and deviation 1, by Box and Muller's transform.</summary>
    public float NextNormal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return (float)(radius * Math.Cos(2 * Math.PI * NextDouble()));
    }

    /// <summary>Fisher and Yates' shuffle.</summary>
    public void Shuffle(Span<int> values)
    {
        for (var index = values.Length - 1; index > 0; index--)
        {
            var other = NextBelow(index + 1);
            (values[index], values[other]) = (values[other], values[index]);
        }
    }
}
